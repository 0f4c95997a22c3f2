# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order, Status
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.mover import Journal
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.offline_mover import OfflineMover

from .two_hosts import Domain, World


def carried_out(world: World, monkeypatch: pytest.MonkeyPatch, cancel: str | None = None, **more: t.Any) -> Status:
    """Return how a mover leaves the world."""
    values = {"offline": True, "restart": True, "stop_s": 0.3, "state": "running", **more}
    order = Order("id", "web", "u", "h2", "h2.test", "192.0.2.2", "qemu:///system", **values)
    journal = Journal(Status(order, started="2026-01-01T00:00:00+00:00"), lambda _status: None)
    world.put_on(monkeypatch)
    OfflineMover(journal, lambda: cancel).run()
    return journal.status


@pytest.mark.parametrize(
    ("world", "ladder", "done"),
    [
        (World("running"), ["shutdown", "offline", "start"], ["ask", "move", "start there"]),
        (World("shutdown"), ["shutdown", "offline", "start"], ["move", "start there"]),
        (World("shutoff"), ["offline", "start"], ["move", "start there"]),
        (World(None, "shutoff"), ["start"], ["start there"]),
        (World(None, "running"), [], []),
    ],
)
def test_it_goes_on_where_the_vm_is(
    world: World, ladder: list[str], done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if world.places["here"] == "shutdown":
        monkeypatch.setattr(
            Domain, "shutdownFlags", lambda domain, _flags: world.places.update({domain.place: "shutoff"})
        )
    status = carried_out(world, monkeypatch)
    assert (status.result, status.ladder, world.done) == ("moved", ladder, done)
    assert world.places == {"here": None, "there": "running"}
    assert (status.downtime_ms is None) == ("shutdown" not in ladder)


def test_a_vm_that_was_off_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("shutoff")
    status = carried_out(world, monkeypatch, restart=False, autostart=True)
    assert (status.result, status.ladder, status.downtime_ms) == ("moved", ["offline"], 0)
    assert (world.places, world.done) == ({"here": None, "there": "shutoff"}, ["move", "autostart 1"])


def test_a_vm_that_may_not_start_with_its_new_host_is_started_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("running", refuses=["autostart 1"])
    status = carried_out(world, monkeypatch, autostart=True)
    assert (status.result, world.places) == ("moved", {"here": None, "there": "running"})
    assert ["does not start with that host as it did here" in warning for warning in status.warnings] == [True]


def test_a_guest_that_does_not_shut_down_keeps_running(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("running", deaf=True)
    status = carried_out(world, monkeypatch)
    assert (status.result, status.code, world.places["here"]) == ("failed", "timeout", "running")
    assert "was asked to shut down and did not within 0.3 s; it keeps running" in status.reason


def test_a_shutdown_that_libvirt_refuses_ends_the_move(monkeypatch: pytest.MonkeyPatch) -> None:
    status = carried_out(World("running", refuses=["ask"]), monkeypatch)
    assert status.result == "failed"
    assert "cannot shut down VM 'web': libvirt says: " in status.reason


@pytest.mark.parametrize(
    ("refuses", "here", "told"),
    [(["move"], "running", "It was started here again"), (["move", "start here"], "shutoff", "it is not started here")],
)
def test_a_move_that_is_refused_leaves_the_vm_running_if_it_may(
    refuses: list[str], here: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World("running", refuses=refuses)
    status = carried_out(world, monkeypatch)
    assert (status.result, world.places) == ("failed", {"here": here, "there": None})
    assert told in status.reason


def test_a_vm_that_has_left_although_libvirt_says_otherwise_is_started_there(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("running", refuses=["answer"])
    status = carried_out(world, monkeypatch)
    assert (status.result, world.places, world.done[-1]) == ("moved", {"here": None, "there": "running"}, "start there")


def test_a_vm_that_does_not_start_on_its_target_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("running", refuses=["start there"])
    status = carried_out(world, monkeypatch)
    assert (status.result, world.places) == ("failed", {"here": None, "there": "shutoff"})
    assert "cannot start VM 'web' on 'h2'" in status.reason


def test_a_target_that_is_gone_ends_the_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not this host's libvirtd, which is waited for."""
    world = World("running", silent=True)
    status = carried_out(world, monkeypatch)
    assert (status.result, world.places) == ("failed", {"here": "running", "there": None})
    assert "the target is away. It was started here again" in status.reason
    world = World(None, "shutoff", silent=True)
    status = carried_out(world, monkeypatch)
    assert (status.result, world.done) == ("failed", [])
    assert (
        "has left this host while it was off, and was not seen to start: nobody there. Bring 'h2' back" in status.reason
    )


def test_a_vm_that_is_nowhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "neither here nor on target 'h2'" in carried_out(World(None), monkeypatch).reason


def test_it_can_be_cancelled_as_long_as_the_vm_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("running", deaf=True)
    status = carried_out(world, monkeypatch, cancel="somebody wants it")
    assert (status.result, status.reason) == ("cancelled", "somebody wants it; VM 'web' stays where it is.")
    assert world.done == []
    assert carried_out(World("shutoff"), monkeypatch, cancel="somebody wants it").result == "moved"
