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
import socket
import subprocess
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline, wait_for

SWITCH = Path(__file__).resolve().parents[4] / ".cache" / "openvswitch"
"""What tests/tools/bootstrap.py took out of the package openvswitch-switch."""

_SERVER = "/usr/sbin/ovsdb-server"
_TLS = {"private-key": "private_key", "certificate": "certificate", "ca-cert": "ca_cert"}
_SETS = ("bridges", "manager_options", "ssl")
_CLEAR = [
    "Open_vSwitch",
    {"op": "update", "table": "Open_vSwitch", "where": [], "row": {column: ["set", []] for column in _SETS}},
    {"op": "delete", "table": "Flow_Sample_Collector_Set", "where": []},
    {"op": "update", "table": "Port", "where": [], "row": {"qos": ["set", []]}},
    {"op": "delete", "table": "QoS", "where": []},
    {"op": "delete", "table": "Queue", "where": []},
]
_RECORD = re.compile(r'^record \d+: \S+ \S+(?: "(?P<comment>.*)")?$', re.MULTILINE)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def signed_by_itself(folder: Path) -> dict[str, str]:
    """Make a key and a certificate that is its own authority; return the options that name them."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=switch")
    argv = ["openssl", "req", "-x509", *kind, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(argv, check=True, capture_output=True)
    return {"private_key": str(key), "certificate": str(certificate), "ca_certificate": str(certificate)}


class OpenVSwitch(contextlib.ExitStack):
    """A switch in a folder, for the length of a `with`."""

    def __init__(self, folder: Path, schema: Path = SWITCH / "usr/share/openvswitch/vswitch.ovsschema") -> None:
        super().__init__()
        self.folder, self._schema = folder, schema
        self.remote = f"unix:{folder}/db.sock"

    def __enter__(self) -> OpenVSwitch:
        self._call("ovsdb-tool", "create", "conf.db", str(self._schema))
        self._start_server()
        self.transact(["Open_vSwitch", {"op": "insert", "table": "Open_vSwitch", "row": {}}])
        self._start_daemon()
        return self

    def _start_server(self) -> None:
        remotes = (f"--remote=p{self.remote}", "--remote=db:Open_vSwitch,Open_vSwitch,manager_options")
        tls = (f"--{option}=db:Open_vSwitch,SSL,{column}" for option, column in _TLS.items())
        self._server = self._start(_SERVER, "conf.db", *remotes, *tls, "--unixctl=server.ctl", "--pidfile")
        wait_for((self.folder / "db.sock").exists, "ovsdb-server", Deadline(10), interval=0.01)
        self._call("ovsdb-client", "wait", self.remote, "Open_vSwitch", "connected")

    def _start_daemon(self) -> None:
        daemon = str(SWITCH / "usr/lib/openvswitch-switch/ovs-vswitchd")
        dummies = ("--enable-dummy=override", "--disable-system")
        (self.folder / "ovs-vswitchd.pid").unlink(missing_ok=True)
        self._daemon = self._start(daemon, self.remote, *dummies, "--unixctl=vswitchd.ctl", "--pidfile")
        wait_for((self.folder / "ovs-vswitchd.pid").exists, "ovs-vswitchd", Deadline(10), interval=0.01)

    def restart(self, name: str) -> None:
        """Start `ovsdb-server` or `ovs-vswitchd` again."""
        with self.stopped(name) as stop:
            stop()

    @contextlib.contextmanager
    def stopped(self, name: str) -> t.Iterator[t.Callable[[], None]]:
        """What stops a daemon in the body; it is started again at its end."""
        process, start = {
            "ovsdb-server": (self._server, self._start_server),
            "ovs-vswitchd": (self._daemon, self._start_daemon),
        }[name]

        def stop() -> None:
            process.terminate()
            process.wait()

        try:
            yield stop
        finally:
            start()

    @property
    def _environment(self) -> dict[str, str]:
        places = ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR", "OVS_DBDIR")
        return os.environ | dict.fromkeys(places, str(self.folder))

    def _call(self, *argv: str) -> str:
        return subprocess.run(
            argv, cwd=self.folder, env=self._environment, text=True, check=True, stdout=subprocess.PIPE
        ).stdout

    def _start(self, *argv: str) -> subprocess.Popen[bytes]:
        log = self.enter_context((self.folder / f"{Path(argv[0]).name}.log").open("a"))
        process = subprocess.Popen(argv, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
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

    def ofctl(self, *arguments: str) -> str:
        """Return what `ovs-ofctl` says."""
        return self._call("ovs-ofctl", "-O", "OpenFlow15", *arguments)

    def transact(self, operations: t.Sequence[t.Any]) -> list[t.Any]:
        """Carry out a transaction of RFC 7047 that bypasses the collection, and return its results."""
        found = json.loads(self._call("ovsdb-client", "transact", self.remote, json.dumps(operations)))
        assert not [result for result in found if result and "error" in result], found
        return t.cast("list[t.Any]", found)

    def clear(self) -> None:
        """Remove all bridges, managers and whatever else a test may have made."""
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
