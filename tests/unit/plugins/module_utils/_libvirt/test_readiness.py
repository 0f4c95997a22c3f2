# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a guest: what is refused, and what ends the waiting."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    DeadlineError,
    InvalidInputError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import guest, readiness

LEASE = libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE


class Guest:
    """A VM whose guest answers at the second question."""

    def __init__(self, address: str = "192.0.2.1", state: int = libvirt.VIR_DOMAIN_RUNNING) -> None:
        self.address, self.at, self.asked, self.timeouts = address, state, 0, []  # type: ignore[var-annotated]

    def name(self) -> str:
        return "web"

    def state(self) -> list[int]:
        return [self.at, 0]

    def agentSetResponseTimeout(self, seconds: int, _flags: int) -> None:  # noqa: N802 libvirt's name
        self.timeouts.append(seconds)

    def _answer(self) -> None:
        self.asked += 1
        if self.asked < 2:
            raise libvirt.libvirtError("not connected")

    def guestInfo(self, _types: int, _flags: int) -> dict[str, t.Any]:  # noqa: N802
        self._answer()
        return {}

    def interfaceAddresses(self, source: int, _flags: int) -> dict[str, t.Any]:  # noqa: N802
        self._answer()
        return (
            {"vnet0": {"hwaddr": "52:54:00:00:00:01", "addrs": [{"addr": self.address, "prefix": 24}]}}
            if source == LEASE
            else {}
        )


@pytest.mark.parametrize("what", ["agent", "address"])
def test_it_waits_until_the_guest_answers(what: str) -> None:
    vm = Guest()
    readiness.wait(vm, what, 5)
    assert vm.asked >= 2
    assert vm.timeouts[-1] == libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK


@pytest.mark.parametrize("address", ["fe80::1%eth0", "169.254.1.1", "127.0.0.1"])
def test_an_address_that_nobody_else_reaches_does_not_count(address: str) -> None:
    with pytest.raises(DeadlineError, match=r"VM 'web' runs, but its guest is not ready.*ready_timeout"):
        readiness.wait(Guest(address), "address", 0)


def test_a_vm_that_stops_is_not_waited_for() -> None:
    with pytest.raises(ConflictError, match="stopped running"):
        readiness.wait(Guest(state=libvirt.VIR_DOMAIN_SHUTOFF), "agent", 60)


@pytest.mark.parametrize("state", ["stopped", "paused", "absent"])
def test_a_vm_that_will_not_run_gets_never_ready(state: str) -> None:
    with pytest.raises(InvalidInputError, match=state):
        readiness.check({"wait_for": "agent", "state": state})
    readiness.check({"wait_for": "none", "state": state})


def test_the_agent_needs_a_channel() -> None:
    channel = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
    without, with_it = (tree.parse(f"<domain><devices>{device}</devices></domain>") for device in ("", channel))
    with pytest.raises(InvalidInputError, match="guest_agent: true"):
        readiness.check_channel({"wait_for": "agent"}, without)
    readiness.check_channel({"wait_for": "agent"}, with_it)
    readiness.check_channel({"wait_for": "address"}, without)


class Frozen:
    """A VM that counts what is frozen."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses, self.frozen = refuses, 0

    def fsFreeze(self) -> None:  # noqa: N802
        self.frozen += 1
        if self.refuses:
            raise libvirt.libvirtError("half frozen")

    def fsThaw(self) -> None:  # noqa: N802
        self.frozen -= 1


def test_filesystems_are_thawed_however_it_ends() -> None:
    vm = Frozen()
    with guest.frozen(vm):
        assert vm.frozen == 1
    assert vm.frozen == 0
    with pytest.raises(KeyboardInterrupt), guest.frozen(vm):
        raise KeyboardInterrupt
    assert vm.frozen == 0
    half = Frozen(refuses=True)
    with pytest.raises(libvirt.libvirtError, match="half"), guest.frozen(half):
        pytest.fail("the body must not run")
    assert half.frozen == 0
