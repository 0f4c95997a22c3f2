# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Texts and numbers that a network's options take. Pure.

libvirt writes some of them into its XML without escaping them, and all that is served into dnsmasq's configuration,
where a comma or a line break would begin something else. So only what its own schema allows is taken.
"""

from __future__ import annotations

import re
import typing as t

from .._domain_xml.texts import check_line
from .._errors import InvalidInputError

_TOP = 2**32 - 1
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_WORD = re.compile("[A-Za-z0-9_-]{1,64}")
_DEVICE = re.compile(r"[^\s/:]+")
_DUID = re.compile("[0-9A-Fa-f]{1,2}(:[0-9A-Fa-f]{1,2})+")
_MAC = re.compile("([0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}")


def _matching(pattern: re.Pattern[str], what: str) -> t.Callable[[str], t.Optional[str]]:
    return lambda value: None if pattern.fullmatch(value) else f"is not {what}"


def _device(value: str) -> str | None:
    """The kernel's rule for names of network devices."""
    right = _DEVICE.fullmatch(value) and value not in (".", "..") and len(value.encode()) < 16
    return None if right else "is not the name of a network device: up to 15 bytes without blanks, slash and colon"


def _without(characters: str) -> t.Callable[[str], t.Optional[str]]:
    def problem(value: str) -> str | None:
        found = [character for character in characters if character in value]
        return f"holds {found[0]}, which libvirt does not keep" if found else None

    return problem


def _path(value: str) -> str | None:
    return None if value.startswith("/") and '"' not in value else "is not an absolute path without quotes"


_domain_name = _matching(_NAME, "a name made of letters, digits and _.-")
_TEXTS: dict[str, t.Callable[[str], t.Optional[str]]] = {
    "bridge": _device,
    "device": _device,
    "devices": _device,
    "pf": _device,
    "zone": _matching(_WORD, "made of letters, digits and _-"),
    "domain": _domain_name,
    "dns.forwarders.domain": _domain_name,
    "dns.hosts.names": _domain_name,
    "dns.txt.name": _domain_name,
    "dns.txt.value": _without('"'),
    "dns.srv.service": _matching(_WORD, "made of letters, digits and _-"),
    "dns.srv.domain": _domain_name,
    "dns.srv.target": _domain_name,
    "addresses.tftp_root": _path,
    "addresses.dhcp.bootp_file": _without('",'),
    "addresses.dhcp.hosts.name": _domain_name,
    "addresses.dhcp.hosts.id": _matching(_DUID, "made of hexadecimal numbers with colons between them"),
    "addresses.dhcp.hosts.mac": _matching(_MAC, "a MAC address like 52:54:00:12:34:56"),
    "portgroups.name": _without("'<>&"),
}
"""What is wrong with a text, by the option without its keys; None if nothing is."""

_RANGES = {
    "mtu": (68, 65535),
    "stp_delay": (0, _TOP),
    "vlan": (0, 4094),
    "trunks": (1, 4094),
    "nat.port_start": (1, 65535),
    "nat.port_end": (1, 65535),
    "dns.srv.port": (1, 65535),
    "dns.srv.priority": (0, 65535),
    "dns.srv.weight": (0, 65535),
    "routes.metric": (1, _TOP),
    **{f"bandwidth.{way}.average": (0, _TOP) for way in ("inbound", "outbound")},
    **{f"bandwidth.{way}.{rate}": (1, _TOP) for way in ("inbound", "outbound") for rate in ("peak", "burst")},
}
"""The lowest and the highest number, by the option without its keys; port groups have the network's."""


def check_values(options: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError for the first text or number that cannot be meant."""
    for path, value in _leaves("", options):
        if isinstance(value, str):
            _check_text(path, value)
        elif isinstance(value, int):
            _check_number(path, value)


def _leaves(path: str, value: t.Any) -> t.Iterator[tuple[str, t.Any]]:
    if isinstance(value, t.Mapping):
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _leaves(path, part)
    elif value is not None:
        yield path, value


def _check_text(path: str, value: str) -> None:
    check_line(path, value)
    problem = _TEXTS[path](value) if path in _TEXTS else None
    if problem:
        raise InvalidInputError(f"{path}: {value!r} {problem}.")


def _check_number(path: str, value: int) -> None:
    low, high = _RANGES.get(path.removeprefix("portgroups."), (value, value))
    if not low <= value <= high:
        raise InvalidInputError(f"{path}: {value} is not between {low} and {high}.")
