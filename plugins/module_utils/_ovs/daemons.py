# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The daemons of Open vSwitch as services of the host: which of them are outdated, who may stop them, starting them again.

Source: systemd.unit(5), systemctl(1); the units and the maintainer scripts of Debian's openvswitch-switch 3.1 and 3.5. Before it
unpacks a new version, the package stops both daemons, and starts them, without their flows, when everything is configured.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from .. import _programs
from .._files import refused

SERVER, SWITCH = "ovsdb-server", "ovs-vswitchd"

_UNITS = (SERVER, SWITCH, "openvswitch-switch", "ovs-record-hostname")
"""Stopping one of these stops the daemons, too: they are parts of one another."""

_HOLD = "[Unit]\nRefuseManualStop=yes\n"
_DELETED = " (deleted)"


class Daemons:
    """The daemons of this host.

    :param run_dir: where they keep their pid files.
    :param root: the host's file system.
    """

    def __init__(self, run_dir: Path, root: Path = Path("/")) -> None:
        self._run_dir, self._root = run_dir, root
        self._holds = [root / f"run/systemd/system/{unit}.service.d/evergreen-hold.conf" for unit in _UNITS]

    def program(self, name: str) -> str | None:
        """Return which file a daemon runs, None if it does not run. Source: proc_pid_exe(5)."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self._run_dir / f"{name}.pid").read_text(encoding="ascii"))
            return str((self._root / f"proc/{pid}/exe").readlink())
        return None

    @property
    def running(self) -> bool:
        """Whether ovs-vswitchd runs."""
        return self.program(SWITCH) is not None

    @property
    def replaced(self) -> list[str]:
        """Return the names of those that run though their program was replaced on disk."""
        return [name for name in (SERVER, SWITCH) if (self.program(name) or "").endswith(_DELETED)]

    @property
    def held(self) -> bool:
        return all(file.exists() for file in self._holds)

    def hold(self) -> None:
        """Let nobody stop the daemons, a package's script neither; until `release`, or until the host boots.

        :raises OperationError: when systemd cannot be told.
        """
        for file in self._holds:
            self._write(file)
        systemctl("daemon-reload")

    def _write(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_HOLD, encoding="ascii")
        except OSError as exc:
            raise refused(f"write {file}", exc) from exc

    def release(self) -> None:
        """Let everybody stop them again.

        :raises OperationError: when systemd cannot be told.
        """
        for file in self._holds:
            with contextlib.suppress(FileNotFoundError):
                file.unlink()
            with contextlib.suppress(OSError):  # somebody else's settings of the unit are there, too
                file.parent.rmdir()
        systemctl("daemon-reload")

    def restart(self, name: str) -> None:
        """Start one daemon again, and nothing that depends on it.

        :raises OperationError: when it does not come up.
        """
        systemctl("--job-mode=ignore-dependencies", "restart", f"{name}.service")


def systemctl(*arguments: str) -> None:
    """Run systemctl.

    :raises OperationError: when it fails.
    """
    argv = ["systemctl", *arguments]
    _programs.output(argv, " ".join(argv), hint="journalctl -u ovsdb-server -u ovs-vswitchd says more.")
