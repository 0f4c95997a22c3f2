# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._updates.lock_manager import (
    PLUGIN,
    problems,
    unlocked,
)

LOCKD = 'lock_manager = "lockd"\n'


@pytest.mark.parametrize(
    ("qemu_conf", "offered", "told"),
    [
        (LOCKD, {PLUGIN, "vim"}, True),
        (LOCKD, {"vim"}, False),  # it is part of libvirt-daemon, or installed
        (LOCKD, set(), False),
        ("", {PLUGIN}, False),
        ('lock_manager = "nop"\n', {PLUGIN}, False),
    ],
)
def test_problems(qemu_conf: str, offered: set[str], told: bool) -> None:
    found = problems(qemu_conf, offered)
    assert len(found) == told
    assert all(word in sentence for sentence in found for word in (PLUGIN, "upgrade_packages", "'packages'"))


SHARED = Disk("vda", "/srv/nfs/a.qcow2", "nfs:filer:/export")


@pytest.mark.parametrize(
    ("qemu_conf", "disk", "told"),
    [
        ("", SHARED, True),
        ('lock_manager = ""\n', SHARED, True),
        ('lock_manager = "nop"\n', SHARED, True),
        (LOCKD, SHARED, False),
        ('lock_manager = "sanlock"\n', SHARED, False),
        ("", Disk("sda", "/srv/nfs/a.iso", "nfs:filer:/export", readonly=True), False),
        ("", Disk("vda", "/var/lib/a.qcow2", "local:me"), False),
        ("", Disk("vda", "nbd://filer:10809/a", "nbd://filer:10809/a"), False),
        ("", Disk("sda", None, None), False),
    ],
)
def test_who_is_not_kept_from_being_started_twice(qemu_conf: str, disk: Disk, told: bool) -> None:
    vm = Vm("web", "u", "running", persistent=True, memory_mib=1, vcpus=1, disks=[disk])
    assert unlocked(qemu_conf, [vm]) == (["web"] if told else [])
