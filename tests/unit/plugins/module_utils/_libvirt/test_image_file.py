# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that nobody but their header describes."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    InvalidInputError,
    NotFoundError,
    OperationError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import image_file

GIB = 2**30


def qcow2(*, version: int = 3, backing: int = 0, size: int = GIB, incompatible: int = 0) -> bytes:
    """The beginning of an image, as QEMU's specification has it."""
    head = struct.pack(">4sIQIIQ", b"QFI\xfb", version, backing, 9 if backing else 0, 16, size)
    return head.ljust(72, b"\0") + struct.pack(">Q", incompatible)


@pytest.mark.parametrize(
    ("content", "form", "size"),
    [
        (qcow2(), "qcow2", GIB),
        (qcow2(version=2, incompatible=4), "qcow2", GIB),
        (qcow2(version=2)[:72], "qcow2", GIB),
        (qcow2(incompatible=1), "qcow2", GIB),
        (qcow2(), "raw", 80),
        (b"", "raw", 0),
    ],
)
def test_read(tmp_path: Path, content: bytes, form: str, size: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    found = image_file.read(str(path), form)
    assert (found.path, found.format, found.size, found.is_uploaded) == (str(path), form, size, True)


@pytest.mark.parametrize(
    ("content", "form", "says"),
    [
        (qcow2(backing=80), "qcow2", "another file below it"),
        (qcow2(incompatible=4), "qcow2", "another file below it"),
        (b"", "qcow2", "not of format qcow2"),
        (b"\0" * 80, "qcow2", "not of format qcow2"),
        (qcow2(), None, "nobody knows its format"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, form: str | None, says: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=says):
        image_file.read(str(path), form)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInputError, match="is no file"):
        image_file.read(str(tmp_path / "pipe"), "raw")
    with pytest.raises(OperationError, match="cannot read"):
        image_file.read(str(tmp_path), "raw")
    with pytest.raises(NotFoundError, match="does not exist"):
        image_file.read(str(tmp_path / "none"), "raw")
