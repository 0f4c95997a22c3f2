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


def disk(source: str) -> tree.Element:
    """A VM whose only disk is qcow2 and has that source."""
    driven = '<driver name="qemu" type="qcow2"/><target dev="vda"/>'
    return tree.parse(f'<domain><devices><disk device="disk" {source}{driven}</disk></devices></domain>')


FILE = disk('type="file"><source file="/srv/a"/>')
BLOCK = disk('type="block"><source dev="/dev/a"/>')
NBD = disk('type="network"><source protocol="nbd" name="a"><host name="n1" port="10809"/></source>')
RBD = disk('type="network"><source protocol="rbd" name="p/a"><host name="m1"/></source>')
AT_N1 = {"protocol": "nbd", "name": "a", "hosts": [{"host": "n1"}]}


@pytest.mark.parametrize(
    ("definition", "entry", "volume", "expected"),
    [
        (None, ENTRY, Volume("dir", 1, "raw"), "raw"),
        (None, ENTRY, Volume("dir"), "qcow2"),
        (None, ENTRY, Volume("disk", 1, "linux"), "raw"),
        (None, ENTRY, Volume("vstorage", 1, "qcow2"), "qcow2"),
        (None, {"path": "/dev/b"}, None, None),
        (IN_POOL, ENTRY, Volume("dir", 1, "raw"), None),
        (IN_POOL, {"size_mib": 9}, Volume("dir", 1, "raw"), None),
        (IN_POOL, {"pool": "p", "volume": "w"}, Volume("dir"), "qcow2"),
        (IN_POOL, {"pool": "q", "volume": "v"}, Volume("dir", 1, "raw"), "raw"),
        (IN_POOL, {"pool": "q", "volume": "v"}, Volume("logical"), "raw"),
        (IN_POOL, {"pool": "q", "volume": "v", "format": "raw"}, Volume("dir"), "raw"),
        (IN_POOL, {"path": "/dev/b"}, None, "raw"),
        (FILE, {"cache": "none"}, None, None),
        (FILE, {"path": "/srv/a"}, None, None),
        (FILE, {"path": "/srv/b", "format": "qcow2"}, None, "qcow2"),
        (FILE, ENTRY, Volume("dir", 1, "raw"), "raw"),
        (BLOCK, {"path": "/dev/a"}, None, None),
        (BLOCK, {"path": "/dev/b"}, None, "raw"),
        (BLOCK, {"network": AT_N1}, None, "raw"),
        (NBD, {"network": AT_N1}, None, None),
        (NBD, {"network": {**AT_N1, "name": "b"}}, None, "raw"),
        (NBD, {"network": {**AT_N1, "hosts": [{"host": "n2"}]}}, None, "raw"),
        (RBD, {"network": {"protocol": "rbd", "name": "p/a", "hosts": [{"host": "m2"}], "username": "u"}}, None, None),
        (RBD, {"network": {"protocol": "rbd", "name": "p/b"}}, None, "raw"),
    ],
)
def test_a_disk_gets_the_format_of_the_place_that_it_is_put_to(
    definition: tree.Element | None, entry: dict[str, t.Any], volume: Volume | None, expected: str | None
) -> None:
    known = {} if volume is None else {"vda": volume}
    (found,) = volumes.completed(definition, [{"target": "vda", **entry}], known)
    assert found.get("format") == expected


@pytest.mark.parametrize("definition", [IN_POOL, FILE, BLOCK, NBD])
def test_a_disk_that_is_put_to_a_file_needs_its_format(definition: tree.Element) -> None:
    with pytest.raises(InvalidInputError, match=r"disks\[vda\]: name the format of the file"):
        volumes.completed(definition, [{"target": "vda", "path": "/srv/b"}], {})


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
