# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks under external snapshots keep their sources."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_xml import parse
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.overlays import overlaid, without_sources

DISKS = """
<domain><devices>
  <disk type="{kind}" device="disk"><driver name="qemu" type="qcow2"/><source {source}/><target dev="vda" bus="virtio"/></disk>
  <disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="/b.img"/><target dev="vdb" bus="virtio"/></disk>
</devices></domain>
"""
BEFORE = DISKS.format(kind="volume", source='pool="p" volume="a.qcow2"')
AFTER = tree.parse(DISKS.format(kind="file", source='file="/p/a.s"'))
SNAPSHOT = parse(
    "<domainsnapshot><name>s</name><disks><disk name='vda' snapshot='external'><source file='/p/a.s'/></disk>"
    f"<disk name='vdb' snapshot='no'/></disks>{BEFORE}</domainsnapshot>"
)


def test_overlaid() -> None:
    later = dataclasses.replace(SNAPSHOT, name="later", parent="s")
    assert overlaid([SNAPSHOT]) == {"vda": "s"}
    assert overlaid([SNAPSHOT, later]) == {"vda": "later"}
    assert overlaid([]) == {}


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        ({"pool": "p", "volume": "a.qcow2", "format": "qcow2", "cache": "none"}, {"cache": "none"}),
        ({"path": "/p/a.s"}, {}),
        ({"cache": "none"}, {"cache": "none"}),
        ({"pool": None, "path": None, "serial": "x"}, {"pool": None, "path": None, "serial": "x"}),
    ],
)
def test_a_source_below_the_overlay_is_left_alone(entry: dict[str, t.Any], kept: dict[str, t.Any]) -> None:
    assert without_sources([{"target": "vda", **entry}], AFTER, [SNAPSHOT]) == [{"target": "vda", **kept}]


def test_another_disk_is_not_touched() -> None:
    entry = {"target": "vdb", "path": "/other.img", "format": "raw"}
    assert without_sources([entry], AFTER, [SNAPSHOT]) == [entry]


@pytest.mark.parametrize("entry", [{"path": "/other.qcow2"}, {"pool": "p", "volume": "other"}, {"format": "raw"}])
def test_another_source_is_refused(entry: dict[str, t.Any]) -> None:
    with pytest.raises(ConflictError, match=r"disks\[vda\].*snapshot 's'.*vm_snapshot"):
        without_sources([{"target": "vda", **entry}], AFTER, [SNAPSHOT])
