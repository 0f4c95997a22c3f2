# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import fates, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.fates import Place

PLACE = Place("vms", "a.qcow2", "/srv/a.qcow2")


def domain(*disks: str) -> tree.Element:
    return tree.parse(f"<domain><name>a</name><devices>{''.join(disks)}</devices></domain>")


def disk(name: str = "vda", device: str = "disk", more: str = "", source: str = '<source file="/srv/a.qcow2"/>') -> str:
    return f'<disk type="file" device="{device}">{source}<target dev="{name}"/>{more}</disk>'


@pytest.mark.parametrize(
    ("xml", "places", "users", "reason"),
    [
        (disk(), {"vda": PLACE}, {}, ""),
        (disk(device="lun"), {"vda": PLACE}, {}, ""),
        (disk(device="cdrom"), {"vda": PLACE}, {}, "taken out"),
        (disk(device="floppy"), {"vda": PLACE}, {}, "taken out"),
        (disk(more="<readonly/>"), {"vda": PLACE}, {}, "only read"),
        (disk(more="<shareable/>"), {"vda": PLACE}, {}, "shared"),
        (disk(), {}, {}, "no volume"),
        (disk(), {"vda": PLACE}, {PLACE: []}, ""),
        (disk(), {"vda": PLACE}, {PLACE: ["VM 'b'", "VM 'a'", "VM 'b'"]}, "VM 'a', VM 'b' needs it"),
    ],
)
def test_a_disk_goes_or_stays_for_a_reason(
    xml: str, places: dict[str, Place], users: dict[Place, list[str]], reason: str
) -> None:
    found = fates.fates(domain(xml), places, users)
    assert len(found) == 1
    assert reason in found[0].reason
    assert bool(found[0].reason) == bool(reason)
    told = fates.told(found)
    assert len(told["removed_storage"]) == len(fates.changes(found).changes) == (0 if reason else 1)
    assert len(told["kept_storage"]) == (1 if reason else 0)


def test_an_empty_drive_has_no_fate() -> None:
    assert fates.fates(domain(disk(device="cdrom", source="")), {}, {}) == ()


def test_a_volume_that_is_two_disks_goes_once() -> None:
    found = fates.fates(domain(disk("vda"), disk("vdb")), {"vda": PLACE, "vdb": PLACE}, {})
    assert [place for _target, place in fates.going(found)] == [PLACE]


def test_the_seed_that_was_made_for_it_goes_with_it() -> None:
    seed = Place("vms", "a-seed-0123456789abcdef.iso", "/srv/a-seed-0123456789abcdef.iso")
    drive = disk("sda", "cdrom", "<readonly/>")
    assert fates.going(fates.fates(domain(drive), {"sda": seed}, {})) == [("sda", seed)]
    assert fates.going(fates.fates(domain(drive), {"sda": seed}, {seed: ["VM 'b'"]})) == []


def test_a_volume_that_stays_as_one_disk_stays_as_the_other() -> None:
    two = domain(disk("vda"), disk("vdb", more="<readonly/>"))
    assert fates.going(fates.fates(two, {"vda": PLACE, "vdb": PLACE}, {})) == []
