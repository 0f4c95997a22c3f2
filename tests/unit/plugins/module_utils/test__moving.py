# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moves whose movers die in the middle: whoever comes next finds on the host what is owed. And those who only look on."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import pathlib
import typing as t
import xml.etree.ElementTree as ET

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _detach, _moving
from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, NotFoundError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import move_order, move_target
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order, Status
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_order import Candidate, Terms, Wish
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.operating_system import userspace_id
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_facts import VmRecord
from ansible_collections.evergreen.virt.plugins.module_utils._moving import Yard
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, record
from ansible_collections.evergreen.virt.plugins.module_utils._state.moves import Moves
from ansible_collections.evergreen.virt.plugins.modules import vm_migrate
from ansible_collections.evergreen.virt.tests.unit.plugins.modules.tasks import Module

from ._libvirt.two_hosts import CrashError, Host, World

TERMS = Terms("qemu:///system", True, None, 30, 300, 60.0, 10.0, False, stop_s=5.0, busy_s=0.0)


class Hosts:
    """A world, and the state folder of its source."""

    def __init__(self, world: World, folder: pathlib.Path) -> None:
        self.world, self.folder = world, folder

    def owed(self) -> list[tuple[str, str | None]]:
        known = record.read(self.folder)
        return [(vm.way, vm.to) for vm in known.stopped] if known else []

    def move(self, to: str = "h2", *, seconds: float = 0.0, attempt: str = "") -> dict[str, t.Any]:
        """Return what a new task tells after some seconds, from whatever controller."""
        yard = Yard(TERMS, 1, Moves(self.folder))
        wish = Wish("web", to, f"{to}.test", "192.0.2.2", attempt=attempt, kind="offline")
        if attempt:
            yard.follow([wish])
        else:
            yard.prepare([wish], strict=True)
        return yard.advance([wish], seconds)[0]


@pytest.fixture
def hosts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[World], Hosts]:
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00"), tmp_path)

    def made(world: World) -> Hosts:
        world.put_on(monkeypatch)

        @contextlib.contextmanager
        def connect(_uri: str) -> t.Iterator[Host]:
            yield Host(world, "here")

        def read(_source: Host, _names: t.Collection[str]) -> dict[str, Candidate]:
            state = world.places["here"]
            if state is None:
                return {}
            vm = Vm("web", "u", state, True, 1024, 1)
            return {"web": Candidate(VmRecord(vm, t.cast("t.Any", None), ET.Element("domain")), {}, {})}

        def start(function: t.Callable[[], None], **_named: t.Any) -> None:
            with contextlib.suppress(CrashError):
                function()

        monkeypatch.setattr(_moving, "connect", connect)
        monkeypatch.setattr(move_order, "read", read)
        monkeypatch.setattr(move_target, "check", lambda *_arguments: None)
        monkeypatch.setattr(_detach, "start", start)
        return Hosts(world, tmp_path)

    return made


def test_what_is_owed_is_noted_as_long_as_it_is(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World("running", refuses=["start there"]))
    assert found.move(seconds=5.0)["result"] == "failed"
    assert (found.owed(), found.world.places["there"]) == ([("offline", "h2")], "shutoff")
    found.world.refuses = ()
    assert found.move(seconds=5.0)["result"] == "moved"
    assert found.move()["earlier"]
    assert (found.owed(), found.world.places) == ([], {"here": None, "there": "running"})


@pytest.mark.parametrize("dies", ["ask", "move", "start there", "start there again"])
def test_a_mover_that_died_is_gone_on_with(hosts: t.Callable[[World], Hosts], dies: str) -> None:
    found = hosts(World("running", dies=dies.removesuffix(" again")))
    found.move()
    assert found.owed() == [("offline", "h2")]
    if dies.endswith("again"):
        found.world.dies = "start there"
        found.move()
    found.move()
    assert found.move()["result"] == "moved"
    assert (found.owed(), found.world.places) == ([], {"here": None, "there": "running"})
    assert found.world.done.count("move") == 1


def test_a_later_run_takes_it_somewhere_else(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World("running", dies="move"))
    found.move("h2")
    assert (found.world.places["here"], found.owed()) == ("shutoff", [("offline", "h2")])
    found.world.dies = "start there"
    found.move("h3")
    assert found.owed() == [("offline", "h3")]
    found.move("h3")
    assert (found.owed(), found.world.places["there"]) == ([], "running")


def test_of_a_move_that_waits_is_decided_when_there_is_room(
    hosts: t.Callable[[World], Hosts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then neither host is asked about it, however often somebody looks."""
    found = hosts(World("running"))
    moves = Moves(found.folder)
    moves.directory.mkdir()
    other = moves.claim("another VM")
    assert other is not None
    first = found.move()
    with monkeypatch.context() as patched:
        patched.setattr(move_order, "read", lambda *_arguments: pytest.fail("it was asked about"))
        waits = found.move(attempt=first["attempt"])
    assert (first["result"], waits["result"], waits["attempt"]) == ("queued", "queued", first["attempt"])
    other.release()
    told = found.move(attempt=first["attempt"])
    assert (told["result"], told["attempt"]) == ("running", first["attempt"])
    assert found.move(attempt=first["attempt"])["result"] == "moved"


def test_a_vm_that_somebody_had_stopped_stays_off(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World("shutoff"))
    found.move()
    assert (found.owed(), found.world.places) == ([], {"here": None, "there": "shutoff"})


def test_what_a_move_that_nobody_saw_end_has_left_undone_is_told(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World(None, "running", refuses=["autostart 1"]))
    order = Order("id", "web", "u", "h2", "h2.test", "192.0.2.2", "qemu:///system", autostart=True)
    moves = Moves(found.folder)
    moves.directory.mkdir()
    moves.write("u", Status(order, "2026-01-01T00:00:00+00:00", "failed").to_dict())
    told = found.move()
    assert (told["result"], told["earlier"]) == ("moved", True)
    assert ["does not start with that host as it did here" in warning for warning in told["warnings"]] == [True]


@pytest.mark.parametrize(
    ("there", "uuid", "kind", "moved"),
    [
        ("running", "u", "live", True),
        ("shutoff", "u", "live", False),
        ("shutoff", "u", "offline", True),
        ("running", "of another VM of that name", "live", False),
    ],
)
def test_a_vm_that_is_not_here_has_moved_if_the_target_has_that_very_one(
    hosts: t.Callable[[World], Hosts], there: str, uuid: str, kind: str, moved: bool
) -> None:
    found = hosts(World(None, there))
    found.world.uuids["there"] = uuid
    order = Order("id", "web", "u", "h3", "h3.test", "192.0.2.3", "qemu:///system")
    Moves(found.folder).directory.mkdir()
    Moves(found.folder).write("u", Status(order, "2026-01-01T00:00:00+00:00", "failed").to_dict())
    yard, wish = Yard(TERMS, 1, Moves(found.folder)), Wish("web", "h2", "h2.test", "192.0.2.2", kind=kind)
    with contextlib.nullcontext() if moved else pytest.raises(NotFoundError, match="its target does not have it"):
        yard.prepare([wish], strict=True)
        assert yard.advance([wish], 0.0)[0]["result"] == "moved"


class Followed:
    """A move of the VM web that some mover makes, and those who follow it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._moves = Moves(folder)
        self._moves.directory.mkdir()
        self._status = Status(
            Order("id", "web", "u", "h2", "h2.test", "192.0.2.2", "qemu:///system", run_id="r1"),
            "2026-01-01T00:00:00+00:00",
            boot_id=userspace_id(),
        )
        self._moves.write("u", self._status.to_dict())
        self._claim = self._moves.claim("u")

    @property
    def moves(self) -> Moves:
        return self._moves

    def dies(self) -> None:
        assert self._claim is not None
        self._claim.release()

    def ends(self, result: str) -> None:
        self._moves.write("u", dataclasses.replace(self._status, result=result).to_dict())
        self.dies()

    def cancelled(self, names: t.Sequence[str] | None, begun_by: str | None = None) -> list[tuple[str, str]]:
        """What check mode tells of it."""
        rows = Yard(TERMS, 1, self._moves).cancel(names, check_mode=True, begun_by=begun_by)
        assert self._moves.cancel_reason("u") is None
        return [(row["vm"], row["result"]) for row in rows]

    def told(self, attempts: t.Mapping[str, str | None] | None = None) -> list[tuple[str, str]]:
        rows = Yard(TERMS, 1, self._moves).join(attempts, 0.0)
        return [(row["vm"], row["result"]) for row in rows]


@pytest.fixture
def followed(tmp_path: pathlib.Path) -> Followed:
    return Followed(tmp_path)


def test_who_joins_without_a_name_follows_every_move(followed: Followed) -> None:
    assert followed.told() == [("web", "running")]
    assert followed.told({"web": None, "db": None}) == [("web", "running"), ("db", "not_moving")]


def test_moves_that_have_ended_are_read_once(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    moves, real = followed.moves, followed.moves.read
    seen: list[str] = []

    def read(uuid: str) -> dict[str, t.Any] | None:
        seen.append(uuid)
        return real(uuid)

    monkeypatch.setattr(moves, "read", read)
    monkeypatch.setattr(_moving, "TICK_S", 0.01)
    Yard(TERMS, 1, moves).join({"web": "id"}, 0.2)
    assert seen == ["u"]


@pytest.mark.parametrize("result", ["moved", "failed"])
def test_the_ending_of_a_move_is_told_to_those_who_followed_it(followed: Followed, result: str) -> None:
    followed.ends(result)
    assert followed.told({"web": "id"}) == [("web", result)]
    assert followed.told({"web": None}) == followed.told({"web": "another"}) == [("web", "not_moving")]
    assert followed.told() == []


def test_a_move_whose_mover_died_is_followed_by_nobody(followed: Followed) -> None:
    followed.dies()
    assert followed.told({"web": "id"}) == [("web", "not_moving")]
    assert followed.told() == []


@pytest.mark.parametrize("asked", ["", "the attempt that died"])
def test_a_move_that_its_host_did_not_outlive_has_failed_and_is_begun_anew(
    hosts: t.Callable[[World], Hosts], monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    found = hosts(World("running", dies="ask"))
    died = found.move()
    assert died["result"] == "running"
    monkeypatch.setattr(_moving, "userspace_id", lambda: "the next boot")
    if asked:
        told = found.move(attempt=died["attempt"])
        assert (told["result"], told["attempt"]) == ("failed", died["attempt"])
        assert told["error"] == "the host went down while VM 'web' was moving to 'h2'."
    told = found.move(seconds=5.0)
    assert told["result"] == "moved"
    assert told["attempt"] != died["attempt"]


@pytest.mark.parametrize("kind", ["offline", "live"])
def test_a_vm_that_went_down_with_its_host_is_not_moved_as_one_that_somebody_stopped(
    hosts: t.Callable[[World], Hosts], kind: str
) -> None:
    found = hosts(World("shutoff"))
    record.write(
        Maintenance("me", "", "2026-01-01T00:00:00+00:00", ran=[Ran("web", "u", "the boot before")]), found.folder
    )
    yard = Yard(TERMS, 1, Moves(found.folder))
    wish = Wish("web", "h2", "h2.test", "192.0.2.2", attempt="queued before", kind=kind)
    with pytest.raises(ConflictError, match=r"VM 'web' went down with this host.* state: recovered"):
        yard.prepare([wish], strict=True)
    yard.follow([wish])
    (row,) = yard.advance([wish], 0.0)
    assert (row["result"], row["code"]) == ("failed", "conflict")
    assert found.world.places == {"here": "shutoff", "there": None}


@pytest.mark.parametrize("uuid", ["u", "of another VM of that name"])
def test_a_start_is_owed_only_to_the_vm_that_was_shut_down(hosts: t.Callable[[World], Hosts], uuid: str) -> None:
    found = hosts(World("shutoff"))
    order = Order("old", "web", uuid, "h2", "h2.test", "192.0.2.2", "qemu:///system", restart=True)
    Moves(found.folder).directory.mkdir()
    Moves(found.folder).write(uuid, Status(order, started="then", result="failed").to_dict())
    assert found.move(seconds=5.0)["result"] == "moved"
    assert found.world.places["there"] == ("running" if uuid == "u" else "shutoff")


def test_a_vm_that_was_started_here_again_is_owed_nothing(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World("running", refuses=["move"]))
    assert "It was started here again" in found.move(seconds=5.0)["error"]
    found.world.refuses, found.world.places = (), {"here": "shutoff", "there": None}
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00"), found.folder)
    assert found.move(seconds=5.0)["result"] == "moved"
    assert found.world.places["there"] == "shutoff"


def test_a_vm_that_was_stopped_in_this_boot_is_moved_as_it_is(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World("shutoff"))
    record.write(
        Maintenance("me", "", "2026-01-01T00:00:00+00:00", ran=[Ran("web", "u", userspace_id())]), found.folder
    )
    assert found.move(seconds=5.0)["result"] == "moved"


def test_a_call_begins_no_move_once_its_run_is_superseded(
    hosts: t.Callable[[World], Hosts], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = hosts(World("running"))
    monkeypatch.setattr(vm_migrate, "Yard", functools.partial(Yard, moves=Moves(found.folder)))
    monkeypatch.setattr(lease, "admit", functools.partial(lease.admit, directory=found.folder))
    moves = [{"vm": "web", "to": "h2", "kind": "offline"}]
    call = functools.partial(Module(vm_migrate), moves=moves, poll=5.0, run_id="r1", epoch=1)
    lease.admit("r2", 2)
    with pytest.raises(ConflictError, match=r"run r1 \(epoch 1\) may not change this host"):
        call()
    assert Moves(found.folder).read("u") is None
    assert found.world.done == []
    assert call(run_id="r3", epoch=3)["moves"][0]["result"] == "moved"
    known = lease.read(found.folder)
    assert known is not None
    assert known.run_id == "r2", "to begin a move is no sign of life: who has sent the call may be dead by then"


def test_a_superseded_run_takes_no_move_over(hosts: t.Callable[[World], Hosts]) -> None:
    found = hosts(World("running", dies="ask"))
    found.move()
    lease.admit("r2", 2, directory=found.folder)
    admit = functools.partial(lease.admit, "r1", 1, directory=found.folder)
    yard = Yard(TERMS, 1, Moves(found.folder), admit)
    with pytest.raises(ConflictError, match="may not change this host"):
        yard.advance([Wish("web", "h2", "h2.test", "192.0.2.2", kind="offline")], 0.0)
    assert found.world.places["here"] == "running"


def test_check_mode_tells_what_would_be_cancelled(followed: Followed) -> None:
    assert followed.cancelled(["web", "db"]) == [("web", "would_cancel"), ("db", "not_moving")]
    assert followed.told() == [("web", "running")]


@pytest.mark.parametrize(
    ("names", "begun_by", "expected"),
    [
        (None, "r1", [("web", "would_cancel")]),
        (None, "r2", []),
        (["web", "db"], "r1", [("web", "would_cancel"), ("db", "not_moving")]),
        (["web"], "r2", [("web", "not_moving")]),
    ],
)
def test_the_moves_of_another_run_go_on(
    followed: Followed, names: list[str] | None, begun_by: str, expected: list[tuple[str, str]]
) -> None:
    assert followed.cancelled(names, begun_by) == expected


def test_a_move_tells_whose_it_is(hosts: t.Callable[[World], Hosts], monkeypatch: pytest.MonkeyPatch) -> None:
    found = hosts(World("running"))
    monkeypatch.setattr(vm_migrate, "Yard", functools.partial(Yard, moves=Moves(found.folder)))
    monkeypatch.setattr(lease, "admit", functools.partial(lease.admit, directory=found.folder))
    move = {"vm": "web", "to": "h2", "kind": "offline"}
    Module(vm_migrate)(moves=[move], poll=5.0, run_id="r1", epoch=1)
    known = Moves(found.folder).read("u")
    assert known is not None
    assert known["order"]["run_id"] == "r1"
