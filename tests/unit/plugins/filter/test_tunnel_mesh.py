# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.filter.tunnel_mesh import FilterModule

mesh_of = FilterModule().filters()["tunnel_mesh"]
HOSTS = {
    "h1": {"ansible_host": "192.0.2.1", "switch_tunnel_address": "198.51.100.1"},
    "h2": {"ansible_host": "192.0.2.2"},
    "h3": {"ansible_host": "2001:db8:0::3"},
    "a-host-with-a-long-name": {"ansible_host": "192.0.2.4"},
    "named": {"ansible_host": "named.example.org"},
}
MESH: dict[str, t.Any] = {"name": "lan", "bridge": "br-lan", "key": 100, "hosts": ["h1", "h2", "h3"]}


def ports(found: list[dict[str, t.Any]], bridge: str = "br-lan") -> dict[str, dict[str, t.Any]]:
    return {port["name"]: port for entry in found if entry["name"] == bridge for port in entry["ports"]}


def test_every_host_has_a_tunnel_to_every_other_one() -> None:
    for host in MESH["hosts"]:
        found = ports(mesh_of([], [MESH], HOSTS, host))
        assert set(found) == {f"lan-{other}" for other in MESH["hosts"] if other != host}
    assert {name: port["options"] for name, port in ports(mesh_of([], [MESH], HOSTS, "h2")).items()} == {
        "lan-h1": {"remote_ip": "198.51.100.1", "key": 100},
        "lan-h3": {"remote_ip": "2001:db8::3", "key": 100},
    }


def test_no_frame_goes_from_tunnel_to_tunnel() -> None:
    assert all(port["protected"] for port in ports(mesh_of([], [MESH], HOSTS, "h1")).values())


def test_a_described_bridge_gets_the_tunnels_and_is_not_changed_itself() -> None:
    bridges = [{"name": "br0"}, {"name": "br-lan", "purge": True, "ports": [{"name": "eth1"}]}]
    found = mesh_of(bridges, [{**MESH, "type": "geneve", "options": {"csum": True}}], HOSTS, "h1")
    assert [bridge["name"] for bridge in found] == ["br0", "br-lan"]
    assert list(ports(found)) == ["eth1", "lan-h2", "lan-h3"]
    assert ports(found)["lan-h2"]["type"] == "geneve"
    assert ports(found)["lan-h2"]["options"]["csum"] is True
    assert bridges == [{"name": "br0"}, {"name": "br-lan", "purge": True, "ports": [{"name": "eth1"}]}]


def test_a_host_outside_of_a_mesh_gets_nothing_of_it() -> None:
    without = [{**MESH, "hosts": ["h2", "h3"]}]
    assert mesh_of([], without, HOSTS, "h1") == []
    assert mesh_of([{"name": "br0"}, {"name": "br-lan", "purge": True}], without, HOSTS, "h1") == [
        {"name": "br0"},
        {"name": "br-lan", "purge": True, "ports": []},
    ]


def test_a_long_name_is_shortened_to_one_of_its_own() -> None:
    hosts = ["h1", "a-host-with-a-long-name"]
    [name] = ports(mesh_of([], [{**MESH, "hosts": hosts}], HOSTS, "h1"))
    assert name.startswith("lan-")
    assert len(name) <= 15


@pytest.mark.parametrize(
    ("mesh", "says"),
    [
        ({"hosts": ["h1", "named"]}, "switch_tunnel_address"),
        ({"hosts": ["h1", "unknown"]}, "'unknown'"),
        ({"name": "overlay-1", "hosts": ["h1", "a-host-with-a-long-name"]}, "8 characters"),
    ],
)
def test_what_cannot_be_meant_is_refused(mesh: dict[str, t.Any], says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says):
        mesh_of([], [{**MESH, **mesh}], HOSTS, "h1")
