# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._interfaces import links
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.interface import Interface

ADDRESSES = ("192.0.2.1/24", "2001:DB8:0::1/64")
HAS = [{"local": "192.0.2.1", "prefixlen": 24}, {"local": "2001:db8::1", "prefixlen": 64}]


def link(*flags: str, addresses: list[dict[str, t.Any]] | None = None) -> links.Link:
    return {"ifname": "m0", "flags": list(flags), "addr_info": addresses or []}


@pytest.mark.parametrize(
    ("wanted", "now", "lacks"),
    [
        (Interface("m0"), None, "does not exist"),
        (Interface("m0"), link("BROADCAST"), "is down"),
        (Interface("m0"), link("NO-CARRIER", "UP"), ""),
        (Interface("m0", dhcp=True), link("UP", "LOWER_UP"), ""),
        (Interface("m0", addresses=ADDRESSES), link("NO-CARRIER", "UP", addresses=HAS), ""),
        (Interface("m0", addresses=ADDRESSES), link("NO-CARRIER", "UP", addresses=HAS[:1]), "lacks the address 2001:"),
        (Interface("m0", addresses=("192.0.2.1/25",)), link("UP", addresses=HAS), "lacks the address 192.0.2.1/25"),
        (Interface("m0", addresses=ADDRESSES[:1], dhcp=True), link("NO-CARRIER", "UP"), ""),
        (Interface("m0", addresses=ADDRESSES[:1], dhcp=True), link("UP", "LOWER_UP"), "lacks the address 192.0.2.1/24"),
        (
            Interface("m0", addresses=ADDRESSES[1:]),
            link("UP", addresses=[{**HAS[1], "dadfailed": True}]),
            "lacks the address 2001:",
        ),
    ],
)
def test_what_an_interface_lacks(wanted: Interface, now: links.Link | None, lacks: str) -> None:
    found = links.problem(wanted, now)
    assert found.startswith(lacks)
    assert bool(found) == bool(lacks)


def test_the_interfaces_of_this_machine() -> None:
    found = links.read("lo")
    assert found is not None
    assert found["ifname"] == "lo"
    assert links.problems([Interface("it-is-nowhere"), Interface("nor-this", absent=True)]) == [
        "interface 'it-is-nowhere' does not exist"
    ]
