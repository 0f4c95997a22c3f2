# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which moves are sent over several connections or compressed, and why others are not."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_speed import End, or_plain

ANCIENT = End("h0", {"libvirt": 6_000_000, "QEMU": 4_002_001})
OLD = End("h1", {"libvirt": 9_000_000, "QEMU": 7_002_022})
NEW = End("h2", {"libvirt": 11_003_000, "QEMU": 10_000_002})


def carried_out(*ends: End, **wished: t.Any) -> tuple[int, str, str]:
    made = or_plain(Order("a", "vm", "uuid", "h2", "h2", "h2", "qemu:///system", **wished), ends)
    return made.parallel_connections, made.compression, made.plain


@pytest.mark.parametrize(
    ("wished", "ends"),
    [
        ({}, (ANCIENT, ANCIENT)),
        ({"post_copy": True}, (OLD, NEW)),
        ({"copy_disks": ["vda"]}, (OLD, NEW)),
        ({"parallel_connections": 4}, (OLD, NEW)),
        ({"compression": "xbzrle"}, (ANCIENT, OLD)),
        ({"compression": "xbzrle", "copy_disks": ["vda"]}, (OLD, OLD)),
        ({"compression": "zstd"}, (NEW, NEW)),
        ({"compression": "zlib", "parallel_connections": 2}, (NEW, NEW)),
    ],
)
def test_what_both_ends_can_do_is_done(wished: dict[str, t.Any], ends: tuple[End, End]) -> None:
    expected = (wished.get("parallel_connections", 1), wished.get("compression", "none"), "")
    assert carried_out(*ends, **wished) == expected


@pytest.mark.parametrize(
    ("wished", "ends", "reason"),
    [
        ({"parallel_connections": 4}, (ANCIENT, NEW), "QEMU of 'h0' is 4.2.1, and 5.2.0 is needed"),
        ({"parallel_connections": 4}, (NEW, ANCIENT), "QEMU of 'h0' is 4.2.1, and 5.2.0 is needed"),
        ({"compression": "zstd"}, (NEW, OLD), "libvirt of 'h1' is 9.0.0, and 9.4.0 is needed"),
        ({"parallel_connections": 4, "post_copy": True}, (NEW, NEW), "the move may end by post-copy"),
        ({"compression": "xbzrle", "post_copy": True}, (NEW, NEW), "the move may end by post-copy"),
        ({"parallel_connections": 4, "copy_disks": ["vda"]}, (OLD, OLD), "disks are copied with the VM"),
        ({"compression": "zlib", "copy_disks": ["vda"]}, (NEW, NEW), "disks are copied with the VM"),
        ({"compression": "xbzrle", "parallel_connections": 2}, (NEW, NEW), "xbzrle goes over one connection only"),
        ({"compression": "zstd", "parallel_connections": 4, "offline": True}, (NEW, NEW), ""),
    ],
)
def test_everything_else_is_sent_plainly(wished: dict[str, t.Any], ends: tuple[End, End], reason: str) -> None:
    assert carried_out(*ends, **wished) == (1, "none", reason)
