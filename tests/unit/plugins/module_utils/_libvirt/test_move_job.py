# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flags and parameters of a move, which cannot be changed once it has begun."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_job import flags, parameters

FLAGS = (
    *("PEER2PEER", "LIVE", "OFFLINE", "PERSIST_DEST", "UNDEFINE_SOURCE", "AUTO_CONVERGE", "POSTCOPY", "TLS"),
    *("NON_SHARED_DISK", "PARALLEL", "COMPRESSED"),
)
USUAL = {"LIVE", "AUTO_CONVERGE", "TLS", "PERSIST_DEST", "UNDEFINE_SOURCE"}


def order(**more: t.Any) -> Order:
    return Order("a", "vm", "uuid", "h2", "h2", "h2", "qemu:///system", **more)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, USUAL),
        ({"parallel_connections": 4}, USUAL | {"PARALLEL"}),
        ({"compression": "xbzrle"}, USUAL | {"COMPRESSED"}),
        ({"compression": "zstd"}, USUAL | {"PARALLEL", "COMPRESSED"}),
        # a VM that may end by post-copy is not slowed down before
        ({"post_copy": True}, {"LIVE", "POSTCOPY", "TLS", "PERSIST_DEST", "UNDEFINE_SOURCE"}),
        ({"tls": False, "persistent": False}, {"LIVE", "AUTO_CONVERGE"}),
        ({"copy_disks": ["vda"], "persistent": False}, {"LIVE", "AUTO_CONVERGE", "TLS", "NON_SHARED_DISK"}),
        ({"offline": True}, {"OFFLINE", "PERSIST_DEST", "UNDEFINE_SOURCE"}),
    ],
)
def test_flags(more: dict[str, t.Any], expected: set[str]) -> None:
    found = flags(order(**more))
    assert {name for name in FLAGS if found & getattr(libvirt, f"VIR_MIGRATE_{name}")} == expected | {"PEER2PEER"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {}),
        ({"parallel_connections": 4}, {"parallel.connections": 4}),
        ({"compression": "xbzrle"}, {"compression": "xbzrle"}),
        ({"compression": "zstd"}, {"parallel.connections": 1, "compression": "zstd"}),
        ({"bandwidth_mib": 50, "copy_disks": ["vda"]}, {"bandwidth": 50, "migrate_disks": ["vda"]}),
        ({"bandwidth_mib": 50, "post_copy": True}, {"bandwidth": 50, "bandwidth.postcopy": 50}),
        ({"post_copy": True}, {}),
    ],
)
def test_parameters(more: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    assert parameters(order(**more)) == {"migrate_uri": "tcp:h2", **expected}
