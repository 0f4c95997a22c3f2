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

from .run_report import report

JOURNAL = "journal.ndjson"
REPORT = "report.json"


def record(
    directory: pathlib.Path, events: t.Sequence[t.Mapping[str, t.Any]], pid: int | None = None
) -> dict[str, t.Any]:
    """Append events, each with the time, bring `report.json` up to date, and return the report of the run that they belong to.

    That file is about the run that began last: one that was superseded may live on, and tell of itself.

    :param pid: the process that is the run.
    Several processes may record at once (Ansible runs one for each host): a lock makes lines and report follow one
    another.

    :raises OSError: when the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    now = _moment.now("milliseconds")
    lines = "".join(json.dumps({"time": now, "pid": pid, **event}, sort_keys=True) + "\n" for event in events)
    with (directory / JOURNAL).open("a+", encoding="utf-8") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        journal.seek(0)
        known = journal.read()
        journal.write(lines if known.endswith("\n") or not known else "\n" + lines)
        journal.flush()
        os.fsync(journal.fileno())
        everything = [*_events(known), *_events(lines)]
        current = report(everything)
        mode = stat.S_IMODE(os.fstat(journal.fileno()).st_mode)
        write_atomically(directory / REPORT, json.dumps(current, indent=2) + "\n", mode=mode)
    own = [event for event in everything if event.get("pid") == pid]
    return current if len(own) == len(everything) else report(own)


def _events(text: str) -> t.Iterator[dict[str, t.Any]]:
    """Yield what the lines tell; a line of which a controller that died wrote only a part tells nothing."""
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            yield json.loads(line)
