# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The VMs that were stopped for a host's maintenance, in its record: noted before it is done, dropped when they run again.

Whoever comes later, from whatever controller, starts these and no others. On a host without a maintenance nothing is noted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import typing as t

from .._facts import Maintenance, Ran, Stopped
from . import record
from .store import STATE_DIR


def owe(vms: t.Sequence[Stopped], directory: pathlib.Path = STATE_DIR) -> None:
    """Note VMs that are about to be stopped; one that is noted already keeps its reason and its time."""
    record.change(lambda known: _owing(known, vms), directory)


def settle(uuid: str, directory: pathlib.Path = STATE_DIR, *, boot_id: str | None = None) -> None:
    """Drop a VM that is owed nothing any more.

    :param boot_id: the boot (`userspace_id`) in which it runs here again, None if it is not here: the host may still go down with it.
    """
    record.change(lambda known: _settled(known, uuid, boot_id), directory)


@contextlib.contextmanager
def allowed(name: str, directory: pathlib.Path = STATE_DIR) -> t.Iterator[None]:
    """Let a VM start during the body although its host is still in maintenance."""
    record.change(lambda known: {"allow": [*_others(known, {name}), name]}, directory)
    try:
        yield
    finally:
        record.change(lambda known: {"allow": _others(known, {name})}, directory)


def _owing(known: Maintenance, vms: t.Sequence[Stopped]) -> dict[str, t.Any]:
    """Whoever let one of these VMs start, and died over it, has left it allowed."""
    noted = {vm.uuid: vm for vm in known.stopped}
    for vm in vms:
        before = noted.get(vm.uuid, vm)
        autostart = before.autostart or vm.autostart
        noted[vm.uuid] = dataclasses.replace(vm, why=before.why, since=before.since, autostart=autostart)
    return {
        "stopped": list(noted.values()),
        "ran": [one for one in known.ran if one.uuid not in noted],
        "allow": _others(known, {vm.vm for vm in vms}),
    }


def _settled(known: Maintenance, uuid: str, boot_id: str | None) -> dict[str, t.Any]:
    running = [Ran(vm.vm, uuid, boot_id) for vm in known.stopped if vm.uuid == uuid and boot_id is not None]
    return {
        "stopped": [vm for vm in known.stopped if vm.uuid != uuid],
        "ran": [*(one for one in known.ran if one.uuid != uuid), *running],
    }


def _others(known: Maintenance, names: t.Container[str]) -> list[str]:
    return [name for name in known.allow if name not in names]
