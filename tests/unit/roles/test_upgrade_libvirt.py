# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which daemons of libvirt the role upgrade starts anew on a host that keeps its VMs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates.impact import Running, assess
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated


def found(*stale: str) -> dict[str, dict[str, list[str]]]:
    """Return what a host tells on which these programs were replaced while they ran."""
    return {"updates": {"unfinished": assess([], [], None, Running(stale=list(stale), newer_kernel="6.12")).unfinished}}


@pytest.mark.parametrize(
    ("stale", "restarted", "renewed"),
    [
        ([], [], []),
        (["libvirtd"], ["libvirtd"], []),
        (
            ["virtlockd", "virtlogd", "virtnetworkd", "virtqemud"],
            ["virtnetworkd", "virtqemud"],
            ["virtlockd", "virtlogd"],
        ),
        (["ovs-vswitchd", "qemu-system-x86_64", "systemd", "virtiofsd"], [], []),
    ],
    ids=["none", "in one", "modular", "others"],
)
def test_what_is_started_anew(stale: list[str], restarted: list[str], renewed: list[str]) -> None:
    """Not those of VMs, and what VMs rely on never stops."""
    still = found(*stale)
    assert evaluated("upgrade", "__upgrade_libvirt_restarted", __upgrade_compared=still) == restarted
    assert evaluated("upgrade", "__upgrade_libvirt_renewed", __upgrade_compared=still) == renewed


@pytest.mark.programs
@pytest.mark.parametrize(("stale", "asked"), [(["libvirtd", "virtlogd"], True), ([], False)])
def test_they_are_if_the_host_is_still_the_runs(tmp_path: Path, stale: list[str], asked: bool) -> None:
    hosts = Hosts(tmp_path)
    hosts.add("h1", {"upgrade_lease": [{"changed": False}], "systemd_service": [{"changed": True}]})
    renew = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "libvirt"}}
    known = {"__upgrade_compared": found(*stale), "__upgrade_run": {"id": "r1", "epoch": 1}}
    said = hosts.play("h1", [{**renew, "vars": known}])
    assert sorted(re.findall(r"changed: \[h1\] => \(item=(\w+)\)", said)) == stale
    assert ("TASK [evergreen.virt.upgrade : Held | This run still has the host]" in said) is asked
