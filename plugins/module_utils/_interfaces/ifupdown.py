# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: interfaces as ifupdown is told of them (interfaces(5))."""

from __future__ import annotations

import typing as t

from .interface import MARK, Interface

_STANZAS = (
    "iface",
    "auto",
    "mapping",
    "source",
    "source-directory",
    "rename",
    "template",
    "no-auto-down",
    "no-scripts",
)


def text(interface: Interface) -> str:
    """Return the stanzas of an interface."""
    stanzas = [_stanza(interface, "inet6" if ":" in address else "inet", address) for address in interface.addresses]
    if interface.dhcp:
        stanzas.insert(0, [f"iface {interface.name} inet dhcp"])
    if not stanzas:
        name = interface.name
        stanzas = [
            [f"iface {name} inet manual", f"    up ip link set dev {name} up", f"    down ip link set dev {name} down"]
        ]
    if interface.mtu is not None:
        stanzas[0].append(f"    pre-up ip link set dev {interface.name} mtu {interface.mtu}")
    if interface.dns:
        stanzas[0].append(f"    dns-nameservers {' '.join(interface.dns)}")
    stanzas[-1] += [
        f"    up ip route replace {route.to} via {route.via} dev {interface.name}" for route in interface.routes
    ]
    return "\n".join([MARK, f"auto {interface.name}", *(line for stanza in stanzas for line in stanza), ""])


def _stanza(interface: Interface, family: str, address: str) -> list[str]:
    return [f"iface {interface.name} {family} static", f"    address {address}"]


def of_open_vswitch(stanzas: str) -> bool:
    """Tell from what ifquery(8) shows of an interface whether Open vSwitch's own scripts make and remove it (README.Debian)."""
    options = (line.partition(":")[0] for line in stanzas.splitlines())
    return any(option.replace("-", "_") == "ovs_type" for option in options)


def without(content: str, names: t.Collection[str]) -> str:
    """Return the content of a file without what it says of these interfaces; all else stays as it is, to the letter.

    All stanzas of an interface count, in whatever file they are, so one file alone cannot change its description.
    """
    kept: list[str] = []
    dropping = False
    for line in _logical_lines(content):
        words = line.replace("\\\n", " ").split()
        if not words or words[0].startswith("#"):
            kept.append(line)  # it may belong to what follows
            continue
        if words[0] in _STANZAS or words[0].startswith("allow-"):
            dropping = words[0] == "iface" and len(words) > 1 and words[1] in names
        if not dropping:
            kept.append(_without_names(line, words, names))
    return "".join(kept)


def _without_names(line: str, words: list[str], names: t.Collection[str]) -> str:
    """Return a line that says which interfaces to bring up without these; other lines are returned as they are."""
    left = [word for word in words[1:] if word not in names]
    if not (words[0] == "auto" or words[0].startswith("allow-")) or len(left) == len(words) - 1:
        return line
    return f"{' '.join([words[0], *left])}\n" if left else ""


def _logical_lines(content: str) -> t.Iterator[str]:
    """Yield lines with their ends; one that ends in a backslash goes on in the next."""
    gathered = ""
    for line in content.splitlines(keepends=True):
        gathered += line
        if not line.endswith("\\\n"):
            yield gathered
            gathered = ""
    if gathered:
        yield gathered
