# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be made of an image."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import images
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.images import Copy, Image, Wanted
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

MIB = 2**20
IN_POOL = Image("/p/base", "qcow2", 8 * MIB, MIB, "p", "dir", "base")
VMDK = dataclasses.replace(IN_POOL, format="vmdk")
FILE = Image("/srv/base", "qcow2", 8 * MIB, MIB)
RAW_FILE = Image("/srv/base", "raw", 8 * MIB, MIB)
RBD = Image("vms/base", "raw", 8 * MIB, MIB, "ceph", "rbd", "base")
LV = Image("/dev/vg/base", "raw", 8 * MIB, 8 * MIB, "vg", "logical", "base")
GLUSTER = Image("vol/base", "qcow2", 8 * MIB, MIB, "g", "gluster", "base")
SOON = images.expected(Wanted.of({"pool": "p", "volume": "soon"}))
Row = tuple[Image, str, tuple[str, str], "int | None", "str | None", tuple["int | None", "str | None"], tuple[str, ...]]
CREATE, GROW = ("create",), ("create", "grow")


@pytest.mark.parametrize(
    "row",
    [
        (IN_POOL, "copy", ("p", "dir"), None, None, (8, "qcow2"), CREATE),
        (IN_POOL, "copy", ("q", "netfs"), 9, "raw", (9, "raw"), GROW),
        (IN_POOL, "copy", ("vg", "logical"), 9, None, (9, None), GROW),
        (VMDK, "copy", ("p", "dir"), 8, None, (8, "qcow2"), CREATE),
        (LV, "copy", ("p", "dir"), None, None, (8, "raw"), CREATE),
        (LV, "backing", ("p", "dir"), 9, None, (9, "qcow2"), CREATE),
        (VMDK, "backing", ("p", "dir"), 9, "qcow2", (9, "qcow2"), CREATE),
        (FILE, "backing", ("p", "dir"), None, None, (8, "qcow2"), CREATE),
        (FILE, "copy", ("p", "dir"), 9, None, (9, "qcow2"), ("create", "upload", "grow")),
        (RAW_FILE, "copy", ("vg", "logical"), None, None, (8, None), ("create", "upload")),
        (RBD, "copy", ("ceph", "rbd"), 9, None, (9, None), GROW),
        (RBD, "backing", ("ceph", "rbd"), 9, None, (9, None), GROW),
        (SOON, "copy", ("p", "dir"), None, None, (None, "qcow2"), CREATE),
        (SOON, "backing", ("vg", "logical"), 1, None, (1, None), GROW),
    ],
)
def test_plan(row: Row) -> None:
    image, mode, pool, size, form, expected, calls = row
    copy = images.plan(Copy("v", image, mode, None if size is None else size * MIB, form), *pool)
    assert (None if copy.size is None else copy.size // MIB, copy.format) == expected
    assert copy.calls == calls


@pytest.mark.parametrize(
    ("image", "mode", "pool", "form", "says"),
    [
        (FILE, "copy", ("vg", "logical"), None, "not converted from qcow2 to raw"),
        (FILE, "copy", ("p", "dir"), "raw", "not converted from qcow2 to raw"),
        (IN_POOL, "backing", ("vg", "logical"), None, "take mode copy"),
        (IN_POOL, "backing", ("p", "dir"), "raw", "only below qcow2"),
        (GLUSTER, "backing", ("p", "dir"), None, "has no path"),
        (GLUSTER, "copy", ("p", "dir"), None, "has no path"),
        (RBD, "copy", ("other", "rbd"), None, "only within its pool"),
        (RBD, "copy", ("p", "dir"), None, "only within its pool"),
        (IN_POOL, "copy", ("ceph", "rbd"), None, "only within its pool"),
        (FILE, "copy", ("ceph", "rbd"), None, "only within its pool"),
    ],
)
def test_what_cannot_be_made(image: Image, mode: str, pool: tuple[str, str], form: str | None, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        images.plan(Copy("v", image, mode, None, form), *pool)


@given(st.integers(1, 2**50), st.sampled_from([IN_POOL, FILE, LV]), st.sampled_from(images.MODES))
def test_a_volume_has_at_least_what_its_image_has(size: int, image: Image, mode: str) -> None:
    try:
        copy = images.plan(Copy("v", image, mode, size, None), "p", "dir")
    except InvalidInputError:
        assert size < t.cast(int, image.size)
    else:
        assert copy.size == size >= t.cast(int, image.size)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"path": "/srv/a", "checksum": "sha256:" + "0aF" * 21 + "0"}, None),
        ({"pool": "p", "volume": "-rf"}, None),
        ({"path": "a"}, "absolute"),
        ({"path": ""}, "absolute"),
        ({"pool": "p", "volume": "a/b"}, "slash"),
        ({"pool": "p", "volume": ""}, "empty"),
        *(
            ({"path": "/a", "checksum": checksum}, "digest")
            for checksum in ("", "sha256:", "0" * 64, "md5:" + "0" * 32, "sha256:" + "0" * 63, "sha256:" + "g" * 64)
        ),
    ],
)
def test_problem(value: dict[str, t.Any], says: str | None) -> None:
    found = images.problem(value)
    assert (says is None) == (found is None)
    assert (says or "") in (found or "")


def test_how_an_image_is_named() -> None:
    assert str(Wanted.of({"path": "/srv/a"})) == "/srv/a"
    assert str(Wanted.of({"pool": "p", "volume": "v", "mode": "backing"})) == "volume 'v' of storage pool 'p'"
