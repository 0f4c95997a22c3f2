# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import functools
import threading
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError, UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import mover
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import OPENS_IN_S
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import CANCEL, Order, Status
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.mover import Journal, Mover
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline

pytestmark = pytest.mark.programs

BACKUP = {"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP}
MOVE = {"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT}


class Vm:
    """The only VM of a host, which is at the same time the connection to it. Its job ends when it is aborted, or by itself."""

    def __init__(self, job: t.Mapping[str, int], looks: int = 20) -> None:
        self.job, self.looks, self.aborted = job, looks, 0

    def lookupByUUIDString(self, _uuid: str) -> Vm:  # noqa: N802 - libvirt's name
        return self

    def name(self) -> str:
        return "db"

    def state(self) -> list[int]:
        return [libvirt.VIR_DOMAIN_RUNNING, 0]

    def jobStats(self) -> t.Mapping[str, int]:  # noqa: N802 - libvirt's name
        self.looks -= 1
        return self.job if self.looks >= 0 else {"type": 0}

    def abortJob(self) -> None:  # noqa: N802 - libvirt's name
        self.aborted += 1
        self.looks = 0


def moved(
    vm: Vm,
    monkeypatch: pytest.MonkeyPatch,
    ladder: list[str],
    cancel: str | None = None,
    *,
    waited_s: float = 0.0,
    give_up: t.Callable[[], None] | None = None,
) -> Status:
    """Return how a mover leaves the VM."""
    monkeypatch.setattr(mover, "TICK_S", 0.001)
    monkeypatch.setattr(mover, "outlive_libvirtd", lambda _uri, work: work(vm))
    order = Order("id", "db", "u", "h2", "h2.test", "192.0.2.2", "qemu:///system", busy_s=0.0, state="running")
    status = Status(order, started="2026-01-01T00:00:00+00:00", ladder=ladder, waited_s=waited_s)
    journal = Journal(status, lambda _status: None)
    with journal.watched(give_up) if give_up else contextlib.nullcontext():
        Mover(journal, lambda: cancel).run()
    return journal.status


@pytest.mark.parametrize("ladder", [[], ["precopy"]])
@pytest.mark.parametrize("cancel", [None, "somebody wants it"])
def test_a_backup_is_nobodys_to_abort(ladder: list[str], cancel: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    vm = Vm(BACKUP)
    status = moved(vm, monkeypatch, ladder, cancel)
    assert vm.aborted == 0
    assert status.result in ("failed", "cancelled")
    assert ("a backup" in status.reason) == (not ladder and cancel is None)


def test_a_qemu_that_does_not_answer_ends_no_move(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stalled(Vm):
        def jobStats(self) -> t.Mapping[str, int]:  # noqa: N802 - libvirt's name
            if self.looks > 10:
                self.looks -= 1
                raise OperationError("cannot acquire state change lock.")
            return super().jobStats()

    vm = Stalled(MOVE)
    monkeypatch.setattr(Journal, "elapsed_s", 1.0)
    status = moved(vm, monkeypatch, ["precopy"], "somebody wants it")
    assert (vm.aborted, status.result) == (1, "cancelled")


@pytest.mark.parametrize(("worked_s", "tries"), [(0.0, 4), (20.0, 6)])
def test_a_libvirtd_is_waited_for_anew_when_it_was_back(
    monkeypatch: pytest.MonkeyPatch, worked_s: float, tries: int
) -> None:
    """It works for some time in its first tries, and then no more; after each failure 25 s pass."""
    clock: list[float] = [0.0]
    done: list[float] = []
    monkeypatch.setattr(mover, "Deadline", functools.partial(Deadline, clock=lambda: clock[0]))
    monkeypatch.setattr(mover, "connect", lambda _uri: contextlib.nullcontext(None))
    monkeypatch.setattr("time.sleep", lambda _seconds: clock.__setitem__(0, clock[0] + 25.0))

    def work(_control: object) -> None:
        clock[0] += worked_s if len(done) < 3 else 0.0
        done.append(clock[0])
        raise UnavailableError("it is away.")

    with pytest.raises(UnavailableError):
        mover.outlive_libvirtd("qemu:///system", work)
    assert len(done) == tries


def test_a_libvirtd_that_hangs_was_not_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes to say that it does not open a connection."""
    clock = [0.0]

    def hangs(_uri: str) -> t.NoReturn:
        clock[0] += OPENS_IN_S
        raise UnavailableError("it hangs.")

    monkeypatch.setattr(mover, "Deadline", functools.partial(Deadline, clock=lambda: clock[0]))
    monkeypatch.setattr(mover, "connect", hangs)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with pytest.raises(UnavailableError):
        mover.outlive_libvirtd("qemu:///system", lambda _control: None)
    assert clock[0] <= 2 * mover.LIBVIRT_IS_BACK_IN_S


@pytest.mark.parametrize(("answers_s", "gives_up"), [(0.0, False), (60.0, True)])
def test_a_mover_that_waits_for_ever_gives_up_and_says_so(
    answers_s: float, gives_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = threading.Event()

    class Hanging(Vm):
        def jobStats(self) -> t.Mapping[str, int]:  # noqa: N802 - libvirt's name
            given_up.wait(answers_s)
            return super().jobStats()

    monkeypatch.setattr(mover, "ANSWERS_IN_S", 0.5)
    monkeypatch.setattr(mover, "conclude", lambda *_known: {"result": "failed"})
    status = moved(Hanging(MOVE), monkeypatch, ["precopy"], give_up=given_up.set)
    assert given_up.is_set() == gives_up
    assert any("has not answered for 0.5 s" in warning for warning in status.warnings) == gives_up


def test_the_move_of_a_mover_that_died_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    vm = Vm(MOVE)
    status = moved(vm, monkeypatch, ["precopy"], "somebody wants it")
    assert (vm.aborted, status.ladder, status.result) == (1, ["precopy", CANCEL], "cancelled")


@pytest.mark.parametrize(("waited_s", "aborted"), [(0.0, 1), (500.0, 0)])
def test_what_a_mover_that_died_had_waited_for_is_no_part_of_the_moves_time(
    waited_s: float, aborted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vm = Vm(MOVE)
    monkeypatch.setattr(Journal, "elapsed_s", 4000.0)  # 3600 are allowed
    moved(vm, monkeypatch, ["precopy"], waited_s=waited_s)
    assert vm.aborted == aborted
