# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls for a running VM that libvirt may refuse."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.option import LiveStep
from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import domain_live
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline

PINS = ((0, (1,)), (1, None), (3, (0,)))


class TwoCpus:
    """A running VM that can have two CPUs, on a host with two; libvirt's own driver for tests pins none of a running VM."""

    def __init__(self) -> None:
        self.pinned: dict[int, tuple[bool, ...]] = {}

    def name(self) -> str:
        return "web"

    def connect(self) -> TwoCpus:
        return self

    def getCPUMap(self) -> tuple[int, list[bool], int]:  # noqa: N802 libvirt's name
        return 2, [True, True], 2

    def pinVcpuFlags(self, vcpu: int, cpus: tuple[bool, ...], _flags: int) -> None:  # noqa: N802 libvirt's name
        if vcpu > 1:
            raise libvirt.libvirtError(f"vcpu {vcpu} is out of range of live cpu count 2")
        self.pinned[vcpu] = cpus


@pytest.mark.parametrize("uncertain", [True, False])
def test_the_pin_of_a_cpu_that_the_running_vm_cannot_have(uncertain: bool) -> None:
    vm, step = TwoCpus(), LiveStep("pin_vcpus", PINS, uncertain)

    def perform() -> dict[LiveStep, str]:
        return domain_live.perform(t.cast(libvirt.virDomain, vm), [step], Deadline(1))

    if uncertain:
        assert list(perform()) == [step]
    else:
        with pytest.raises(VirtError, match="cannot pin the CPUs of the running VM 'web'"):
            perform()
    assert vm.pinned == {0: (False, True), 1: (True, True)}
