# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gc
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order, Status
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_ending import conclude

from .two_hosts import World


@pytest.fixture
def control() -> t.Iterator[libvirt.virConnect]:
    gc.collect()
    connection = libvirt.open("test:///default")
    yield connection
    connection.close()


def ended(control: libvirt.virConnect, ladder: list[str]) -> tuple[str, str]:
    uuid = control.lookupByName("test").UUIDString()
    order = Order("id", "test", uuid, "h2", "h2.test", "192.0.2.2", "test:///default")
    error = OperationError("cannot move VM 'test' to 'h2': libvirt says: domain is not running.")
    found = conclude(control, Status(order, started="", ladder=ladder, reason="too slow"), error)
    return found["result"], found["reason"]


@pytest.mark.parametrize(
    ("happens", "told"), [("shutdown", "has shut down while it moved"), ("destroy", "was destroyed while it moved")]
)
def test_a_vm_that_goes_off_while_it_moves_is_not_lost(control: libvirt.virConnect, happens: str, told: str) -> None:
    getattr(control.lookupByName("test"), happens)()
    result, reason = ended(control, ["precopy"])
    assert (result, told in reason) == ("off", True)


def test_a_vm_that_still_runs_was_not_moved(control: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch) -> None:
    World("running").put_on(monkeypatch)
    assert ended(control, ["precopy"])[0] == "failed"
    assert ended(control, ["precopy", "cancel"]) == ("cancelled", "too slow; VM 'test' stays where it is.")


@pytest.mark.parametrize("ladder", [["precopy"], ["precopy", "cancel"]])
def test_a_vm_that_runs_on_its_target_too_is_doubled(
    control: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch, ladder: list[str]
) -> None:
    World("running", there="running").put_on(monkeypatch)
    result, reason = ended(control, ladder)
    assert (result, "at the same time" in reason) == ("failed", True)


def test_the_target_of_a_move_that_never_began_is_not_asked(
    control: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    World("running", there="running").put_on(monkeypatch)
    assert ended(control, []) == ("failed", "cannot move VM 'test' to 'h2': libvirt says: domain is not running.")
