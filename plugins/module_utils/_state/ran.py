# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The VMs that ran when a host's maintenance began, in its record: those that went down with their host are known by it.

Each is noted with the boot in which it ran, soft reboots told apart. One that is off in a later boot was stopped by nobody but the host.
"""

from __future__ import annotations

import dataclasses
import pathlib
import typing as t

from .._errors import ConflictError
from .._facts import Maintenance, Ran, Vm
from . import record
from .store import STATE_DIR


def of_earlier_boots(known: Maintenance | None, boot_id: str) -> list[Ran]:
    """Return those that nobody has looked after since the host booted. Pure.

    :param boot_id: the present boot of the host (`userspace_id`).
    """
    return [one for one in known.ran if one.boot_id != boot_id] if known else []


def went_down(known: Maintenance | None, boot_id: str, vms: t.Iterable[Vm]) -> list[Vm]:
    """Return the VMs, of those that are on the host, that went down with it and are off. Pure."""
    before = {one.uuid for one in of_earlier_boots(known, boot_id)}
    return [vm for vm in vms if vm.uuid in before and vm.off]


def unrecovered(names: t.Sequence[str]) -> ConflictError:
    """Return the error for what would have VMs forgotten that went down with their host. Pure."""
    return ConflictError(
        f"VMs went down with this host during its maintenance, and are off: {', '.join(names)}.",
        hint="A rolling upgrade or an evacuation of the host, started again, starts them; by hand it is"
        " evergreen.virt.maintenance_vms with state: recovered.",
        went_down=list(names),
    )


def note(uuid: str, boot_id: str, directory: pathlib.Path = STATE_DIR) -> None:
    """Note that one of them runs in this boot."""
    record.change(
        lambda known: {
            "ran": [dataclasses.replace(one, boot_id=boot_id) if one.uuid == uuid else one for one in known.ran]
        },
        directory,
    )


def forget(uuid: str, directory: pathlib.Path = STATE_DIR) -> None:
    """Drop a VM that is on another host by now."""
    record.change(lambda known: {"ran": [one for one in known.ran if one.uuid != uuid]}, directory)
