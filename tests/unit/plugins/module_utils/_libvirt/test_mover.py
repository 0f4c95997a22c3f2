# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import mover
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import CANCEL, Order, Status
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.mover import Journal, Mover

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


def moved(vm: Vm, monkeypatch: pytest.MonkeyPatch, ladder: list[str], cancel: str | None = None) -> Status:
    """Return how a mover leaves the VM."""
    monkeypatch.setattr(mover, "TICK_S", 0.001)
    monkeypatch.setattr(mover, "outlive_libvirtd", lambda _uri, work: work(vm))
    order = Order("id", "db", "u", "h2", "h2.test", "192.0.2.2", "qemu:///system", busy_s=0.0, state="running")
    journal = Journal(Status(order, started="2026-01-01T00:00:00+00:00", ladder=ladder), lambda _status: None)
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


def test_the_move_of_a_mover_that_died_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    vm = Vm(MOVE)
    status = moved(vm, monkeypatch, ["precopy"], "somebody wants it")
    assert (vm.aborted, status.ladder, status.result) == (1, ["precopy", CANCEL], "cancelled")
