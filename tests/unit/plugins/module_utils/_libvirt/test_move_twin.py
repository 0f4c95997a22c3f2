# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A VM that its move left where it was, and what its target has to say."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import move_target
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Ending, Order
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_twin import considered

from .two_hosts import Host, World

ORDER = Order("id", "web", "u", "h2", "h2.test", "192.0.2.2", "qemu:///system")
CANCELLED = {"result": "cancelled", "code": "cancelled", "reason": "too slow; VM 'web' stays where it is."}


def seen(world: World) -> Ending:
    here = world.places["here"] or ""
    return considered(t.cast("t.Any", Host(world, "here")), ORDER, here, CANCELLED)


def fall_silent(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the target not answer so many times."""
    left, reach = iter(range(times)), move_target.reach

    @contextlib.contextmanager
    def silent(name: str, address: str) -> t.Iterator[t.Any]:
        if next(left, None) is not None:
            raise UnavailableError("nobody there.")
        with reach(name, address) as target:
            yield target

    monkeypatch.setattr(move_target, "reach", silent)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@pytest.mark.parametrize("there", [None, "shutoff"])
def test_a_vm_that_is_not_active_there_is_where_it_was(monkeypatch: pytest.MonkeyPatch, there: str | None) -> None:
    world = World("running", there)
    world.put_on(monkeypatch)
    assert seen(world) == CANCELLED


@pytest.mark.parametrize(("here", "there"), [("running", "running"), ("paused", "running"), ("running", "blocked")])
def test_a_vm_on_both_hosts_is_told_with_both_and_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, here: str, there: str
) -> None:
    world = World(here, there)
    world.put_on(monkeypatch)
    ending = seen(world)
    assert (ending["result"], ending["code"]) == ("failed", "doubled")
    assert f"VM 'web' is {here} on 'here' and {there} on 'h2' at the same time." in ending["reason"]
    assert "virsh destroy" in ending["reason"]
    assert "too slow" in ending["reason"]
    assert (world.places, world.done) == ({"here": here, "there": there}, [])


@pytest.mark.parametrize("there", ["paused", "crashed"])
def test_a_vm_that_waits_there_is_told_beside_the_ending(monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    world = World("running", there)
    world.put_on(monkeypatch)
    ending = seen(world)
    assert ending["result"] == "cancelled"
    assert ending["reason"].endswith(f"VM 'web' is {there} on target 'h2' as well: see with virsh why.")


@pytest.mark.parametrize(("times", "doubt"), [(2, False), (3, True)])
def test_a_target_that_does_not_answer_is_asked_again_and_leaves_a_doubt(
    monkeypatch: pytest.MonkeyPatch, times: int, doubt: bool
) -> None:
    world = World("running")
    world.put_on(monkeypatch)
    fall_silent(monkeypatch, times)
    told = f"{CANCELLED['reason']} Whether VM 'web' runs on target 'h2' as well could not be seen: nobody there."
    assert seen(world) == ({**CANCELLED, "reason": told} if doubt else CANCELLED)


def test_a_target_that_hangs_does_not_keep_a_move_from_its_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes the connection, and nobody reads from it."""
    monkeypatch.setattr(move_target, "_TRIES", 1)
    monkeypatch.setattr(move_target, "OPENS_IN_S", 0.1)
    monkeypatch.setattr(move_target, "uri", lambda _address: "test:///default")
    over = threading.Event()
    monkeypatch.setattr(libvirt, "open", lambda _uri: over.wait(10.0))
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        monkeypatch.setattr(move_target, "TLS_PORT", hangs.getsockname()[1])
        order = dataclasses.replace(ORDER, address="127.0.0.1")
        told = considered(t.cast("t.Any", Host(World("running"), "here")), order, "running", CANCELLED)
    over.set()
    assert "takes connections and does not answer within 0.1 s" in told["reason"]
