# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.plugin_utils.found_vms import FoundVm, one_of_each_name


def found(host: str, state: str, *, name: str = "web", moving: bool = False) -> FoundVm:
    vm = Vm(name=name, uuid="u", state=state, persistent=True, memory_mib=64, vcpus=1)
    return FoundVm(host, vm.to_dict(), moving=moving)


@pytest.mark.parametrize("prefer_active", [False, True])
def test_a_copy_that_is_being_moved_does_not_count(prefer_active: bool) -> None:
    copies = [found("h2", "paused", moving=True), found("h1", "running")]
    assert [vm.host for vm in one_of_each_name(copies, prefer_active=prefer_active)] == ["h1"]
    assert [vm.host for vm in one_of_each_name(copies[:1], prefer_active=prefer_active)] == ["h2"]


def test_the_active_one_is_taken_if_it_is_preferred() -> None:
    copies = [found("h1", "shutoff"), found("h2", "paused")]
    assert [vm.host for vm in one_of_each_name(copies, prefer_active=True)] == ["h2"]
    with pytest.raises(ConflictError, match="'web': shutoff on h1, paused on h2") as caught:
        one_of_each_name(copies, prefer_active=False)
    assert "same_name" in caught.value.hint


@pytest.mark.parametrize("state", ["running", "shutoff"])
def test_two_that_are_alike_are_never_guessed_about(state: str) -> None:
    with pytest.raises(ConflictError, match=f"{state} on h1, {state} on h2"):
        one_of_each_name([found("h1", state), found("h2", state)], prefer_active=True)


def test_names_are_in_order_and_bring_their_variables() -> None:
    vms = one_of_each_name([found("h1", "running", name="b"), found("h2", "shutoff", name="a")], prefer_active=False)
    assert [vm.name for vm in vms] == ["a", "b"]
    assert vms[0].variables() == {"virt_vm": vms[0].vm, "virt_host": "h2", "virt_state": "shutoff"}
    assert FoundVm("h1", vms[0].vm, address="192.0.2.1").variables()["ansible_host"] == "192.0.2.1"
