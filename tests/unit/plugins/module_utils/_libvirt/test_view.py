# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of a host once, on libvirt's own test driver."""

from __future__ import annotations

import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, NotFoundError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import domain, vm_job
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View

NODE = """
<node>
  <domain type="test"><name>vm</name><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>
  <pool type="dir"><name>pool</name><target><path>/pool</path></target></pool>
</node>"""
VOLUME = "<volume><name>{}</name><capacity>1048576</capacity></volume>"


@pytest.fixture
def connection(tmp_path: Path) -> t.Iterator[libvirt.virConnect]:
    (tmp_path / "node.xml").write_text(NODE)
    with connect(f"test://{tmp_path}/node.xml") as opened:
        yield opened


@pytest.mark.parametrize("many", [False, True])
def test_a_vm_is_the_same_from_lists_and_alone(connection: libvirt.virConnect, many: bool) -> None:
    connection.lookupByName("vm").setAutostart(1)
    found = View(connection, many=many).vm("vm")
    assert found is not None
    assert (found.state, found.persistent, found.autostart) == ("running", True, True)
    assert found.running is not None
    assert found.definition.findtext("name") == "vm"


@pytest.mark.parametrize("many", [False, True])
def test_a_vm_that_is_not_there(connection: libvirt.virConnect, many: bool) -> None:
    uuid = connection.lookupByName("vm").UUIDString()
    view = View(connection, many=many)
    assert view.vm("other") is None
    with pytest.raises(ConflictError, match="belongs to VM 'vm'"):
        view.vm("other", uuid)


def test_a_vm_that_somebody_removes_after_it_was_listed(connection: libvirt.virConnect) -> None:
    view = View(connection, many=True)
    assert list(view.vms) == ["vm"]
    view.vms["vm"].domain.destroy()
    view.vms["vm"].domain.undefine()
    assert view.vm("vm") is None


def test_a_vm_that_somebody_removes_before_it_is_removed(connection: libvirt.virConnect) -> None:
    connection.lookupByName("vm").destroy()
    params = {
        "name": "vm",
        "state": "absent",
        "timeout": 0,
        "force_off": False,
        "shutdown_mode": "auto",
        "apply": "live",
    }
    job = vm_job.prepare(View(connection, many=True), params)
    connection.lookupByName("vm").undefine()
    vm_job.carry_out(connection, job)
    assert domain.find(connection, "vm") is None


def counting(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """What is appended to at each call of a pool's method."""
    made: list[str] = []
    call = getattr(libvirt.virStoragePool, name)

    def wrapper(*args: t.Any) -> t.Any:
        made.append(name)
        return call(*args)

    monkeypatch.setattr(libvirt.virStoragePool, name, wrapper)
    return made


def test_volumes_are_listed_once_and_refreshed_once(
    connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [counting(monkeypatch, name) for name in ("XMLDesc", "listAllVolumes", "refresh")]
    connection.storagePoolLookupByName("pool").createXML(VOLUME.format("one"))
    view = View(connection)
    for name, there in (("one", True), ("two", False), ("three", False), ("one", True)):
        assert (view.pool("pool").volume(name) is not None) is there
    assert [len(made) for made in calls] == [1, 2, 1]


def test_pools_that_cannot_be_used(connection: libvirt.virConnect) -> None:
    with pytest.raises(NotFoundError, match="find the storage pool 'none'"):
        View(connection).pool("none")
    connection.storagePoolLookupByName("pool").destroy()
    with pytest.raises(ConflictError, match="is not active"):
        View(connection).pool("pool")
