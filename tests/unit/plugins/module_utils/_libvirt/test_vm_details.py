# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vm_info tells of the VMs of libvirt's own test driver."""

from __future__ import annotations

import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_facts
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import Storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_details import Wanted, describe
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_stats import GROUPS

VM = """
<domain type="test">
  <name>{name}</name><memory unit="MiB">64</memory><os><type>hvm</type></os>
  <devices>
    <disk type="file" device="disk"><driver type="qcow2"/><source file="/srv/{name}.qcow2"/><target dev="vda"/></disk>
    <interface type="bridge"><mac address="52:54:00:00:00:0{number}"/><source bridge="br0"/></interface>
  </devices>
</domain>
"""
EVERYTHING = Wanted(options=True, snapshots=True, stats=tuple(GROUPS), guest=True, guest_timeout=1)


@pytest.fixture
def connection(tmp_path: Path) -> t.Iterator[libvirt.virConnect]:
    vms = "".join(VM.format(name=f"web{number}", number=number) for number in range(1, 4))
    (tmp_path / "host.xml").write_text(f"<node>{vms}</node>", encoding="utf-8")
    with connect(f"test://{tmp_path}/host.xml") as opened:
        yield opened


def told(connection: libvirt.virConnect, wanted: Wanted) -> list[dict[str, t.Any]]:
    return describe(vm_facts.read_all(connection, Storage(machine_id="m"), stats=wanted.stats_mask), wanted)


def test_only_what_is_wanted(connection: libvirt.virConnect) -> None:
    (vm, *_others) = told(connection, Wanted())
    assert {"options", "stats", "snapshots", "checkpoints", "guest", "addresses"} & set(vm) == set()


def test_everything(connection: libvirt.virConnect) -> None:
    domain = connection.lookupByName("web1")
    domain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
    connection.lookupByName("web3").destroy()
    first, second, third = told(connection, EVERYTHING)
    assert [vm["name"] for vm in (first, second, third)] == ["web1", "web2", "web3"]
    assert (first["options"]["memory_mib"], first["options"]["disks"][0]["path"]) == (64, "/srv/web1.qcow2")
    assert [snapshot["name"] for snapshot in first["snapshots"]] == ["s"]
    assert (second["snapshots"], second["checkpoints"]) == ([], [])
    assert set(first["stats"]) == set(GROUPS)
    assert (first["guest"], third["guest"]) == (None, None)
    assert "guest agent of VM 'web1'" in first["guest_reason"]
    assert third["guest_reason"] == "it is shutoff"


def test_pending_names_the_options_of_the_definition(connection: libvirt.virConnect) -> None:
    domain = connection.lookupByName("web1")
    connection.defineXML(
        domain.XMLDesc().replace("web1.qcow2", "other.qcow2").replace(">65536</memory>", ">131072</memory>")
    )
    first, second, _third = told(connection, Wanted())
    assert first["pending"] == ["memory_max_mib", "disks[vda].path"]
    assert second["pending"] == []
