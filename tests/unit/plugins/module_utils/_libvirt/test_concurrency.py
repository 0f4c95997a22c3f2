# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody else who works on the same VM: between what a task has read and what it does."""

from __future__ import annotations

import typing as t

import libvirt
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, NotFoundError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_facts, vm_job, vm_jobs
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.host_facts import read_storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View
from ansible_collections.evergreen.virt.plugins.modules import vm

Options = dict[str, t.Any]
Meddler = t.Callable[[libvirt.virConnect], t.Any]


@pytest.fixture
def connection(tmp_path: t.Any) -> t.Iterator[libvirt.virConnect]:
    """A host with a VM that is off and one that runs."""
    domain = "<domain type='test'><name>{}</name><memory>65536</memory><os><type>hvm</type></os></domain>"
    node = tmp_path / "node.xml"
    node.write_text(f"<node>{domain.format('on')}{domain.format('off')}</node>")
    with connect(f"test://{node}") as opened:
        opened.lookupByName("off").destroy()
        yield opened


def params(**options: t.Any) -> Options:
    found = ArgumentSpecValidator(**vm.SPEC.as_module_arguments()).validate({"timeout": 1, **options})
    assert not found.error_messages
    return t.cast(Options, found.validated_parameters)


def carried_out(connection: libvirt.virConnect, meddler: Meddler, **options: t.Any) -> Options:
    """The result of a task in the middle of which somebody does something."""
    job = vm_job.prepare(View(connection), params(**options))
    meddler(connection)
    refused = vm_job.carry_out(connection, job)
    return vm_job.result(connection, job, refused, check_mode=False)


def undefine(connection: libvirt.virConnect) -> None:
    connection.lookupByName("off").undefine()


def destroy(connection: libvirt.virConnect) -> None:
    connection.lookupByName("on").destroy()


def remove(connection: libvirt.virConnect) -> None:
    destroy(connection)
    connection.lookupByName("on").undefine()


def start(connection: libvirt.virConnect) -> None:
    connection.lookupByName("off").create()


def define(connection: libvirt.virConnect) -> None:
    connection.defineXML("<domain type='test'><name>new</name><memory>65536</memory><os><type>hvm</type></os></domain>")


DONE: list[tuple[Options, Meddler, str | None]] = [
    ({"name": "off", "state": "absent"}, undefine, None),
    ({"name": "on", "state": "absent"}, destroy, None),
    ({"name": "on", "state": "absent"}, remove, None),
    ({"name": "on", "state": "stopped"}, destroy, "shutoff"),
    ({"name": "off", "state": "started"}, start, "running"),
    ({"name": "off", "description": "d"}, undefine, "shutoff"),
    ({"name": "off", "description": "d"}, start, "running"),
    ({"name": "on", "cmdline": "quiet"}, destroy, "shutoff"),
]


@pytest.mark.parametrize(("options", "meddler", "state"), DONE)
def test_what_ends_as_it_was_meant(
    connection: libvirt.virConnect, options: Options, meddler: Meddler, state: str | None
) -> None:
    result = carried_out(connection, meddler, **options)
    assert (result["vm"] or {"state": None})["state"] == state
    again = vm_job.prepare(View(connection), params(**options))
    assert not [change for change in again.changes if not change.path.startswith("running.")]


TOLD: list[tuple[Options, Meddler, type[VirtError], str]] = [
    ({"name": "off", "state": "started"}, undefine, NotFoundError, "start VM 'off'"),
    ({"name": "off", "autostart": True}, undefine, NotFoundError, "set autostart of VM 'off'"),
    ({"name": "on", "description": "d"}, destroy, ConflictError, "write the description of the running VM 'on'"),
    ({"name": "on", "state": "paused"}, destroy, VirtError, "suspend VM 'on'"),
    ({"name": "on", "state": "paused"}, remove, NotFoundError, "suspend VM 'on'"),
    ({"name": "new", "memory_mib": 64}, define, VirtError, "define VM 'new'"),
]


@pytest.mark.parametrize(("options", "meddler", "error", "said"), TOLD)
def test_what_is_told(
    connection: libvirt.virConnect, options: Options, meddler: Meddler, error: type[VirtError], said: str
) -> None:
    with pytest.raises(error, match=said):
        carried_out(connection, meddler, **options)


def test_a_definition_is_taken_back_only_if_its_vm_is_there(connection: libvirt.virConnect) -> None:
    with pytest.raises(ConflictError):
        carried_out(connection, destroy, name="on", description="d")
    assert "<description>" not in connection.lookupByName("on").XMLDesc(0)


def test_a_new_vm_whose_volume_cannot_be_made_is_not_left_behind(connection: libvirt.virConnect) -> None:
    pool = "<pool type='dir'><name>p</name><target><path>/p</path></target></pool>"
    connection.storagePoolDefineXML(pool).create()
    disks = [{"target": "vda", "pool": "p", "volume": "v", "size_mib": 1}]

    def stop_pool(host: libvirt.virConnect) -> None:
        host.storagePoolLookupByName("p").destroy()

    with pytest.raises(ConflictError, match="create the volume 'v'"):
        carried_out(connection, stop_pool, name="new", memory_mib=64, disks=disks)
    assert connection.listDefinedDomains() == ["off"]


def test_vms_that_vanish_while_many_are_converged(connection: libvirt.virConnect) -> None:
    entries = [params(name=name, description="d") for name in ("off", "on")]
    jobs = vm_jobs.prepare(View(connection, many=True), entries, purge=False, check_mode=False)
    remove(connection)
    with pytest.raises(VirtError, match=r"^vms\[1\] \('on'\): "):
        vm_jobs.finish(connection, jobs, check_mode=False)
    assert "<description>d</description>" in connection.lookupByName("off").XMLDesc(0)


def test_vms_that_vanish_before_they_are_purged(connection: libvirt.virConnect) -> None:
    jobs = vm_jobs.prepare(View(connection, many=True), [params(name="on")], purge=True, check_mode=False)
    undefine(connection)
    results, _reasons = vm_jobs.finish(connection, jobs, check_mode=False)
    assert [result["name"] for result in results] == ["on", "off"]
    assert connection.listDefinedDomains() == []


def test_vms_that_vanish_while_their_facts_are_read(
    connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = connection.listAllDomains()
    remove(connection)
    monkeypatch.setattr(connection, "listAllDomains", lambda *_flags: listed)
    records = vm_facts.read_all(connection, read_storage(connection))
    assert [record.vm.name for record in records] == ["off"]
