# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.announce import (
    announce,
    arp_announcement,
    mac_of,
    neighbour_advertisement,
)

MAC = bytes.fromhex("525400000001")


def test_an_arp_announcement_asks_everybody_for_ones_own_address() -> None:
    frame = arp_announcement(MAC, ipaddress.ip_address("192.0.2.1").packed)
    assert frame.hex() == "ffffffffffff52540000000108060001080006040001525400000001c0000201000000000000c0000201"


def test_a_neighbour_advertisement_overrides_what_is_known() -> None:
    address = ipaddress.ip_address("2001:db8::1").packed
    message = neighbour_advertisement(MAC, address)
    assert message.hex() == "8800000020000000" + address.hex() + "0201" + MAC.hex()
    assert len(message) % 8 == 0


@pytest.mark.parametrize(
    ("link", "mac"),
    [
        ({"address": "52:54:00:00:00:01"}, MAC),
        ({"address": "192.0.2.1"}, None),  # of a tunnel
        ({"address": "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:11:22:33"}, None),  # of InfiniBand
        ({}, None),
    ],
)
def test_only_ethernet_has_a_mac_address(link: dict[str, str], mac: bytes | None) -> None:
    assert mac_of(link) == mac


def test_an_interface_that_is_not_there_has_nothing_to_announce() -> None:
    announce(["it-is-not-there"])
