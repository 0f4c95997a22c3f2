# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Starting Open vSwitch again without losing what OpenFlow has told it.

Source: ovs-ctl(8) and utilities/ovs-lib.in (`restart`) of Open vSwitch, which keep flows as text and lose meters, and all flows with
them; ovs-vswitchd.conf.db(5), other_config:flow-restore-wait. Numbers of ports are kept by ovs-vswitchd, which reads them in the
database. Counters of flows, what MAC addresses were learnt and, with the datapath in user space, tracked connections are in the
daemon's memory only.
"""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t
from pathlib import Path

from .._errors import NotFoundError, OperationError, UnavailableError, VirtError
from .._files import refused, write_atomically
from .._wait import Deadline, wait_for
from .connection import DATABASE, Database, Remote, connect
from .daemons import SERVER, SWITCH, Daemons
from .flow_memory import Memory, recall, remember
from .openflow_switch import Switch
from .openflow_switch import connect as connect_bridge
from .writer import Writer, retrying

COLUMNS = {
    DATABASE: ["bridges", "next_cfg", "cur_cfg", "other_config"],
    "Bridge": ["name"],
    "Interface": ["name", "ofport"],
}
_WAIT = "flow-restore-wait"
"""The key of other_config by which a starting ovs-vswitchd carries nothing until it has its flows."""

_FILE = "evergreen.virt-flows.json"


@dataclasses.dataclass(frozen=True)
class Saved:
    """What is to be there afterwards: flows by bridge, numbers of ports by interface."""

    bridges: t.Mapping[str, Memory]
    ports: t.Mapping[str, int]

    def to_json(self) -> str:
        return json.dumps(
            {"bridges": {name: memory.to_json() for name, memory in self.bridges.items()}, "ports": self.ports}
        )

    @classmethod
    def of_json(cls, text: str) -> Saved:
        data = json.loads(text)
        return cls({name: Memory.of_json(memory) for name, memory in data["bridges"].items()}, data["ports"])

    def counts(self) -> list[dict[str, t.Any]]:
        """Return how much each bridge has, as plain data."""
        return [
            {
                "name": name,
                "flows": len(memory.flows),
                "groups": len(memory.groups),
                "meters": len(memory.meters),
            }
            for name, memory in sorted(self.bridges.items())
        ]


class Restart:
    """Starts both daemons again.

    :param run_dir: the folder of their sockets; what is saved lies there, too, and is gone when the host boots.
    :param timeout: seconds to wait for each answer.
    """

    def __init__(self, daemons: Daemons, remote: Remote, run_dir: Path, timeout: float, comment: str) -> None:
        self._daemons, self._remote, self._run_dir = daemons, remote, run_dir
        self._timeout, self._comment = timeout, comment
        self._file = run_dir / _FILE

    def look(self) -> Saved:
        """Return what would be kept: what the bridges have now, or what an interrupted restart was to give back.

        :raises VirtError: UnsupportedError for a bridge that cannot tell its flows, UnavailableError when a daemon is silent.
        """
        if self.interrupted:
            return Saved.of_json(self._file.read_text(encoding="ascii"))
        with self._database() as database:
            names = [row.name for row in database.rows("Bridge")]
            ports = _ports(database)
        bridges = {}
        for name in names:
            with self._bridge(name) as switch:
                bridges[name] = remember(switch)
        return Saved(bridges, ports)

    @property
    def interrupted(self) -> bool:
        """Whether an earlier restart has not come to its end: ovs-vswitchd waits, or will when it is started."""
        if not self._file.exists():
            return False
        with self._database() as database:
            return _WAIT in database.root.other_config

    def run(self, saved: Saved) -> float:
        """Start the daemons again, give back what was saved, and return for how many seconds nothing was carried at most.

        Without its database, ovs-vswitchd does not look at the ports of a datapath in user space, so that one follows the
        other at once.

        :raises VirtError: OperationError when a daemon does not come up, or a bridge does not take its flows.
        """
        self._save(saved)
        with self._database() as database:
            self._set(database, {_WAIT: "true"}, wait=False)
        began = time.monotonic()
        self._daemons.restart(SERVER)
        self._daemons.restart(SWITCH)
        problems = self._give_back(saved)
        with self._database() as database:
            self._set(database, {}, (_WAIT,))
            seconds = time.monotonic() - began
            problems += _moved(saved.ports, _ports(database))
        if problems:
            raise OperationError(
                f"Open vSwitch was started again, and is not as it was: {' '.join(problems)}",
                hint=f"What it had is in {self._file}; run the tasks that make it again.",
                seconds=seconds,
            )
        self._file.unlink()
        return seconds

    def _save(self, saved: Saved) -> None:
        try:
            write_atomically(self._file, saved.to_json(), mode=0o600)
        except OSError as exc:
            raise refused(f"write {self._file}", exc) from exc

    def _give_back(self, saved: Saved) -> list[str]:
        """Return what went wrong; the others get theirs whatever happens to one."""
        problems = []
        for name, memory in saved.bridges.items():
            try:
                with self._awaited(name) as switch:
                    recall(switch, name, memory, self._timeout)
            except VirtError as exc:
                problems.append(exc.message)
        return problems

    def _awaited(self, name: str) -> t.ContextManager[Switch]:
        """Return the connection to a bridge that is just being made."""

        def there() -> bool:
            try:
                with self._bridge(name):
                    return True
            except (NotFoundError, UnavailableError):
                return False

        wait_for(there, f"bridge '{name}' to come back", Deadline(self._timeout), interval=0.02)
        return self._bridge(name)

    def _set(
        self, database: Database, put: t.Mapping[str, str], drop: t.Sequence[str] = (), *, wait: bool = True
    ) -> None:
        def write(writer: Writer) -> None:
            writer.put_keys(database.root, "other_config", put, drop)

        retrying(lambda: database.transact(self._comment, write, wait=wait), "the switch's settings")

    def _database(self) -> t.ContextManager[Database]:
        return connect(self._remote, needed=COLUMNS, wanted={})

    def _bridge(self, name: str) -> t.ContextManager[Switch]:
        return connect_bridge(name, self._run_dir, self._timeout)


def _ports(database: Database) -> dict[str, int]:
    """Return the numbers of the interfaces that have one."""
    rows = database.rows("Interface")
    return {row.name: row.ofport[0] for row in rows if row.ofport and row.ofport[0] > 0}


def _moved(before: t.Mapping[str, int], after: t.Mapping[str, int]) -> list[str]:
    return [
        f"Interface '{name}' was port {number} and is {after.get(name, 'none')}."
        for name, number in sorted(before.items())
        if after.get(name) != number
    ]
