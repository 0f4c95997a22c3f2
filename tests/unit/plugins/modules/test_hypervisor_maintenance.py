# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module hypervisor_maintenance with a driver that asks no hook."""

from __future__ import annotations

import contextlib
import pathlib
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _moment
from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    MissingDependencyError,
    OperationError,
    UnavailableError,
    UnsupportedError,
    VirtError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import occupants
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.maintenance_proof import TakesVmsError
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task
from ansible_collections.evergreen.virt.plugins.module_utils._state import record
from ansible_collections.evergreen.virt.plugins.modules import hypervisor_maintenance
from ansible_collections.evergreen.virt.plugins.modules.hypervisor_maintenance import prove

from .tasks import URI, Module


class Record:
    """The module's record, in a folder of the test."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder

    def read(self) -> Maintenance | None:
        return record.read(self._folder)

    def write(self, known: Maintenance) -> None:
        record.write(known, self._folder)

    def clear(self) -> None:
        record.clear(self._folder)

    def locked(self) -> object:
        return record.locked(self._folder)


@pytest.fixture
def maintenance(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    # What check mode predicts has the second in which it was asked.
    monkeypatch.setattr(_moment, "now", lambda: "2026-01-01T00:00:00+00:00")
    monkeypatch.setattr(hypervisor_maintenance, "record", Record(tmp_path))
    return Module(hypervisor_maintenance, host={"uri": URI, "owner": "me"})


def test_who_ran_when_it_began_is_known_until_the_host_is_proven_empty(
    host: libvirt.virConnect, maintenance: Module
) -> None:
    begun = maintenance.once()["maintenance"]["ran"]
    assert [(one["vm"], one["uuid"]) for one in begun] == [("test", host.lookupByName("test").UUIDString())]
    for check_mode in (True, False):
        with pytest.raises(ConflictError, match="VMs are active on it: test"):
            maintenance(empty=True, check_mode=check_mode)
    host.lookupByName("test").destroy()
    assert maintenance()["maintenance"]["ran"] == begun
    assert maintenance.once(empty=True)["maintenance"]["ran"] == []


def test_a_run_notes_why_a_host_stays_that_it_has_out_of_service(host: libvirt.virConnect, maintenance: Module) -> None:
    """And tells by check mode whether it has: nothing else would be changed in its own record."""
    assert host.isAlive()
    run: dict[str, t.Any] = {"run_id": "r1", "epoch": 1}
    assert maintenance(check_mode=True, **run)["changed"], "in service"
    begun = maintenance(reason="rolling upgrade r1", stage="updating", **run)["maintenance"]
    assert not maintenance(check_mode=True, **run)["changed"]
    assert maintenance(check_mode=True, run_id="r2", epoch=2)["changed"], "of an earlier run"
    assert maintenance.once(reason="run r1 failed", **run)["maintenance"] == {**begun, "reason": "run r1 failed"}


def test_who_went_down_with_the_host_is_named_when_the_maintenance_ends(
    host: libvirt.virConnect, maintenance: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occupants, "userspace_id", lambda: "an earlier boot")
    maintenance()
    host.lookupByName("test").destroy()
    warnings: list[str] = []
    with pytest.raises(
        ConflictError, match=r"VMs went down with this host .* off: test\. .* started again, starts them"
    ):
        maintenance(state="disabled", run_id="r", epoch=1)
    maintenance(state="disabled", warnings=warnings)
    assert len(warnings) == 1
    assert "VMs went down with this host during its maintenance, and are off: test." in warnings[0]


def test_a_host_whose_vms_went_down_with_it_is_not_taken_for_empty(
    host: libvirt.virConnect, maintenance: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(occupants, "userspace_id", lambda: "an earlier boot")
        begun = maintenance()["maintenance"]["ran"]
    host.lookupByName("test").destroy()
    for check_mode in (True, False):
        with pytest.raises(ConflictError, match=r"VMs went down with this host .* state: recovered"):
            maintenance(empty=True, check_mode=check_mode)
    assert maintenance()["maintenance"]["ran"] == begun
    host.lookupByName("test").undefine()
    assert maintenance(empty=True)["maintenance"]["ran"] == []


@pytest.mark.parametrize("kind", [InvalidInputError, OperationError, UnavailableError, UnsupportedError])
def test_a_new_maintenance_that_is_not_proven_is_none(
    kind: type[VirtError], host: libvirt.virConnect, maintenance: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert host.isAlive()

    def prove(_task: Task) -> bool:
        raise kind("libvirt says something else.")

    with monkeypatch.context() as patch:
        patch.setattr(hypervisor_maintenance, "prove", prove)
        with pytest.raises(kind, match="something else"):
            maintenance()
    assert maintenance(check_mode=True)["changed"]


@pytest.mark.parametrize(
    ("kind", "stage", "told"),
    [
        (UnavailableError, None, True),
        (UnsupportedError, None, False),
        (UnsupportedError, "updating", True),
        (OperationError, "updating", True),
        (TakesVmsError, "updating", False),
    ],
)
@pytest.mark.usefixtures("host")
def test_a_maintenance_goes_on_while_libvirt_is_updated(
    kind: type[VirtError], stage: str | None, told: bool, maintenance: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    maintenance(stage=stage)
    warnings: list[str] = []

    def prove(_task: Task) -> bool:
        raise kind("libvirt is updated.")

    monkeypatch.setattr(hypervisor_maintenance, "prove", prove)
    with contextlib.nullcontext() if told else pytest.raises(kind):
        maintenance(warnings=warnings)
    assert ["libvirt is updated" in warning for warning in warnings] == [True] * told
    assert not maintenance(check_mode=True)["changed"]


@pytest.mark.usefixtures("host")
def test_how_far_an_update_came_is_noted_where_it_has_broken_libvirts_library(
    maintenance: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(LIBVIRT, "error", ImportError("libvirt.so.0 is gone"))
        with pytest.raises(MissingDependencyError):
            maintenance()
    maintenance(stage="updating")
    monkeypatch.setattr(LIBVIRT, "error", ImportError("libvirt.so.0 is gone"))
    warnings: list[str] = []
    assert maintenance.once(stage="updated")["maintenance"]["stage"] == "updated"
    maintenance(stage="updated", warnings=warnings)
    assert "not proven now: the Python library 'libvirt' cannot be imported" in warnings[0]
    for needing in ({"empty": True}, {"state": "disabled"}):
        with pytest.raises(MissingDependencyError):
            maintenance(**needing)


def test_what_cannot_be_proven_is_told(host: libvirt.virConnect) -> None:
    warnings: list[str] = []
    assert not prove(Task({"uri": URI}, check_mode=False, warn=warnings.append))
    assert len(warnings) == 1
    assert f"asks no hook at {URI}" in warnings[0]
    assert host.listDefinedDomains() == []
