# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ovsdb-server and ovs-vswitchd with a database of their own, and with network cards that exist in ovs-vswitchd only.

That is how Open vSwitch's own tests run them (`--enable-dummy=override`): neither the kernel nor the host's switch notices.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import typing as t
from pathlib import Path

SWITCH = Path(__file__).resolve().parents[4] / ".cache" / "openvswitch"
"""What tests/tools/bootstrap.py took out of the package openvswitch-switch."""

_SERVER = "/usr/sbin/ovsdb-server"
_CLEAR = [
    "Open_vSwitch",
    {"op": "update", "table": "Open_vSwitch", "where": [], "row": {"bridges": ["set", []]}},
    {"op": "update", "table": "Port", "where": [], "row": {"qos": ["set", []]}},
    {"op": "delete", "table": "QoS", "where": []},
    {"op": "delete", "table": "Queue", "where": []},
]
_RECORD = re.compile(r'^record \d+: \S+ \S+(?: "(?P<comment>.*)")?$', re.MULTILINE)


class OpenVSwitch(contextlib.ExitStack):
    """A switch in a folder, for the length of a `with`."""

    def __init__(self, folder: Path, schema: Path = SWITCH / "usr/share/openvswitch/vswitch.ovsschema") -> None:
        super().__init__()
        self._folder, self._schema = folder, schema
        self.remote = f"unix:{folder}/db.sock"

    def __enter__(self) -> OpenVSwitch:
        self._call("ovsdb-tool", "create", "conf.db", str(self._schema))
        self._start(_SERVER, "conf.db", f"--remote=p{self.remote}", "--unixctl=server.ctl")
        self._call("ovsdb-client", "wait", self.remote, "Open_vSwitch", "connected")
        self.transact(["Open_vSwitch", {"op": "insert", "table": "Open_vSwitch", "row": {}}])
        daemon = str(SWITCH / "usr/lib/openvswitch-switch/ovs-vswitchd")
        dummies = ("--enable-dummy=override", "--disable-system")
        self._daemon = self._start(daemon, self.remote, *dummies, "--unixctl=vswitchd.ctl")
        return self

    def _call(self, *argv: str) -> str:
        return subprocess.run(argv, cwd=self._folder, text=True, check=True, stdout=subprocess.PIPE).stdout

    def _start(self, *argv: str) -> subprocess.Popen[bytes]:
        places = dict.fromkeys(("OVS_RUNDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR", "OVS_DBDIR"), str(self._folder))
        log = self.enter_context((self._folder / f"{Path(argv[0]).name}.log").open("w"))
        process = subprocess.Popen(argv, cwd=self._folder, env=os.environ | places, stdout=log, stderr=log)
        self.callback(process.wait)
        self.callback(process.terminate)
        return process

    @contextlib.contextmanager
    def paused(self) -> t.Iterator[None]:
        """An ovs-vswitchd that does nothing for the length of the body."""
        self._daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._daemon.send_signal(signal.SIGCONT)

    def transact(self, operations: t.Sequence[t.Any]) -> list[t.Any]:
        """Carry out a transaction of RFC 7047 that bypasses the collection, and return its results."""
        found = json.loads(self._call("ovsdb-client", "transact", self.remote, json.dumps(operations)))
        assert not [result for result in found if result and "error" in result], found
        return t.cast("list[t.Any]", found)

    def clear(self) -> None:
        """Remove all bridges, QoS and queues."""
        self.transact(_CLEAR)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        select = {"op": "select", "table": table, "where": [], "columns": ["_uuid"]}
        return len(self.transact(["Open_vSwitch", select])[0]["rows"])

    def log(self) -> list[str]:
        """Return the comments of the collection's transactions out of the database's own log."""
        shown = self._call("ovsdb-tool", "show-log", "conf.db")
        comments = (record["comment"] or "" for record in _RECORD.finditer(shown))
        return [comment for comment in comments if comment.startswith("evergreen.virt")]
