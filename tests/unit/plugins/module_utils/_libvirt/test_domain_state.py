# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import DeadlineError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import domain_state
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline

from .two_hosts import Domain, World


@pytest.mark.parametrize(
    ("current", "wanted", "expected", "after"),
    [
        ("shutoff", "present", (), "shutoff"),
        ("running", "present", (), "running"),
        ("shutoff", "started", ("start",), "running"),
        ("crashed", "started", ("start",), "running"),
        ("running", "started", (), "running"),
        ("paused", "started", ("resume",), "running"),
        ("suspended", "started", ("wake",), "running"),
        ("shutdown", "started", ("wait_off", "start"), "running"),
        ("running", "stopped", ("shutdown",), "shutoff"),
        ("paused", "stopped", ("resume", "shutdown"), "shutoff"),
        ("shutoff", "stopped", (), "shutoff"),
        ("running", "paused", ("suspend",), "paused"),
        ("paused", "paused", (), "paused"),
        ("shutoff", "paused", ("start_paused",), "paused"),
        ("running", "restarted", ("shutdown", "start"), "restarted"),
        ("shutoff", "restarted", ("start",), "running"),
        ("running", "absent", ("shutdown",), "running"),
        ("shutoff", "absent", (), "shutoff"),
    ],
)
def test_steps(current: str, wanted: str, expected: tuple[str, ...], after: str) -> None:
    assert domain_state.steps(current, wanted) == expected
    assert domain_state.state_after(current, wanted) == after


@pytest.mark.parametrize(
    ("current", "wanted", "expected"),
    [
        ("running", "present", ("shutdown", "start")),
        ("paused", "present", ("resume", "shutdown", "start_paused")),
        ("running", "paused", ("shutdown", "start_paused")),
    ],
)
def test_restart_steps(current: str, wanted: str, expected: tuple[str, ...]) -> None:
    assert domain_state.restart_steps(current, wanted) == expected


class Late(Domain):
    """A VM whose guest does not hear; `goes_off` says whether it shuts down just before its power is cut."""

    def __init__(self, *, state: str, goes_off: bool) -> None:
        super().__init__(World(state, deaf=True), "here")
        self.goes_off = goes_off

    def destroy(self) -> None:
        if self.goes_off:
            self.world.places["here"] = "shutoff"
        raise libvirt.libvirtError("domain is not running")

    resume = suspend = destroy


@pytest.mark.parametrize(("state", "step"), [("running", "shutdown"), ("shutdown", "wait_off")])
def test_a_vm_that_goes_off_before_its_power_is_cut_is_off(state: str, step: str) -> None:
    def perform(vm: Late) -> None:
        domain_state.perform(t.cast(libvirt.virDomain, vm), [step], deadline=Deadline(0.05), force_off=True)

    perform(Late(state=state, goes_off=True))
    with pytest.raises(VirtError, match=f"cannot {step.replace('_', ' ')} VM 'web'"):
        perform(Late(state=state, goes_off=False))


class WithoutAgent(Domain):
    """A running VM whose guest agent is not connected; its power can be cut."""

    def __init__(self) -> None:
        super().__init__(World("running"), "here")

    def shutdownFlags(self, _flags: int) -> None:  # noqa: N802 libvirt's name
        raise libvirt.libvirtError("guest agent is not connected")

    def destroy(self) -> None:
        self.world.places["here"] = "shutoff"

    resume = suspend = destroy


class Leaving(WithoutAgent):
    """A running VM whose guest agent ends as soon as it was asked, while the rest of the guest goes on for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.rest, self.asked = Deadline(seconds), 0

    def shutdownFlags(self, flags: int) -> None:  # noqa: N802 libvirt's name
        self.asked += 1
        if self.asked > 1:
            super().shutdownFlags(flags)

    def state(self) -> list[int]:
        if self.rest.expired:
            self.destroy()
        return super().state()


def test_a_guest_that_shuts_down_as_asked_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_state, "ASK_AGAIN_S", 0.01)

    def perform(vm: Leaving, *, seconds: float) -> None:
        domain_state.perform(
            t.cast(libvirt.virDomain, vm),
            ["shutdown"],
            deadline=Deadline(seconds),
            force_off=False,
            shutdown_mode="agent",
        )

    vm = Leaving(0.1)
    perform(vm, seconds=60)
    assert vm.asked > 1
    with pytest.raises(DeadlineError, match=r"did not shut down within 0\.1 s"):
        perform(Leaving(60), seconds=0.1)


def test_a_vm_that_cannot_be_asked_is_cut_off_where_that_is_allowed() -> None:
    def perform(vm: WithoutAgent, *, force_off: bool, seconds: float) -> None:
        domain_state.perform(
            t.cast(libvirt.virDomain, vm),
            ["shutdown"],
            deadline=Deadline(seconds),
            force_off=force_off,
            shutdown_mode="agent",
        )

    vm = WithoutAgent()
    perform(vm, force_off=True, seconds=0.05)
    assert vm.world.places["here"] == "shutoff"
    with pytest.raises(VirtError, match="agent is not connected"):
        perform(WithoutAgent(), force_off=False, seconds=60)
