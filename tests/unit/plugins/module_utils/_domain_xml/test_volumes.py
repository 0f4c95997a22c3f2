# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree, volumes
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.volumes import Volume, VolumeStep
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

MIB = 2**20
IN_POOL = tree.parse(
    "<domain><devices><disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda'/></disk></devices></domain>"
)
ENTRY = {"target": "vda", "pool": "p", "volume": "v"}


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
        ({**ENTRY}, Volume("dir", 8 * MIB, "raw"), None),
        ({"target": "vda", "size_mib": 9}, Volume("dir", 8 * MIB, "raw"), ("grow", 9 * MIB, None)),
    ],
)
def test_steps(entry: dict[str, t.Any], volume: Volume, expected: tuple[str, int, str | None] | None) -> None:
    assert [(step.action, step.size, step.format) for step in steps(entry, volume)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("entry", "volume", "says"),
    [
        ({**ENTRY, "size_mib": 7}, Volume("dir", 8 * MIB, "raw"), "never shrunk"),
        (ENTRY, Volume("dir"), "name a size"),
        ({"target": "vda", "path": "/a", "size_mib": 7}, Volume("dir"), "needs a pool"),
    ],
)
def test_refusals(entry: dict[str, t.Any], volume: Volume, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        steps(entry, volume)


def test_a_new_disk_gets_the_format_of_its_volume_and_an_existing_one_keeps_its_own() -> None:
    known = {"vda": Volume("dir", 1, "raw")}
    assert volumes.completed(None, [ENTRY], known)[0]["format"] == "raw"
    assert "format" not in volumes.completed(IN_POOL, [ENTRY], known)[0]
