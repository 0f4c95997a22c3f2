# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates.lock_manager import PLUGIN, lock_manager, problems

LOCKD = 'lock_manager = "lockd"\n'


@pytest.mark.parametrize(
    ("qemu_conf", "expected"),
    [
        ("", None),
        (LOCKD, "lockd"),
        ('# {mark} a block\nmigration_port_min = 49152\nlock_manager = "lockd"\n# end\n', "lockd"),
        ("  lock_manager='lockd'   # why\n", "lockd"),
        ('#lock_manager = "lockd"\n', None),
        ('# lock_manager = "lockd"\n', None),
        ('lock_manager_x = "lockd"\n', None),
        ('lock_manager = "sanlock"\n' + LOCKD, "sanlock"),
        ('lock_manager = ""\n', ""),
    ],
)
def test_lock_manager(qemu_conf: str, expected: str | None) -> None:
    assert lock_manager(qemu_conf) == expected


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
