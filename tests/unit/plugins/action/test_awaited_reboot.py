# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That actions whose step takes long tell so: the boot, the download, and VMs that are stopped."""

from __future__ import annotations

import importlib
import threading
import types
import typing as t

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.plugin_utils import meanwhile


@pytest.mark.parametrize("name", ["awaited_reboot", "hypervisor_updates_download", "maintenance_vms"])
def test_each_action_tells_and_returns_what_the_one_behind_it_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    action = importlib.import_module(f"ansible_collections.evergreen.virt.plugins.action.{name}").ActionModule
    behind = next(
        each for each in action.__mro__ if each not in (action, meanwhile.ToldMeanwhile) and "run" in vars(each)
    )
    assert behind is not ActionBase
    lines: list[str] = []
    told = threading.Event()

    def slowly(_self: t.Any, _tmp: t.Any, variables: t.Any) -> dict[str, t.Any]:
        assert told.wait(10)
        return {"changed": True, "for": variables["inventory_hostname"]}

    def show(line: str) -> None:
        lines.append(line)
        told.set()

    monkeypatch.setattr(behind, "run", slowly)
    monkeypatch.setattr(meanwhile, "Display", lambda: types.SimpleNamespace(display=show))
    monkeypatch.setattr(meanwhile, "EACH_S", 0.01)
    one = object.__new__(action)
    one._task = types.SimpleNamespace(delegate_to=None, name="Reboot | Boot it")
    assert one.run(None, {"inventory_hostname": "h1"}) == {"changed": True, "for": "h1"}
    assert lines[0] == "[h1] Reboot | Boot it: under way for 0 s"
