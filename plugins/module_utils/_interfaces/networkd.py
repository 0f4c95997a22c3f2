# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: interfaces as systemd-networkd is told of them (systemd.network(5))."""

from __future__ import annotations

from .interface import MARK, Interface


def text(interface: Interface) -> str:
    """Return the `.network` file of an interface."""
    lines = [MARK, "[Match]", f"Name={interface.name}", "", "[Link]"]
    if not interface.addresses and not interface.dhcp:
        lines.append("RequiredForOnline=no")  # without an address it never is
    if interface.mtu is not None:
        lines.append(f"MTUBytes={interface.mtu}")
    lines += ["", "[Network]", "LinkLocalAddressing=no", "IPv6AcceptRA=no"]
    # An address that nobody asks anyone for is there even while the bridge has no carrier.
    lines.append("DHCP=yes" if interface.dhcp else "ConfigureWithoutCarrier=yes")
    lines += [f"Address={address}" for address in interface.addresses]
    lines += [f"DNS={address}" for address in interface.dns]
    for route in interface.routes:
        lines += ["", "[Route]", f"Destination={route.to}", f"Gateway={route.via}"]
    return "\n".join([*lines, ""])
