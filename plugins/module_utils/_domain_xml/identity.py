# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM, a network, a storage pool, a volume is called: names and UUIDs that libvirt takes."""

from __future__ import annotations

import re
import uuid as uuids

from .._errors import InvalidInputError

_MAX_BYTES = 247
"""libvirt writes `<name>.xml.new`, and a file's name has at most 255 bytes."""
_MAX_BYTES_OF_A_VOLUME = 255


def check_name(name: str, kind: str = "VM") -> None:
    """Raise InvalidInputError if libvirt would refuse the name, or would have to write a file that cannot exist."""
    problem = _name_problem(name, _MAX_BYTES)
    if problem:
        raise InvalidInputError(f"a {kind} cannot be named {name!r}: the name {problem}.")


def volume_name_problem(name: str) -> str | None:
    """Return why a volume cannot have the name, None if it can: in many pools it is that of a file."""
    problem = _name_problem(name, _MAX_BYTES_OF_A_VOLUME)
    return None if problem is None else f"a volume cannot be named {name!r}: the name {problem}"


def _name_problem(name: str, most: int) -> str | None:
    if not name.strip():
        return "is empty"
    if "/" in name:
        return "holds a slash"
    if name in (".", ".."):
        return "is that of a folder"
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]", name):
        return "holds a line break or another control character"
    size = len(name.encode())
    return f"has {size} bytes, and {most} are possible" if size > most else None


def normal_uuid(uuid: str | None) -> str | None:
    """Return a UUID as libvirt writes it.

    :raises InvalidInputError: when it is none.
    """
    if uuid is None:
        return None
    try:
        return str(uuids.UUID(uuid))
    except ValueError as exc:
        raise InvalidInputError(f"{uuid!r} is not a UUID.") from exc
