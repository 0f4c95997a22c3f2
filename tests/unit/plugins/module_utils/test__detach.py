# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib

from ansible_collections.evergreen.virt.plugins.module_utils import _detach
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline, wait_for


def test_a_daemon_has_its_own_session_and_only_the_files_it_keeps(tmp_path: pathlib.Path) -> None:
    told, kept = tmp_path / "told", os.open(tmp_path / "kept", os.O_CREAT | os.O_RDWR)
    needed = os.open(tmp_path / "needed", os.O_CREAT | os.O_RDWR)
    leaked = os.open(tmp_path / "leaked", os.O_CREAT | os.O_RDWR)

    def tell() -> None:
        opened = [path.readlink() for path in pathlib.Path("/proc/self/fd").iterdir() if path.is_symlink()]
        files = [str(pathlib.Path(f"/proc/self/fd/{number}").readlink()) for number in (0, 1, kept, needed)]
        missing = tmp_path / "leaked" not in opened
        text = json.dumps({"session": os.getsid(0), "parent": os.getppid(), "files": files, "missing": missing})
        (tmp_path / "half").write_text(text)
        (tmp_path / "half").rename(told)

    _detach.start(tell, log=tmp_path / "log", keep={kept, needed})
    wait_for(told.exists, "the daemon", Deadline(10))
    data = json.loads(told.read_text())
    assert data["session"] != os.getsid(0)
    assert data["parent"] != os.getpid()
    assert data["files"] == [os.devnull, os.devnull, str(tmp_path / "kept"), str(tmp_path / "needed")]
    assert data["missing"]
    for descriptor in (kept, needed, leaked):
        os.close(descriptor)


def test_a_crash_is_logged(tmp_path: pathlib.Path) -> None:
    kept = os.open(tmp_path / "kept", os.O_CREAT | os.O_RDWR)

    def crash() -> None:
        raise RuntimeError("it broke")

    log = tmp_path / "log"
    _detach.start(crash, log=log, keep={kept})
    wait_for(lambda: log.exists() and "RuntimeError: it broke" in log.read_text(), "the traceback", Deadline(10))
    os.close(kept)
