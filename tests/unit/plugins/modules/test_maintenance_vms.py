# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs that went down with their host, and what they left on its switch."""

from __future__ import annotations

import functools
import pathlib

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import dead_ports
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import Remote
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, record
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.terms import Terms
from ansible_collections.evergreen.virt.plugins.modules import maintenance_vms, ovs_bridge

from .open_vswitch import OpenVSwitch
from .tasks import URI, Module

DB, OTHER = "52dc39e4-6d2c-4e66-8ea5-ab6ed0c26a4a", "0b7a1e5c-57f0-4c4b-9a33-3e0f9d0a1d11"
XML = f"<domain type='test'><name>db</name><uuid>{DB}</uuid><memory>65536</memory><os><type>hvm</type></os></domain>"


@pytest.fixture
def left(switch: OpenVSwitch) -> OpenVSwitch:
    """A switch with ports of two VMs; vnet1, vnet3 and vnet4 have lost their interfaces."""
    ports = [
        {"name": name, "type": "internal", "external_ids": {"vm-id": vm}}
        for name, vm in (("vnet0", DB), ("vnet2", OTHER))
    ]
    Module(ovs_bridge, host={"database": switch.remote, "name": "br0"})(ports=ports)
    for name, vm in (("vnet1", DB), ("vnet3", OTHER), ("vnet4", DB)):
        add_broken(switch, name, vm)
    return switch


def add_broken(switch: OpenVSwitch, name: str, vm: str) -> None:
    """Add a port whose interface cannot be opened, since no switch knows its type."""
    interface = {"name": name, "type": "gone", "external_ids": ["map", [["vm-id", vm]]]}
    switch.transact(
        [
            "Open_vSwitch",
            {"op": "insert", "table": "Interface", "row": interface, "uuid-name": "interface"},
            {
                "op": "insert",
                "table": "Port",
                "row": {"name": name, "interfaces": ["named-uuid", "interface"]},
                "uuid-name": "port",
            },
            {
                "op": "mutate",
                "table": "Bridge",
                "where": [["name", "==", "br0"]],
                "mutations": [["ports", "insert", ["named-uuid", "port"]]],
            },
            {"op": "mutate", "table": "Open_vSwitch", "where": [], "mutations": [["next_cfg", "+=", 1]]},
        ]
    )


def ports_of(switch: OpenVSwitch) -> list[str]:
    select = {"op": "select", "table": "Port", "where": [], "columns": ["name"]}
    return sorted(row["name"] for row in switch.transact(["Open_vSwitch", select])[0]["rows"])


def test_only_broken_ports_of_these_vms_go_and_at_once(left: OpenVSwitch) -> None:
    before = len(left.log())
    assert dead_ports.remove(Remote(left.remote), {DB}) == ["vnet1", "vnet4"]
    assert ports_of(left) == ["br0", "vnet0", "vnet2", "vnet3"]
    assert dead_ports.remove(Remote(left.remote), {DB}) == []
    assert len(left.log()) == before + 1


def test_a_vm_that_runs_elsewhere_is_named_and_its_ports_go(
    left: OpenVSwitch, host: libvirt.virConnect, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.defineXML(XML)
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00", ran=[Ran("db", DB, "an earlier boot")]), tmp_path)
    monkeypatch.setattr(maintenance_vms, "Terms", functools.partial(Terms, directory=tmp_path))
    monkeypatch.setattr(maintenance_vms, "ovs_version", lambda: "3.1.0")
    monkeypatch.setattr(maintenance_vms, "Remote", lambda: Remote(left.remote))
    recover = Module(maintenance_vms, host={"uri": URI, "owner": "me", "state": "recovered"})
    peers = [{"host": "h2", "runs": [DB]}, {"host": "h3"}]
    assert recover(peers=peers, check_mode=True)["changed"]
    assert "vnet1" in ports_of(left)
    warnings: list[str] = []
    result = recover(peers=peers, warnings=warnings)
    assert [(row["vm"], row["result"], row["runs_on"]) for row in result["vms"]] == [("db", "elsewhere", "h2")]
    assert ["VM 'db'" in warning and "'h2'" in warning for warning in warnings] == [True]
    assert ports_of(left) == ["br0", "vnet0", "vnet2", "vnet3"]
    assert [domain.name() for domain in host.listAllDomains()] == ["test"]
    assert not recover(peers=peers)["changed"]


def test_a_task_is_its_runs_to_the_end(
    host: libvirt.virConnect, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00"), tmp_path)
    lease.admit("newer", 2, directory=tmp_path)
    monkeypatch.setattr(maintenance_vms, "Terms", functools.partial(Terms, directory=tmp_path))
    stop = Module(maintenance_vms, host={"uri": URI, "owner": "me", "state": "stopped"})
    with pytest.raises(ConflictError, match=r"run r .epoch 1. may not change this host"):
        stop(vms=[{"vm": "test", "way": "shutdown"}], run_id="r", epoch=1)
    assert host.lookupByName("test").isActive()
