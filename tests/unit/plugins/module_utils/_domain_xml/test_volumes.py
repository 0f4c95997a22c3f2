# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree, volumes
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.images import Image
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.volumes import Volume, VolumeStep
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

MIB = 2**20
IN_POOL = tree.parse(
    "<domain><devices><disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda'/></disk></devices></domain>"
)
ENTRY = {"target": "vda", "pool": "p", "volume": "v"}
IMAGE = {"pool": "p", "volume": "base", "mode": "copy"}
BASE = Image("/p/base", "raw", 4 * MIB, 0, "p", "dir", "base")


def steps(entry: dict[str, t.Any], volume: Volume) -> tuple[VolumeStep, ...]:
    entries = [entry]
    return volumes.steps(entries, volumes.places(IN_POOL, entries), {"vda": volume})[0]


@pytest.mark.parametrize(
    ("entry", "volume", "expected"),
    [
        ({**ENTRY, "size_mib": 8}, Volume("dir"), ("create", 8 * MIB, "qcow2")),
        ({**ENTRY, "size_gib": 1, "format": "raw"}, Volume("dir"), ("create", 1024 * MIB, "raw")),
        ({**ENTRY, "size_mib": 8}, Volume("logical"), ("create", 8 * MIB, None)),
        ({**ENTRY, "size_mib": 8}, Volume("dir", 8 * MIB, "raw"), None),
        ({**ENTRY, "size_mib": 9}, Volume("logical", 12 * MIB), None),
        ({**ENTRY, "size_mib": 13}, Volume("logical", 12 * MIB), ("grow", 13 * MIB, None)),
        ({**ENTRY}, Volume("dir", 8 * MIB, "raw"), None),
        ({"target": "vda", "size_mib": 9}, Volume("dir", 8 * MIB, "raw"), ("grow", 9 * MIB, None)),
        ({**ENTRY, "image": IMAGE}, Volume("dir", image=BASE), ("create", 4 * MIB, "raw")),
        ({**ENTRY, "image": IMAGE, "size_mib": 9}, Volume("logical", image=BASE), ("create", 9 * MIB, None)),
        ({**ENTRY, "image": {**IMAGE, "mode": "backing"}}, Volume("dir", image=BASE), ("create", 4 * MIB, "qcow2")),
        ({**ENTRY, "image": IMAGE}, Volume("dir", 8 * MIB, "raw"), None),
    ],
)
def test_steps(entry: dict[str, t.Any], volume: Volume, expected: tuple[str, int, str | None] | None) -> None:
    assert [(step.action, step.size, step.format) for step in steps(entry, volume)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("entry", "volume", "says"),
    [
        ({**ENTRY, "size_mib": 7}, Volume("dir", 8 * MIB, "raw"), "never shrunk"),
        ({**ENTRY, "size_mib": 7}, Volume("logical", 40 * MIB), "never shrunk"),
        (ENTRY, Volume("dir"), "name a size"),
        ({"target": "vda", "path": "/a", "size_mib": 7}, Volume("dir"), "need a pool"),
        ({"target": "vda", "path": "/a", "image": IMAGE}, Volume("dir"), "need a pool"),
        ({**ENTRY, "image": IMAGE, "size_mib": 3}, Volume("dir", image=BASE), r"disks\[vda\].image: .* never shrunk"),
    ],
)
def test_refusals(entry: dict[str, t.Any], volume: Volume, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        steps(entry, volume)


def test_a_new_disk_gets_the_format_of_its_volume_and_an_existing_one_keeps_its_own() -> None:
    known = {"vda": Volume("dir", 1, "raw")}
    assert volumes.completed(None, [ENTRY], known)[0]["format"] == "raw"
    assert "format" not in volumes.completed(IN_POOL, [ENTRY], known)[0]


@pytest.mark.parametrize(("mode", "expected"), [("copy", "raw"), ("backing", "qcow2")])
def test_a_new_disk_gets_the_format_of_what_is_made_of_its_image(mode: str, expected: str) -> None:
    entry = {**ENTRY, "image": {**IMAGE, "mode": mode}}
    assert volumes.completed(None, [entry], {"vda": Volume("dir", image=BASE)})[0]["format"] == expected


def test_what_is_made_of_an_image_is_told() -> None:
    entry = {**ENTRY, "image": IMAGE, "size_mib": 9}
    change = {"from": "/p/base", "mode": "copy", "pool": "p", "volume": "v", "format": "raw", "size_mib": 9}
    changes = volumes.image_changes(steps(entry, Volume("dir", image=BASE)))
    assert changes.diff()["after"] == {"disks[vda].image": change}
    assert not volumes.image_changes(steps({**ENTRY, "size_mib": 9}, Volume("dir")))
