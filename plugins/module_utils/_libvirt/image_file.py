# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What an image that lies in no storage pool says of itself.

Source: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import typing as t

from .._domain_xml.images import Image
from .._errors import InvalidInputError, NotFoundError, OperationError

_MAGIC = b"QFI\xfb"
_HEADER = struct.Struct(">4sIQIIQ")
"""Magic, version, offset and length of the backing file's name, bits of a cluster, size."""
_INCOMPATIBLE = struct.Struct(">Q")
_INCOMPATIBLE_AT = 72
_EXTERNAL_DATA = 1 << 2


def read(path: str, form: str | None) -> Image:
    """Return what is known of a file.

    :raises NotFoundError: when it does not exist.
    :raises InvalidInputError: when its format is not named, or it is none of that format that stands for itself.
    """
    with opened(path) as file:
        status = os.fstat(file.fileno())
        header = file.read(_INCOMPATIBLE_AT + _INCOMPATIBLE.size) if stat.S_ISREG(status.st_mode) else b""
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInputError(f"the image {path} is no file.")
    if form is None:
        raise InvalidInputError(
            f"the image {path} lies in no active storage pool, so nobody knows its format.", hint="Name it: format."
        )
    size = status.st_size if form == "raw" else _size(path, header)
    return Image(path, form, size, status.st_blocks * 512)


@contextlib.contextmanager
def opened(path: str) -> t.Iterator[t.BinaryIO]:
    """Open an image for the length of the body; a named pipe does not make it wait.

    :raises NotFoundError: when it does not exist.
    :raises OperationError: when it cannot be read.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            yield file
    except FileNotFoundError as exc:
        raise NotFoundError(f"the image {path} does not exist on this host.") from exc
    except OSError as exc:
        raise OperationError(f"cannot read the image {path}: {exc.strerror}.") from exc


def _size(path: str, header: bytes) -> int:
    """Return the bytes that a guest sees; a guest of the copy would see other files of the host if it named them."""
    if len(header) < _HEADER.size or header[:4] != _MAGIC:
        raise InvalidInputError(f"the image {path} is not of format qcow2.")
    _magic, version, backing, _length, _bits, size = _HEADER.unpack_from(header)
    features = 0
    if version >= 3 and len(header) >= _INCOMPATIBLE_AT + _INCOMPATIBLE.size:
        (features,) = _INCOMPATIBLE.unpack_from(header, _INCOMPATIBLE_AT)
    if backing or features & _EXTERNAL_DATA:
        raise InvalidInputError(
            f"the image {path} needs another file below it.", hint="Make it whole with qemu-img convert first."
        )
    return t.cast(int, size)
