# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

from .samples import adopted, created


def interfaces(entries: list[dict[str, t.Any]], **more: t.Any) -> list[dict[str, t.Any]]:
    text = convergence.converge(adopted(), None, {"interfaces": entries, **more}).definition
    return t.cast(
        "list[dict[str, t.Any]]", convergence.options_of(tree.parse(text) if text else adopted())["interfaces"]
    )


@pytest.mark.parametrize(
    ("entries", "vlans"),
    [
        ([{"vlan": 5}], [5, 0]),
        ([{"mac": "52:54:00:00:00:02", "vlan": 5}], [10, 5]),
        ([{"mac": "52:54:00:00:00:02"}, {"vlan": 5}], [5, 0]),
        ([{}, {"vlan": 5}], [10, 5]),
        ([{"mac": "52:54:00:00:00:09", "bridge": "b", "vlan": 5}], [10, 0, 5]),
        ([{}, {}, {"bridge": "b", "vlan": 5}], [10, 0, 5]),
    ],
)
def test_matching(entries: list[dict[str, t.Any]], vlans: list[int]) -> None:
    assert [entry["vlan"] for entry in interfaces(entries)] == vlans


def test_from_network_to_bridge() -> None:
    changed = interfaces([{"mac": "52:54:00:00:00:02", "bridge": "br1", "type": "ovs"}])[1]
    assert changed["bridge"] == "br1"
    assert changed["type"] == "ovs"
    assert "network" not in changed


def test_virtualport_parameters_survive() -> None:
    text = convergence.converge(adopted(), None, {"interfaces": [{"type": "ovs", "vlan": 3}]}).definition
    assert text is not None
    assert 'interfaceid="i1"' in text


def test_offloads_partly_off_are_neither() -> None:
    root = tree.parse("<domain><devices><interface><driver><host csum='off'/></driver></interface></devices></domain>")
    for wanted in (True, False):
        assert convergence.converge(root, None, {"interfaces": [{"offloads": wanted}]}).changes


FROM_NETWORK = """
<domain><devices><interface type='bridge'>
  <mac address='52:54:00:00:00:01'/><source network='n' portgroup='a' portid='p' bridge='br0'/>
  <vlan><tag id='3'/></vlan><virtualport type='openvswitch'/><model type='virtio'/>
</interface></devices></domain>
"""


def test_what_a_network_made_of_an_interface_in_a_running_vm_is_no_difference() -> None:
    running = tree.parse(FROM_NETWORK)
    wanted = {"interfaces": [{"network": "n", "portgroup": "a"}]}
    assert not convergence.converge(running, running, wanted).changes
    read = convergence.options_of(running)["interfaces"][0]
    assert "bridge" not in read
    assert "type" not in read


def test_such_an_interface_is_updated_by_the_name_of_its_network() -> None:
    running = tree.parse(FROM_NETWORK)
    (step,) = convergence.converge(running, running, {"interfaces": [{"link": "down"}]}).steps
    assert tree.parse(step.argument).get("type") == "network"


def test_what_surely_works_does_not_wait_for_what_may_be_refused() -> None:
    sure, perhaps = convergence.converge(adopted(), adopted(), {"interfaces": [{"link": "down", "vlan": 7}]}).steps
    assert not sure.uncertain
    assert perhaps.uncertain
    assert ('state="down"' in sure.argument, 'id="7"' in sure.argument) == (True, False)
    assert ('state="down"' in perhaps.argument, 'id="7"' in perhaps.argument) == (True, True)


def test_limits_of_one_direction() -> None:
    wanted = {"bandwidth": {"inbound": {"average_kib": 0}, "outbound": {"average_kib": 9, "burst_kib": 5}}}
    assert interfaces([wanted])[0]["bandwidth"] == {"outbound": {"average_kib": 9, "burst_kib": 5}}
    assert "bandwidth" not in interfaces([{"bandwidth": {"inbound": {"average_kib": 0}}}])[0]


@pytest.mark.parametrize("order", [["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"]])
def test_a_parameter_of_a_filter_may_be_given_several_times(order: list[str]) -> None:
    root = tree.parse(
        "<domain><devices><interface type='bridge'><source bridge='b'/><filterref filter='f'>"
        "<parameter name='IP' value='192.0.2.1'/><parameter name='IP' value='192.0.2.2'/></filterref></interface></devices></domain>"
    )
    wanted = {"interfaces": [{"filter": {"name": "f", "parameters": {"IP": order}}}]}
    assert not convergence.converge(root, None, wanted).changes


def test_from_bridge_to_a_function_of_the_card() -> None:
    changed = interfaces([{"pci": "0000:65:10.1"}])[0]
    assert changed["pci"] == "0000:65:10.1"
    assert not {"bridge", "type", "model"} & set(changed)


@pytest.mark.parametrize("later", [{"trunks": [5, 6]}, {"vlan": 5, "trunks": [5]}])
def test_the_vlan_of_untagged_frames_is_not_tagged_as_well(later: dict[str, t.Any]) -> None:
    definition = created({"memory_mib": 64, "interfaces": [{"bridge": "br0", "vlan": 5}]})
    with pytest.raises(InvalidInputError, match="5 is the VLAN of its untagged frames"):
        convergence.converge(definition, None, {"interfaces": [later]})
    moved = convergence.converge(definition, None, {"interfaces": [{"vlan": 0, "trunks": [5]}]})
    assert [change.after for change in moved.changes] == [0, [5]]
