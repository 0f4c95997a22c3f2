# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The journal of a run: one JSON object a line, appended and never rewritten, with the report beside it.

The journal tells people what happened. No run reads it to decide anything: what a run needs lies on the hosts.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import stat
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils import _moment
from ansible_collections.evergreen.virt.plugins.module_utils._files import write_atomically

from .run_report import BEGINNINGS, has_begun, report

JOURNAL = "journal.ndjson"
REPORT = "report.json"
LOCK = ".report.lock"
"""Holds the number of bytes of the journal that the report tells of."""


class _Run(t.NamedTuple):
    """The run that began last: its process, and its report."""

    pid: int | None
    report: dict[str, t.Any]


def record(
    directory: pathlib.Path, events: t.Sequence[t.Mapping[str, t.Any]], pid: int | None = None
) -> dict[str, t.Any]:
    """Append events, each with the time, bring `report.json` up to date, and return the report of the run that they belong to.

    That file is about the run that began last: one that was superseded may live on, and tell of itself.

    :param pid: the process that is the run.
    Several processes may record at once (Ansible runs one for each host): a lock makes lines follow one another, and of those
    that wait for another one to make the report, the next makes it for all.

    :raises OSError: when the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    end = _append(directory / JOURNAL, events, pid)
    last = _bring_up_to_date(directory, end) or _last_run((directory / JOURNAL).read_bytes())
    if last.pid == pid:
        return last.report
    everything = _events((directory / JOURNAL).read_bytes().splitlines())
    return report([event for event in everything if event.get("pid") == pid])


def _append(journal: pathlib.Path, events: t.Sequence[t.Mapping[str, t.Any]], pid: int | None) -> int:
    """Write events behind all others, and return where they end."""
    now = _moment.now("milliseconds")
    lines = "".join(json.dumps({"time": now, "pid": pid, **event}, sort_keys=True) + "\n" for event in events)
    with journal.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        broken = file.read(1) not in (b"", b"\n")
        file.write(b"\n" * broken + lines.encode())
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _bring_up_to_date(directory: pathlib.Path, end: int) -> _Run | None:
    """Write the report, unless another process has done so since the journal has come to `end`; return what it tells of."""
    with (directory / LOCK).open("a+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        told, journal = int(lock.read() or 0), directory / JOURNAL
        if end <= told <= journal.stat().st_size:  # else it is of a journal that is gone
            return None
        text = journal.read_bytes()
        last = _last_run(text)
        mode = stat.S_IMODE(journal.stat().st_mode)
        write_atomically(directory / REPORT, json.dumps(last.report, indent=2) + "\n", mode=mode)
        lock.truncate(0)
        lock.write(str(len(text)))
        return last


def _last_run(text: bytes) -> _Run:
    """Return the run that began last, or one that was asked for and refused since, unless another one has lived on meanwhile.

    What comes before it is not even parsed.
    """
    lines = text.splitlines()
    for number in reversed(range(len(lines))):
        if _begins_a_run(lines[number]):
            events = list(_events(lines[number:]))
            own = [event for event in events if event.get("pid") == events[0].get("pid")]
            if has_begun(own) or len(own) == len(events):
                return _Run(events[0].get("pid"), report(own))
    events = list(_events(lines))
    return _Run(events[0].get("pid") if events else None, report(events))


def _begins_a_run(line: bytes) -> bool:
    if not any(state.encode() in line for state in BEGINNINGS):
        return False
    return any(event["event"] == "run" and event.get("state") in BEGINNINGS for event in _events([line]))


def _events(lines: t.Iterable[bytes]) -> t.Iterator[dict[str, t.Any]]:
    """Yield what the lines tell; a line of which a controller that died wrote only a part tells nothing."""
    for line in lines:
        with contextlib.suppress(ValueError):
            yield json.loads(line)
