# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks in libvirt, on its own driver for tests, which shares libvirt's code for live updates."""

from __future__ import annotations

import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse, serialize
from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError, UnsupportedError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import lifecycle, network
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_xml import options

from .networks import Params, ipv4, params, sample
from .test_network_xml import CHANGES

NODE = f"<node>{serialize(sample())}</node>"


@pytest.fixture
def connection(tmp_path: Path) -> t.Iterator[libvirt.virConnect]:
    (tmp_path / "node.xml").write_text(NODE, encoding="utf-8")
    with connect(f"test://{tmp_path}/node.xml") as opened:
        yield opened


def converge(connection: libvirt.virConnect, *, check_mode: bool = False, **wanted: t.Any) -> lifecycle.Plan:
    return network.converge(connection, params(**wanted), check_mode=check_mode)


def xml(connection: libvirt.virConnect, name: str = "lab") -> str:
    return str(connection.networkLookupByName(name).XMLDesc(0))


REFUSED = ("virtualport", "vlan", "mode", "dnsmasq_options", "addresses[ipv4].prefix", "dns.enable")
"""What libvirt does not take of this network, with its mode and its DHCP."""

RUNS_WITH = [case for case in CHANGES if not set(REFUSED).intersection({*case[0], *case[1]})]


@pytest.mark.parametrize(("wanted", "after", "live"), RUNS_WITH)
def test_a_change_of_a_running_network(
    connection: libvirt.virConnect, wanted: Params, after: Params, live: bool
) -> None:
    before = xml(connection)
    wanted = {**wanted, "allow_restart": not live}
    predicted = converge(connection, check_mode=True, **wanted)
    assert xml(connection) == before
    plan = converge(connection, **wanted)
    assert plan == predicted
    assert plan.stop == bool(after and not live)
    shown = options(parse(xml(connection)))
    assert {path: shown.get(path) for path in after} == after
    again = converge(connection, **wanted)
    assert not again.changes
    assert not again.restart_required


def test_a_driver_that_loses_definitions_is_not_given_one(connection: libvirt.virConnect) -> None:
    before = xml(connection)
    with pytest.raises(
        UnsupportedError, match="network 'lab': it is active, and its driver then takes no other mtu"
    ) as caught:
        converge(connection, mtu=1400, dns={"txt": [{"name": "a", "value": "b"}]})
    assert "Allow that it is restarted" in caught.value.hint
    assert xml(connection) == before
    assert converge(connection, mtu=1400, state="stopped").changes
    assert not converge(connection, mtu=1400, state="stopped").changes
    assert converge(connection, mtu=1400).start


def test_dnsmasq_options_are_not_lost_without_a_word(connection: libvirt.virConnect) -> None:
    with pytest.raises(UnsupportedError, match="dnsmasq_options are lost"):
        converge(connection, dnsmasq_options=["a=b"])


def test_what_libvirt_refuses_stops_nothing(connection: libvirt.virConnect) -> None:
    with pytest.raises(OperationError, match="not entirely within network"):
        converge(connection, addresses=[{"address": "192.0.2.1", "prefix": 25}], allow_restart=True)
    assert connection.networkLookupByName("lab").isActive()


def test_the_life_of_a_network(connection: libvirt.virConnect) -> None:
    wanted: Params = {
        "name": "new",
        "mode": "isolated",
        "bridge": "virbr9",
        "addresses": [{**ipv4(), "address": "198.51.100.1"}],
    }
    assert converge(connection, check_mode=True, **wanted).changes
    assert "new" not in connection.listNetworks()
    for state, active in (("started", 1), ("stopped", 0), ("present", 0), ("started", 1)):
        converge(connection, **wanted, state=state, autostart=state != "stopped")
        found = connection.networkLookupByName("new")
        assert (found.isActive(), found.autostart()) == (active, int(state != "stopped"))
        assert not converge(connection, **wanted, state=state, autostart=state != "stopped").changes
    assert converge(connection, name="new", state="absent").changes
    assert not converge(connection, name="new", state="absent").changes


def test_devices_of_macvtap_change_while_it_runs(connection: libvirt.virConnect) -> None:
    converge(connection, name="direct", mode="private", devices=["eth1", "eth2"])
    plan = converge(connection, name="direct", devices=["eth2", "eth3"])
    assert (bool(plan.changes), plan.restart_required) == (True, ())
    running = options(parse(connection.networkLookupByName("direct").XMLDesc(0)))
    assert running["devices"] == ["eth2", "eth3"]
    assert not converge(connection, name="direct", devices=["eth2", "eth3"]).changes
