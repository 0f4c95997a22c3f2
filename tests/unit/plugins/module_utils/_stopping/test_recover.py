# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs that went down with their host, on libvirt's own driver for tests: a host that boots is one whose boot id has changed."""

from __future__ import annotations

import dataclasses
import gc
import pathlib
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import metadata
from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import stopping
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, ran, record, turn
from ansible_collections.evergreen.virt.plugins.module_utils._stopping import recover as recovering
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.peers import Peer
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.recover import recover
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.start import start
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.terms import Terms

URI = "test:///default"
XML = "<domain type='test'><name>{}</name><memory>65536</memory><os><type>hvm</type></os></domain>"
NAMES = ("db", "web", "batch")
ALONE = (Peer("h2", []), Peer("h3", []))


class Host:
    """A host in maintenance whose VMs `db`, `web` and `batch` ran in the boot before this one."""

    def __init__(self, connection: libvirt.virConnect, folder: pathlib.Path) -> None:
        self.connection, self.terms = connection, Terms(URI, "me", 5.0, 0.0, folder)
        self.uuids = {name: connection.lookupByName(name).UUIDString() for name in NAMES}
        record.write(
            Maintenance(
                "me", "", "2026-01-01T00:00:00+00:00", ran=[Ran(name, uuid, "b1") for name, uuid in self.uuids.items()]
            ),
            folder,
        )

    def recover(
        self, peers: t.Sequence[Peer] = ALONE, *, check_mode: bool = False
    ) -> dict[str, tuple[str, str | None]]:
        rows = recover(peers, self.terms, None, check_mode=check_mode)
        assert all(row["changed"] for row in rows)
        return {row["vm"]: (row["result"], row["runs_on"]) for row in rows}

    @property
    def running(self) -> set[str]:
        return {name for name in NAMES if name in self.defined and self.connection.lookupByName(name).isActive()}

    @property
    def defined(self) -> set[str]:
        return {domain.name() for domain in self.connection.listAllDomains()} & set(NAMES)

    @property
    def known(self) -> Maintenance:
        found = record.read(self.terms.directory)
        assert found is not None
        return found

    @property
    def boots(self) -> dict[str, str]:
        return {one.vm: one.boot_id for one in self.known.ran}


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Host]:
    gc.collect()  # errors that earlier tests caught hold frames with theirs
    connection = libvirt.open(URI)
    for name in NAMES:
        connection.defineXML(XML.format(name))
    monkeypatch.setattr(recovering, "userspace_id", lambda: "b2")
    yield Host(connection, tmp_path)
    connection.close()


def test_who_went_down_is_started_once(host: Host) -> None:
    foreseen = dict.fromkeys(NAMES, ("would_start", None))
    assert (host.recover(check_mode=True), host.running, set(host.boots.values())) == (foreseen, set(), {"b1"})
    assert host.recover() == dict.fromkeys(NAMES, ("started", None))
    assert (host.running, host.boots, host.known.allow) == (set(NAMES), dict.fromkeys(NAMES, "b2"), [])
    host.connection.lookupByName("db").destroy()
    assert (host.recover(), host.running) == ({}, {"web", "batch"})


def test_the_most_important_is_started_first(host: Host) -> None:
    policy = metadata.text({}, {"priority": 5})
    web = host.connection.lookupByName("web")
    web.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, policy, metadata.PREFIX, metadata.NAMESPACE, 0)
    assert list(host.recover()) == ["web", "batch", "db"]


def test_in_the_boot_in_which_they_ran_nobody_went_down(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovering, "userspace_id", lambda: "b1")
    assert (host.recover(), host.running) == ({}, set())


def test_who_runs_elsewhere_is_left_there_and_defined_there_alone(host: Host) -> None:
    peers = [Peer("h2", [host.uuids["db"]]), Peer("h3", [])]
    assert host.recover(peers, check_mode=True)["db"] == ("elsewhere", "h2")
    assert host.defined == set(NAMES)
    assert host.recover(peers)["db"] == ("elsewhere", "h2")
    assert (host.defined, host.running, set(host.boots)) == ({"web", "batch"}, {"web", "batch"}, {"web", "batch"})


@pytest.mark.parametrize("check_mode", [True, False])
def test_who_may_run_elsewhere_is_not_started_and_others_are(host: Host, check_mode: bool) -> None:
    peers = [Peer("h2", [], [host.uuids["db"]]), Peer("h3", [])]
    with pytest.raises(OperationError, match=r"not every VM was recovered: VM 'db' went down .* host 'h2'") as caught:
        host.recover(peers, check_mode=check_mode)
    results = {row["vm"]: (row["result"], row["changed"]) for row in caught.value.details["vms"]}
    assert results["db"] == ("failed", False)
    if not check_mode:
        assert (host.running, host.boots["db"]) == ({"web", "batch"}, "b1")
        assert (host.recover(), host.running) == ({"db": ("started", None)}, set(NAMES))


def test_a_silent_host_keeps_all_from_being_started(host: Host) -> None:
    with pytest.raises(OperationError, match="host 'h3' did not say"):
        host.recover([Peer("h2", []), Peer("h3", None)])
    assert (host.running, set(host.boots.values())) == (set(), {"b1"})


@pytest.mark.parametrize("way", ["suspend", "shutdown"])
def test_who_would_wait_anyway_waits(host: Host, way: str) -> None:
    domain = host.connection.lookupByName("db")
    policy = metadata.text({}, {"evacuation": way})
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, policy, metadata.PREFIX, metadata.NAMESPACE, 0)
    assert host.recover(check_mode=True)["db"] == ("waits", None)
    assert host.known.stopped == []
    assert host.recover()["db"] == ("waits", None)
    assert (host.running, set(host.boots)) == ({"web", "batch"}, {"web", "batch"})
    assert [(vm.vm, vm.way, vm.why) for vm in host.known.stopped] == [("db", way, "its host went down")]
    assert [(row["vm"], row["result"]) for row in start(host.terms, check_mode=False)] == [("db", "started")]
    assert host.running == set(NAMES)


def test_who_has_left_or_was_started_meanwhile_is_settled(host: Host) -> None:
    host.connection.lookupByName("db").undefine()
    host.connection.lookupByName("web").create()
    assert host.recover() == {"batch": ("started", None)}
    assert (host.running, host.boots) == ({"web", "batch"}, {"web": "b2", "batch": "b2"})


def test_a_crash_between_start_and_note_starts_nobody_twice(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ran, "note", crash)
        with pytest.raises(KeyboardInterrupt):
            host.recover()
    assert (host.running, host.boots["batch"]) == ({"batch"}, "b1")
    assert host.recover() == dict.fromkeys(("db", "web"), ("started", None))
    assert (host.running, host.boots) == (set(NAMES), dict.fromkeys(NAMES, "b2"))


def test_one_that_does_not_start_stays_noted(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    real = stopping.start

    def start_all_but_one(domain: libvirt.virDomain) -> str:
        if domain.name() == "db":
            raise OperationError("cannot start VM 'db'.")
        return real(domain)

    monkeypatch.setattr(stopping, "start", start_all_but_one)
    with pytest.raises(OperationError, match="not every VM was recovered: cannot start VM 'db'"):
        host.recover()
    assert (host.running, host.boots["db"], host.known.allow) == ({"web", "batch"}, "b1", [])


def test_without_a_maintenance_or_in_that_of_another_nobody_is_started(host: Host, tmp_path: pathlib.Path) -> None:
    nowhere = dataclasses.replace(host.terms, directory=tmp_path / "nowhere")
    assert recover(ALONE, nowhere, None, check_mode=False) == []
    with pytest.raises(ConflictError, match="is me's, and not you's"):
        recover(ALONE, dataclasses.replace(host.terms, owner="you"), None, check_mode=False)
    assert host.running == set()


def test_nobody_is_started_while_another_task_stops_vms(host: Host) -> None:
    with turn.taken(0, host.terms.directory):
        with pytest.raises(ConflictError, match="VMs are being stopped or started here just now"):
            host.recover()
        assert host.recover(check_mode=True) == dict.fromkeys(NAMES, ("would_start", None))
    assert host.recover() == dict.fromkeys(NAMES, ("started", None))


def test_a_run_that_was_superseded_meanwhile_starts_no_further_vm(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    real = stopping.start

    def supersede(domain: libvirt.virDomain) -> str:
        lease.admit("newer", 2, directory=host.terms.directory)
        return real(domain)

    monkeypatch.setattr(stopping, "start", supersede)
    host.terms = dataclasses.replace(host.terms, run=("r", 1))
    with pytest.raises(OperationError, match=r"run r .epoch 1. may not change this host"):
        host.recover()
    assert host.running == {"batch"}
