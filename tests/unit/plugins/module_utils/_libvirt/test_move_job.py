# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flags of a move, which cannot be changed once it has begun."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_job import flags

FLAGS = (
    *("PEER2PEER", "LIVE", "OFFLINE", "PERSIST_DEST", "UNDEFINE_SOURCE", "AUTO_CONVERGE", "POSTCOPY", "TLS"),
    "NON_SHARED_DISK",
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"LIVE", "AUTO_CONVERGE", "TLS", "PERSIST_DEST", "UNDEFINE_SOURCE"}),
        # a VM that may end by post-copy is not slowed down before
        ({"post_copy": True}, {"LIVE", "POSTCOPY", "TLS", "PERSIST_DEST", "UNDEFINE_SOURCE"}),
        ({"tls": False, "persistent": False}, {"LIVE", "AUTO_CONVERGE"}),
        ({"copy_disks": ["vda"], "persistent": False}, {"LIVE", "AUTO_CONVERGE", "TLS", "NON_SHARED_DISK"}),
        ({"offline": True}, {"OFFLINE", "PERSIST_DEST", "UNDEFINE_SOURCE"}),
    ],
)
def test_flags(more: dict[str, t.Any], expected: set[str]) -> None:
    found = flags(Order("a", "vm", "uuid", "h2", "h2", "h2", "qemu:///system", **more))
    assert {name for name in FLAGS if found & getattr(libvirt, f"VIR_MIGRATE_{name}")} == expected | {"PEER2PEER"}
