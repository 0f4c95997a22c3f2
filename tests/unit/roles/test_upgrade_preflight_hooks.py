# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hooks that are asked before the plan is made."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import play

pytestmark = pytest.mark.programs

ASKED = {"name": "ceph", "command": ["sh", "-c", "test $EVERGREEN_HOST != h1 || { echo it rebalances; exit 70; }"]}
REFUSES = {"name": "gluster", "command": ["sh", "-c", "test $EVERGREEN_HOST != h2 || { echo it heals; exit 1; }"]}


def said(folder: Path, *hooks: dict[str, t.Any], **more: t.Any) -> str:
    """Ask two hosts, of which one is to be left out, and return what Ansible says."""
    ask = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "preflight"}}
    tell = {"ansible.builtin.debug": {"msg": "left out: {{ __upgrade_left_out | default('not') }}"}}
    plays = [{"hosts": "cluster", "gather_facts": False, "tasks": [ask, tell]}]
    return play(folder, plays, [node("h1"), node("h2")], {}, upgrade_hooks={"preflight": hooks}, **more)


def test_a_hook_leaves_a_host_out(tmp_path: Path) -> None:
    found = said(tmp_path, ASKED)
    assert "left out: the hook 'ceph' asked for it: it rebalances" in found, found
    assert "left out: not" in found
    assert "changed=0" in found


def test_hooks_that_refuse_and_a_silent_host_stop_the_run(tmp_path: Path) -> None:
    found = said(tmp_path, {**REFUSES, "runs_on": "controller"}, ASKED, silent="h1", __upgrade_silence=0)
    assert "because a hook refuses: h1: Hook | Command of ceph: the host was lost while sh ran on it" in found, found
    assert "h2: Hook | Command of gluster: sh ended with 1: it heals" in found
    assert "unreachable=0" in found
    assert "left out:" not in found
