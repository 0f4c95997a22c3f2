# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content on its way; that libvirt stores it is tested on the lab: its driver for tests has no streams."""

from __future__ import annotations

import io
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import volume_content


class Stream(libvirt.virStream):
    """libvirt's own loops over a stream that goes nowhere."""

    def __init__(self, content: bytes = b"") -> None:
        self.source, self.sent = io.BytesIO(content), b""

    def __del__(self) -> None:
        """There is nothing of libvirt's to free."""

    def recv(self, nbytes: int) -> bytes:
        return self.source.read(nbytes)

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def finish(self) -> int:
        return 0

    def abort(self) -> int:
        self.sent = b""
        return 0


class Host:
    """Connection, volume and pool in one."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.measured = stream, False

    def newStream(self, _flags: int) -> Stream:  # noqa: N802 -- libvirt's name
        return self.stream

    def download(self, *_arguments: t.Any) -> None:
        """The stream has it."""

    upload = download

    def storagePoolLookupByVolume(self) -> Host:  # noqa: N802 -- libvirt's name
        return self

    def refresh(self, _flags: int) -> None:
        self.measured = True


class Unreadable(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")


CONTENT = bytes(range(256)) * 4096


def test_download() -> None:
    taken: list[bytes] = []
    host = t.cast(t.Any, Host(Stream(CONTENT)))
    volume_content.download(host, host, taken.append)
    assert len(taken) > 1
    assert b"".join(taken) == CONTENT


def test_upload() -> None:
    host = t.cast(t.Any, Host(Stream()))
    volume_content.upload(host, host, io.BytesIO(CONTENT), len(CONTENT))
    assert (host.stream.sent, host.measured) == (CONTENT, True)


@pytest.mark.parametrize(
    ("source", "says"),
    [(io.BytesIO(CONTENT[:-1]), "were read"), (Unreadable(), "Input/output error")],
    ids=["truncated", "unreadable"],
)
def test_a_file_that_cannot_be_read_to_its_end(source: t.BinaryIO, says: str) -> None:
    host = t.cast(t.Any, Host(Stream()))
    with pytest.raises(OperationError, match=says):
        volume_content.upload(host, host, source, len(CONTENT))
