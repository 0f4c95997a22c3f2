# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Signs of life in a journal: as long as a run lives a process of its own appends one every few seconds.

A task that waits for an hour writes nothing, and a controller that lost its power cannot: only by these lines can they be told apart.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import pathlib
import subprocess
import sys
import time

PERIOD_S = 5.0


def start(journal: pathlib.Path, pid: int) -> None:
    """Write signs of life for as long as the process `pid` lives. The writer is nobody's child, and ends by itself."""
    born = _born(pid)
    if born is not None:  # and not where there is no /proc
        argv = [sys.executable, __file__, str(journal), str(pid), str(born)]
        null = subprocess.DEVNULL
        subprocess.Popen(argv, stdin=null, stdout=null, stderr=null, start_new_session=True)


def _born(pid: int) -> int | None:
    """Return when a process was started, in clock ticks since boot (proc_pid_stat(5), field 22); None when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    except OSError:
        return None
    state, *others = fields.split()
    return None if state == "Z" else int(others[18])


def _beat(journal: pathlib.Path, pid: int) -> None:
    """Append one; a line of which somebody else wrote only a part is ended first, as the journal itself does."""
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds")
    with journal.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, 2)
        if size:
            file.seek(-1, 2)
        broken = size and file.read(1) != b"\n"
        file.write(
            (b"\n" if broken else b"") + json.dumps({"event": "alive", "pid": pid, "time": now}).encode() + b"\n"
        )


def main(journal: pathlib.Path, pid: int, born: int) -> None:
    """Write until the process is gone, or the journal is."""
    while _born(pid) == born and journal.exists():
        _beat(journal, pid)
        time.sleep(PERIOD_S)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
