# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The content of volumes, piece by piece, whatever their storage is.

Sources: virStorageVolDownload, virStorageVolUpload.
"""

from __future__ import annotations

import typing as t

from .._errors import OperationError

if t.TYPE_CHECKING:
    import libvirt


def download(connection: libvirt.virConnect, volume: libvirt.virStorageVol, take: t.Callable[[bytes], t.Any]) -> None:
    """Hand all of a volume's content to `take`; libvirt's errors are not explained here."""
    stream = connection.newStream(0)
    volume.download(stream, 0, 0, 0)
    stream.recvAll(lambda _stream, data, _opaque: take(data), None)
    stream.finish()


def upload(connection: libvirt.virConnect, volume: libvirt.virStorageVol, source: t.BinaryIO, size: int) -> None:
    """Write `size` bytes of a file to the beginning of a volume; libvirt's errors are not explained here.

    :raises OperationError: when the file cannot be read to that length.
    """
    stream = connection.newStream(0)
    volume.upload(stream, 0, size, 0)
    try:
        stream.sendAll(lambda _stream, most, _opaque: source.read(most), None)
    except OSError as exc:
        raise OperationError(f"cannot read what is uploaded: {exc.strerror}.") from exc
    stream.finish()
    if source.tell() != size:
        raise OperationError(f"what is uploaded had {size} bytes when it was opened, and {source.tell()} were read.")
    volume.storagePoolLookupByVolume().refresh(0)  # the pool measured it when it was empty
