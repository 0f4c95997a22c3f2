# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import busy

XML = "<domain><devices><disk><target dev='vda'/></disk><disk><target dev='vdb'/></disk></devices></domain>"


class Domain:
    """A VM with jobs that end after some looks."""

    def __init__(
        self, job: t.Mapping[str, int], blocks: t.Mapping[str, t.Mapping[str, int]], looks: int = 10**9
    ) -> None:
        self.job, self.blocks, self.looks = job, blocks, looks

    def name(self) -> str:
        return "db"

    def jobStats(self) -> t.Mapping[str, int]:  # noqa: N802 - libvirt's name
        self.looks -= 1
        return self.job if self.looks >= 0 else {"type": 0}

    def XMLDesc(self, _flags: int) -> str:  # noqa: N802 - libvirt's name
        return XML

    def blockJobInfo(self, target: str, _flags: int) -> t.Mapping[str, int] | None:  # noqa: N802 - libvirt's name
        return self.blocks.get(target) if self.looks >= 0 else None


IDLE: dict[str, int] = {"type": 0}


@pytest.mark.parametrize(
    ("job", "blocks", "found"),
    [
        (IDLE, {}, ""),
        ({"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP}, {}, "a backup"),
        ({"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_SNAPSHOT}, {}, "a snapshot"),
        ({"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT}, {}, ""),
        (
            IDLE,
            {"vdb": {"type": libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COPY, "cur": 37, "end": 100}},
            "a block copy of vdb (37 %)",
        ),
        (IDLE, {"vda": {"type": libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT}}, "a block commit of vda (0 %)"),
    ],
)
def test_what_keeps_a_vm_busy(job: dict[str, int], blocks: dict[str, dict[str, int]], found: str) -> None:
    assert busy.job(t.cast(libvirt.virDomain, Domain(job, blocks))) == found


@pytest.mark.parametrize(
    ("job", "found"),
    [
        (IDLE, False),
        ({"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_SAVE}, True),
        ({"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP}, False),
    ],
)
def test_who_is_being_saved(job: dict[str, int], found: bool) -> None:
    assert busy.saves(t.cast(libvirt.virDomain, Domain(job, {}))) == found


def test_a_driver_without_jobs_is_never_busy() -> None:
    connection = libvirt.open("test:///default")
    assert busy.job(connection.lookupByName("test")) == ""
    assert not busy.saves(connection.lookupByName("test"))


def test_it_is_waited_for_then_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "_INTERVAL_S", 0.01)
    backup = {"type": 2, "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP}
    told: list[str] = []

    def tell(job: str) -> bool:
        told.append(job)
        return True

    busy.wait(t.cast(libvirt.virDomain, Domain(backup, {}, looks=3)), 5.0, tell)
    assert told == ["a backup"] * 3
    with pytest.raises(ConflictError, match="VM 'db' cannot be moved or saved meanwhile: a backup is under way"):
        busy.wait(t.cast(libvirt.virDomain, Domain(backup, {})), 0.05, tell)
    with pytest.raises(ConflictError, match="waited for 0 s"):
        busy.wait(t.cast(libvirt.virDomain, Domain(backup, {})), 60.0, lambda _job: False)
