# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots and checkpoints from and to XML, as libvirt 9.0 writes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_xml import (
    CHECKPOINT,
    SNAPSHOT,
    Moment,
    MomentDisk,
    descendants,
    described,
    new,
    parse,
)

EXTERNAL = """
<domainsnapshot>
  <name>e1</name><description>text</description><state>disk-snapshot</state><parent><name>s1</name></parent>
  <creationTime>1795633676</creationTime><memory snapshot='no'/>
  <disks>
    <disk name='vda' snapshot='external' type='file'><driver type='qcow2'/><source file='/srv/a.e1'/></disk>
    <disk name='sda' snapshot='no'/>
  </disks>
  <domain type='qemu'><name>web</name></domain>
</domainsnapshot>
"""
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)


def test_parse_an_external_snapshot() -> None:
    found = parse(EXTERNAL, current=True)
    assert found == Moment(
        name="e1",
        parent="s1",
        description="text",
        state="disk-snapshot",
        created=1795633676,
        disks=(MomentDisk("vda", "external", "/srv/a.e1"), MomentDisk("sda", "no")),
        current=True,
    )
    assert found.to_dict()["created"] == "2026-11-25T19:07:56Z"
    assert (found.location, found.to_dict()["memory"]) == ("external", False)


def test_parse_an_internal_snapshot_with_memory() -> None:
    found = parse("<domainsnapshot><name>s</name><memory snapshot='internal'/></domainsnapshot>")
    assert (found.location, found.memory, found.parent) == ("internal", "internal", None)


def test_parse_a_checkpoint() -> None:
    found = parse(
        "<domaincheckpoint><name>c</name><disks><disk name='vda' checkpoint='bitmap'/></disks></domaincheckpoint>"
    )
    assert (found.disks, found.state) == ((MomentDisk("vda", "bitmap"),), None)


@given(TEXT, TEXT, TEXT)
def test_what_is_made_is_what_was_wanted(name: str, description: str, path: str) -> None:
    wanted = Moment(name, description=description, disks=(MomentDisk("vda", "external", path), MomentDisk("vdb", "no")))
    assert parse(new(wanted, SNAPSHOT)) == wanted


def test_a_checkpoint_names_its_bitmaps() -> None:
    root = tree.parse(new(Moment("c", disks=(MomentDisk("vda", "bitmap"),)), CHECKPOINT))
    assert root.tag == "domaincheckpoint"
    assert tree.attribute(root, "disks/disk", "checkpoint") == "bitmap"


def test_memory_of_its_own_needs_a_file() -> None:
    root = tree.parse(new(Moment("s", memory="external", memory_path="/srv/m"), SNAPSHOT))
    assert [element.attrib for element in root.findall("memory")] == [{"snapshot": "external", "file": "/srv/m"}]


def test_another_description_leaves_the_rest() -> None:
    before = parse(EXTERNAL)
    after = described(before, "a < b")
    assert parse(after) == Moment(**{**before.__dict__, "description": "a < b", "xml": after})
    assert tree.parse(after).findtext("domain/name") == "web"
    assert parse(described(before, "")).description is None


def test_descendants_come_before_their_parents() -> None:
    moments = [Moment("a"), Moment("b", "a"), Moment("c", "b"), Moment("d", "a"), Moment("other")]
    assert [moment.name for moment in descendants(moments, "a")] == ["c", "b", "d"]
    assert descendants(moments, "c") == []
