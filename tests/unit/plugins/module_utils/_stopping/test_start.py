# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs that are owed a start, on libvirt's own driver for tests: found in whatever state somebody else has left them."""

from __future__ import annotations

import datetime as dt
import gc
import pathlib
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    OperationError,
    UnavailableError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Stopped
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import busy, domain, stopping
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.operating_system import userspace_id
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, record, turn
from ansible_collections.evergreen.virt.plugins.module_utils._state.moves import Moves
from ansible_collections.evergreen.virt.plugins.module_utils._stopping import start as starting
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.peers import Peer
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.start import start
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.terms import Terms
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._stopping.as_if import as_if

URI = "test:///default"
XML = "<domain type='test'><name>{}</name><memory>65536</memory><os><type>hvm</type></os></domain>"
AWAY = Stopped(
    "away", "52dc39e4-6d2c-4e66-8ea5-ab6ed0c26a4a", "offline", "it moves to h2 while it is off", "then", "h2"
)


class Host:
    """A host in maintenance that owes VMs a start."""

    def __init__(self, connection: libvirt.virConnect, folder: pathlib.Path) -> None:
        self.connection, self.folder = connection, folder
        self.terms = Terms(URI, "me", 5.0, 0.0, folder)
        record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00"), folder)

    def owes(self, *owed: Stopped) -> None:
        record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00", stopped=list(owed)), self.folder)

    def has(self, name: str, way: str, *, running: bool) -> Stopped:
        vm = self.connection.defineXML(XML.format(name))
        if running:
            vm.create()
        return Stopped(name, vm.UUIDString(), way, "a disk", "then", "h2" if way == "offline" else None)

    def start(self, terms: Terms | None = None) -> dict[str, str]:
        return {row["vm"]: row["result"] for row in start(terms or self.terms, check_mode=False)}

    @property
    def known(self) -> Maintenance:
        found = record.read(self.folder)
        assert found is not None
        return found


@pytest.fixture
def host(tmp_path: pathlib.Path) -> t.Iterator[Host]:
    gc.collect()  # errors that earlier tests caught hold frames with theirs
    connection = libvirt.open(URI)
    yield Host(connection, tmp_path)
    connection.close()


def test_who_runs_again_may_still_go_down_with_the_host(host: Host) -> None:
    db, web = (host.has(name, "shutdown", running=running) for name, running in (("db", False), ("web", True)))
    gone = Stopped("gone", "u9", "shutdown", "a disk", "then")
    host.owes(db, web, gone)
    assert host.start() == {"db": "started", "web": "running", "gone": "gone"}
    assert host.known.stopped == []
    assert host.known.ran == [Ran("db", db.uuid, userspace_id()), Ran("web", web.uuid, userspace_id())]


def test_none_is_started_in_a_boot_that_nobody_can_tell(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def does_not_answer() -> str:
        raise UnavailableError("systemd does not answer.")

    db = host.has("db", "shutdown", running=False)
    host.owes(db)
    monkeypatch.setattr(starting, "userspace_id", does_not_answer)
    with pytest.raises(UnavailableError):
        host.start()
    assert not host.connection.lookupByName("db").isActive()
    assert host.known.stopped == [db]


def test_one_that_is_being_saved_is_waited_for(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its libvirtd goes on with a save whose task has died."""
    looks = iter((True, True))

    def saves(vm: libvirt.virDomain) -> bool:
        found = next(looks, False)
        if not found:
            vm.managedSave(0)
        return found

    monkeypatch.setattr(busy, "saves", saves)
    host.owes(host.has("db", "suspend", running=True))
    assert host.start(Terms(URI, "me", 5.0, 30.0, host.folder)) == {"db": "restored"}


@pytest.mark.parametrize(("state", "saves"), [("paused", True), ("shutdown", False)])
def test_one_that_goes_off_just_now_is_not_taken_for_running(
    host: Host, monkeypatch: pytest.MonkeyPatch, state: str, saves: bool
) -> None:
    owed = host.has("db", "suspend", running=True)
    host.owes(owed)
    with monkeypatch.context() as patched:
        patched.setattr(domain, "state", lambda _vm: state)
        patched.setattr(busy, "saves", lambda _vm: saves)
        with pytest.raises(OperationError, match="VM 'db' is being saved, or shuts down, just now"):
            host.start()
    assert host.known.stopped == [owed]


def test_a_save_that_ends_while_it_is_looked_for(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def saves(vm: libvirt.virDomain) -> bool:
        vm.managedSave(0)
        raise OperationError("cannot look for jobs of VM 'db': libvirt says: domain is not running.")

    monkeypatch.setattr(busy, "saves", saves)
    host.has("db", "suspend", running=True)
    assert stopping.went_off(host.connection.lookupByName("db"), 0)


def test_one_that_left_and_was_not_seen_to_start_stays_owed(host: Host) -> None:
    host.owes(AWAY)
    moves = Moves(host.folder)
    for told in (None, {"result": "failed"}, {"result": "running"}):
        if told:
            moves.write(AWAY.uuid, told)
        with pytest.raises(OperationError, match="VM 'away' has left this host for 'h2' while it was off") as caught:
            host.start()
        assert "kind: offline and to: h2" in str(caught.value)
        assert host.known.stopped == [AWAY]


def test_one_that_left_and_runs_there_is_owed_nothing(host: Host) -> None:
    """Its mover died between its last word and its note in the record."""
    host.owes(AWAY)
    Moves(host.folder).write(AWAY.uuid, {"result": "moved"})
    assert host.start() == {"away": "moved"}
    assert (host.known.stopped, host.known.ran) == ([], [])


def test_one_that_left_and_was_brought_to_another_host_is_owed_nothing(host: Host) -> None:
    host.owes(AWAY)
    assert [row["result"] for row in start(host.terms, [Peer("h3", [AWAY.uuid])], check_mode=False)] == ["elsewhere"]
    assert (host.known.stopped, host.known.ran) == ([], [])


def test_check_mode_tells_what_would_become_of_each(host: Host) -> None:
    off, runs = (host.has(name, "shutdown", running=running) for name, running in (("db", False), ("web", True)))
    gone = Stopped("gone", "00000000-0000-4000-8000-000000000009", "shutdown", "a disk", "then")
    host.owes(off, runs, gone)
    foreseen = {row["vm"]: row["result"] for row in start(host.terms, check_mode=True)}
    assert foreseen == {"db": "would_start", "web": "running", "gone": "gone"}
    assert host.known.stopped == [off, runs, gone]
    assert host.start() == {**foreseen, "db": "started"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_one_that_is_kept_as_it_crashed_is_not_taken_for_one_that_runs(
    host: Host, monkeypatch: pytest.MonkeyPatch, check_mode: bool
) -> None:
    host.owes(host.has("db", "shutdown", running=True))
    as_if(monkeypatch, "crashed")
    with pytest.raises(OperationError, match=r"VM 'db' has crashed and is kept .* .virsh destroy."):
        start(host.terms, check_mode=check_mode)
    assert len(host.known.stopped) == 1


def test_check_mode_fails_where_the_task_would(host: Host) -> None:
    host.owes(AWAY)
    for check_mode in (True, False):
        with pytest.raises(OperationError, match="was not seen to start there"):
            start(host.terms, check_mode=check_mode)


def test_one_that_is_leaving_is_left_to_its_mover(host: Host) -> None:
    owed = host.has("db", "offline", running=True)
    host.owes(owed)
    moves = Moves(host.folder)
    with moves.locked():
        mover = moves.claim(owed.uuid)
    assert mover is not None
    with pytest.raises(OperationError, match="VM 'db' is being moved to 'h2' just now"):
        host.start()
    mover.release()
    assert host.start() == {"db": "running"}


def test_nothing_is_started_while_another_task_stops_vms(host: Host) -> None:
    host.owes(host.has("db", "shutdown", running=False))
    with turn.taken(0, host.folder):
        with pytest.raises(ConflictError, match="VMs are being stopped or started here just now"):
            host.start()
        assert start(host.terms, check_mode=True)[0]["result"] == "would_start"
    assert host.start() == {"db": "started"}


def test_a_run_that_was_superseded_meanwhile_starts_no_further_vm(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    owed = [host.has(name, "shutdown", running=False) for name in ("db", "web")]
    host.owes(*owed)
    real = stopping.start

    def supersede(vm: libvirt.virDomain) -> str:
        lease.admit("newer", 2, directory=host.folder)
        return real(vm)

    monkeypatch.setattr(stopping, "start", supersede)
    lease.admit("r", 1, directory=host.folder)
    with pytest.raises(OperationError, match=r"run r .epoch 1. may not change this host"):
        host.start(Terms(URI, "me", 5.0, 0.0, host.folder, ("r", 1)))
    assert host.known.stopped == owed[1:]
    assert not host.connection.lookupByName("web").isActive()


@pytest.mark.parametrize("peer", [("runs", "unsure"), ("unsure", "runs")])
def test_one_that_somebody_has_started_elsewhere_is_not_started_here(host: Host, peer: tuple[str, str]) -> None:
    db, web = host.has("db", "shutdown", running=False), host.has("web", "shutdown", running=False)
    host.owes(db, web)
    told = {peer[0]: [db.uuid], peer[1]: []}
    peers = [Peer("h2", **told), Peer("h3", None)]
    shown = start(host.terms, peers, check_mode=True)
    assert [(row["vm"], row["result"], row["changed"], row["runs_on"]) for row in shown] == [
        ("db", "elsewhere", True, "h2"),
        ("web", "would_start", True, None),
    ]
    assert host.known.stopped == [db, web]
    assert [row["result"] for row in start(host.terms, peers, check_mode=False)] == ["elsewhere", "started"]
    assert not host.connection.lookupByName("db").isActive()
    assert (host.known.stopped, [one.vm for one in host.known.ran]) == ([], ["web"])


@pytest.mark.parametrize("way", ["shutdown", "offline"])
def test_a_guest_that_was_asked_to_shut_down_is_waited_for(
    host: Host, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked it was ended over it: it goes off while its state is looked at for the third time."""
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    asked = host.has("db", way, running=True)
    host.owes(Stopped(asked.vm, asked.uuid, way, asked.why, now, asked.to))
    Moves(host.folder).write(asked.uuid, {"result": "cancelled", "ladder": ["shutdown"]})
    real, looks = domain.state, iter(range(99))

    def state(vm: libvirt.virDomain) -> str:
        if next(looks) == 2:
            vm.shutdown()
        return real(vm)

    monkeypatch.setattr(domain, "state", state)
    assert host.start(Terms(URI, "me", 30.0, 0.0, host.folder)) == {"db": "started"}


def test_a_guest_that_nobody_asked_is_not_waited_for(host: Host) -> None:
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    queued = host.has("db", "offline", running=True)
    host.owes(Stopped(queued.vm, queued.uuid, "offline", queued.why, now, queued.to))
    Moves(host.folder).write(queued.uuid, {"result": "cancelled", "ladder": []})
    assert host.start(Terms(URI, "me", 3600.0, 0.0, host.folder)) == {"db": "running"}
