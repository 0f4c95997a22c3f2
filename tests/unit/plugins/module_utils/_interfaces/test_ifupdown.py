# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._interfaces import ifupdown
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.interface import MARK, Interface, Route

DEBIAN = """\
# This file describes the network interfaces available on your system
source /etc/network/interfaces.d/*

# The loopback network interface
auto lo
iface lo inet loopback

# The primary network interface
allow-hotplug eno1
iface eno1 inet static
    address 192.0.2.10/24
    # dns-* options are implemented by the resolvconf package
    gateway 192.0.2.1
iface eno1 inet6 auto
"""


@pytest.mark.parametrize(
    ("interface", "lines"),
    [
        (
            Interface("eno1", mtu=9000),
            [
                "iface eno1 inet manual",
                "    up ip link set dev eno1 up",
                "    down ip link set dev eno1 down",
                "    pre-up ip link set dev eno1 mtu 9000",
            ],
        ),
        (
            Interface("m0", addresses=("192.0.2.1/24", "2001:db8::1/64"), routes=(Route("0.0.0.0/0", "192.0.2.9"),)),
            [
                "iface m0 inet static",
                "    address 192.0.2.1/24",
                "iface m0 inet6 static",
                "    address 2001:db8::1/64",
                "    up ip route replace 0.0.0.0/0 via 192.0.2.9 dev m0",
            ],
        ),
        (
            Interface("m0", dhcp=True, dns=("192.0.2.3", "192.0.2.4")),
            ["iface m0 inet dhcp", "    dns-nameservers 192.0.2.3 192.0.2.4"],
        ),
    ],
)
def test_an_interface_as_stanzas(interface: Interface, lines: list[str]) -> None:
    assert ifupdown.text(interface).splitlines() == [MARK, f"auto {interface.name}", *lines]


def test_what_others_say_of_an_interface_goes_and_nothing_else() -> None:
    after = ifupdown.without(DEBIAN, {"eno1"})
    assert "eno1" not in after
    assert "192.0.2" not in after
    assert after.startswith(DEBIAN[: DEBIAN.index("allow-hotplug")])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DEBIAN, DEBIAN),
        ("", ""),
        ("auto a b c\n", "auto a c\n"),
        ("auto b\nauto a", "auto a"),
        ("iface b inet dhcp\n  up one \\\n    two\niface a inet dhcp\n  up x\n", "iface a inet dhcp\n  up x\n"),
        ("iface bb inet dhcp\n up b\n", "iface bb inet dhcp\n up b\n"),
        ("iface b inet manual\n# note\n up x\nsource b\n", "# note\nsource b\n"),
    ],
)
def test_without(before: str, after: str) -> None:
    assert ifupdown.without(before, {"b"}) == after
