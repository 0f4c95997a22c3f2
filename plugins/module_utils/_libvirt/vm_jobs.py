# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Many VMs over one connection: all are checked and computed before the first one is changed."""

from __future__ import annotations

import contextlib
import typing as t

from .._errors import ConflictError, InvalidInputError, VirtError
from . import vm_job
from .view import View
from .vm_job import Job

if t.TYPE_CHECKING:
    import libvirt

Entries = t.Sequence[t.Mapping[str, t.Any]]

_PURGED = {
    "state": "absent",
    "uuid": None,
    "timeout": 0,
    "force_off": False,
    "apply": "live",
    "shutdown_mode": "auto",
    "wait_for": "none",
}


@contextlib.contextmanager
def _entry(place: int, name: str) -> t.Iterator[None]:
    """Put the place and the name of an entry before the errors of the body."""
    try:
        yield
    except VirtError as exc:
        message = exc.message.removeprefix(f"VM '{name}': ")
        raise type(exc)(f"vms[{place}] ({name!r}): {message}", hint=exc.hint, **exc.details) from exc


def check(entries: Entries) -> None:
    """Raise InvalidInputError for the first entry that cannot be meant, before anything is looked at."""
    names: dict[str, int] = {}
    for place, entry in enumerate(entries):
        name = entry["name"]
        with _entry(place, name):
            if name in names:
                raise InvalidInputError(f"vms[{names[name]}] has the same name.")
            vm_job.check(entry)
        names[name] = place


def prepare(view: View, entries: Entries, *, purge: bool, check_mode: bool) -> list[Job]:
    """Compute what has to be done to each; nothing is changed.

    :raises ConflictError: when a VM that would be purged is not shut off.
    """
    jobs = []
    for place, entry in enumerate(entries):
        with _entry(place, entry["name"]):
            jobs.append(vm_job.prepare(view, entry, check_mode=check_mode))
    return [*jobs, *_purge(view, {entry["name"] for entry in entries})] if purge else jobs


def _purge(view: View, kept: t.Container[str]) -> list[Job]:
    others = sorted(name for name in view.vms if name not in kept)
    running = [name for name in others if view.vms[name].state != "shutoff"]
    if running:
        raise ConflictError(
            f"these VMs are not listed in 'vms', and purge removes none that is not shut off: {', '.join(running)}.",
            hint="List them, or shut them down first.",
            running=running,
        )
    return [vm_job.prepare(view, {**_PURGED, "name": name}) for name in others]


def finish(
    connection: libvirt.virConnect, jobs: t.Sequence[Job], *, check_mode: bool
) -> tuple[list[dict[str, t.Any]], list[str]]:
    """Carry all out, then wait for their guests; return what became of each, and why changes wait that were tried in running VMs."""
    results, reasons = [], []
    for place, job in enumerate(jobs):
        with _entry(place, job.name):
            refused = {} if check_mode else vm_job.carry_out(connection, job)
            results.append({"name": job.name, **vm_job.result(connection, job, refused, check_mode=check_mode)})
        reasons += [reason for reason in refused.values() if reason not in reasons]
    for place, job in enumerate(() if check_mode else jobs):
        with _entry(place, job.name):
            vm_job.await_guest(connection, job)
    return results, reasons
