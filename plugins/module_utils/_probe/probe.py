# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Probes as a resource: started, given more targets, read and stopped."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import os
import signal
import time
import typing as t

from .. import _detach
from .._changes import Change, ChangeSet
from .._errors import ConflictError, InvalidInputError, OperationError
from .._wait import Deadline, wait_for
from .folder import Folder
from .gaps import History, Question, summary
from .prober import Prober

INTERVAL_MS = 10
GAP_MS = 100
PATIENCE = 10.0
"""Seconds in which a probe must react."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the task asks for. `targets` is None if the task names none: those of the running probe are meant."""

    started: bool
    interval_ms: int
    targets: list[dict[str, t.Any]] | None
    question: Question


def wanted_probe(params: t.Mapping[str, t.Any], settings: t.Mapping[str, t.Any], *, running: bool) -> Wanted:
    """Read and check a task's options.

    :param params: options of the module `vm_probe`.
    :param settings: of the probe as it is (`Folder.settings`): its interval holds where the task names none.
    :raises InvalidInputError: for what cannot be meant.
    """
    started = params["state"] == "started"
    known = settings["interval_ms"] if running or not started else 0
    interval = params["interval_ms"] if params["interval_ms"] is not None else known or INTERVAL_MS
    if not 1 <= interval <= 1000:
        raise InvalidInputError(f"interval_ms is {interval}; it must be from 1 to 1000.")
    gap = max(GAP_MS, 2 * interval) if params["gap_ms"] is None else params["gap_ms"]
    if gap < 2 * interval:
        raise InvalidInputError(f"gap_ms is {gap}; shorter than two intervals ({2 * interval}) nothing is told apart.")
    question = Question(interval, gap, _moment(params["since"], "since"), _moment(params["until"], "until"))
    targets = params["targets"]
    if targets is not None:
        targets = [_target(target) for target in targets]
        names = [target["name"] for target in targets]
        if len(set(names)) < len(names):
            raise InvalidInputError("two targets have the same name; each needs a name of its own.")
    return Wanted(started, interval, targets, question)


def _moment(text: str | None, option: str) -> datetime.datetime | None:
    """Read ISO 8601; a time without a zone is UTC."""
    if text is None:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as exc:
        raise InvalidInputError(f"{option} '{text}' is no ISO 8601 time, such as 2026-01-31T12:00:00.000Z.") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


def _target(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    name = options["name"]
    try:
        address = str(ipaddress.ip_address(options["address"]))
    except ValueError as exc:
        raise InvalidInputError(f"target '{name}': {exc}. Names are not resolved.") from exc
    if not options["icmp"] and options["tcp_port"] is None:
        raise InvalidInputError(f"target '{name}': neither icmp nor tcp_port is set, so there is nothing to ask.")
    port = options["tcp_port"]
    if port is not None and not 1 <= port <= 65535:
        raise InvalidInputError(f"target '{name}': {port} is no TCP port.")
    request = options["tcp_request"]
    if not request:
        raise InvalidInputError(f"target '{name}': tcp_request is empty.")
    return {
        "name": name,
        "address": address,
        "icmp": options["icmp"],
        "tcp_port": port,
        "tcp_request": request,
        "track": list(options["track"] or ()),
    }


def plan(wanted: Wanted, settings: t.Mapping[str, t.Any], *, running: bool) -> ChangeSet:
    """Compute what differs.

    :param settings: of the probe as it is (`Folder.settings`).
    :raises ConflictError: when a running probe would have to be another one.
    :raises InvalidInputError: when there is nobody to probe.
    """
    state = ("stopped", "started") if wanted.started else ("started", "stopped")
    changes = ChangeSet() if running is wanted.started else ChangeSet.of(Change("state", *state))
    if not wanted.started:
        return changes
    known = {target["name"]: target for target in settings["targets"]} if running else {}
    if not known and not wanted.targets:
        raise InvalidInputError("the probe does not run, so targets must be named to start it.")
    if running and settings["interval_ms"] != wanted.interval_ms:
        raise ConflictError(
            f"the probe runs with interval_ms {settings['interval_ms']}.", hint="Stop it first, or name that interval."
        )
    for target in wanted.targets or ():
        if target["name"] not in known:
            changes += ChangeSet.of(Change(f"targets[{target['name']}]", None, target["address"]))
        elif known[target["name"]] != target:
            raise ConflictError(
                f"target '{target['name']}' is already probed in another way.",
                hint="Give it another name, or stop the probe first.",
                target=known[target["name"]],
            )
    return changes


def apply(folder: Folder, wanted: Wanted, changes: ChangeSet) -> None:
    """Start, extend or stop the probe, and wait until it has reacted."""
    paths = {change.path for change in changes}
    if "state" in paths and wanted.started:
        _start(folder, wanted)
    elif "state" in paths:
        _stop(folder)
    elif paths:
        settings = folder.settings()
        new = [target for target in wanted.targets or () if f"targets[{target['name']}]" in paths]
        folder.write_settings({**settings, "targets": settings["targets"] + new})
        refresh(folder)


def _start(folder: Folder, wanted: Wanted) -> None:
    lock = folder.lock()
    if lock is None:
        raise ConflictError(f"the probe in {folder.path} was started by somebody else at this moment.")
    settings = {"interval_ms": wanted.interval_ms, "targets": wanted.targets}
    before = folder.status()
    crashed = folder.settings() == settings and before["heartbeat"] and not before["stopped"]
    if crashed:
        folder.forget_status()
    else:
        folder.create(settings)
    prober = Prober(folder, resumed=before["heartbeat"] if crashed else None)
    _detach.start(prober.run, log=folder.path / "errors", keep={lock, *prober.descriptors})
    os.close(lock)
    refresh(folder, signalled=False)


def _signal(folder: Folder, number: signal.Signals) -> None:
    """Send a signal to a running probe, which may have been started just now."""

    def known() -> int:
        if not folder.running():
            raise _died(folder)  # and the number that it left may be another process's by now
        return int(folder.status()["pid"])

    pid = wait_for(known, f"the probe in {folder.path} to start", Deadline(PATIENCE))
    try:
        os.kill(pid, number)
    except ProcessLookupError as exc:
        raise _died(folder) from exc


def _died(folder: Folder) -> OperationError:
    return OperationError(f"the probe in {folder.path} has died: {folder.errors() or 'it left no message'}.")


def _stop(folder: Folder) -> None:
    _signal(folder, signal.SIGTERM)
    wait_for(lambda: not folder.running(), f"the probe in {folder.path} to stop", Deadline(PATIENCE), interval=0.02)


def refresh(folder: Folder, *, signalled: bool = True) -> None:
    """Make a running probe write what it knows, and wait for it.

    :raises OperationError: when it has died.
    """
    since = time.monotonic_ns()
    if signalled:
        _signal(folder, signal.SIGHUP)

    def written() -> bool:
        if not folder.running():
            raise _died(folder)
        return bool(folder.status()["heartbeat"] >= (since if signalled else 1))

    wait_for(written, f"the probe in {folder.path} to answer", Deadline(PATIENCE), interval=0.02)


def read(folder: Folder, question: Question, *, name: str) -> dict[str, t.Any]:
    """Return the probe's result as plain data, of the window that the question names."""
    settings, status = folder.settings(), folder.status()
    history = History(folder.records())
    found = summary(history, question, settings["targets"])
    for target in found["targets"]:
        if target["tcp"] is not None:
            target["tcp"]["last_answer"] = status["answers"].get(target["name"])
    started = history.clock.wall(history.span.start) if not history.empty else None
    return {
        "name": name,
        "running": folder.running(),
        "started": started,
        "interval_ms": settings["interval_ms"],
        **found,
    }
