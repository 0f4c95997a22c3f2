# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What bridges have besides what `way_back` knows: flows and monitors, which are lost with a bridge that is removed.

A bridge with controllers gets its flows from them.
"""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

from .._errors import OperationError, VirtError
from . import switch_settings
from .bridge_model import Bridge, Switch
from .connection import Database, Remote
from .flow_memory import Memory, differs, recall, remember
from .openflow_switch import connect
from .rows import carry_out
from .switch_model import Switch as Settings
from .switch_model import Wanted
from .switch_plan import plan_switch


@dataclasses.dataclass(frozen=True)
class Kept:
    """What such bridges have.

    :param bridges: those of them that are about to be removed, by name.
    :param flows: by bridge; the error if they could not be read.
    """

    bridges: t.Mapping[str, Bridge] = dataclasses.field(default_factory=dict)
    flows: t.Mapping[str, Memory | VirtError] = dataclasses.field(default_factory=dict)
    settings: Settings = dataclasses.field(default_factory=Settings)


def keep(database: Database, remote: Remote, bridges: t.Mapping[str, Bridge]) -> Kept:
    """Return what these bridges have."""
    if not bridges:
        return Kept()
    flows = {name: _flows(name, remote) for name, bridge in bridges.items() if not bridge.controllers}
    return Kept(bridges, flows, switch_settings.read(database))


def _flows(name: str, remote: Remote) -> Memory | VirtError:
    try:
        with connect(name, _run_dir(remote), remote.timeout) as switch:
            return remember(switch)
    except VirtError as exc:
        return exc


def _run_dir(remote: Remote) -> Path:
    """Return the folder with the bridges' sockets: that of the database's own (ovs-vswitchd(8))."""
    socket = remote.database if remote.database.startswith("unix:") else Remote.database
    return Path(socket.partition(":")[2]).parent


def give_back(database: Database, remote: Remote, kept: Kept, now: Switch, *, comment: str) -> list[VirtError]:
    """Give bridges that are there again what they had, and return what went wrong."""
    problems = []
    names = [name for name in kept.bridges if name in now.bridges]
    for name in names:
        try:
            _give_back_flows(remote, kept, name, now.bridges[name])
        except VirtError as exc:
            problems.append(exc)
    wanted = _monitors(kept.settings, names)
    try:
        carry_out(
            database,
            lambda: plan_switch(wanted, switch_settings.read(database)),
            "monitors of bridges",
            comment=comment,
            check_mode=False,
        )
    except VirtError as exc:
        problems.append(exc)
    return problems


def _give_back_flows(remote: Remote, kept: Kept, name: str, now: Bridge) -> None:
    """Flows name ports by their numbers; given to a bridge whose ports have others, they would be about other ports."""
    memory = kept.flows.get(name)
    if memory is None:
        return
    if isinstance(memory, VirtError):
        raise OperationError(f"bridge '{name}' is back without its flows, which could not be read: {memory.message}")
    with connect(name, _run_dir(remote), remote.timeout) as switch:
        if not differs(switch, memory):
            return
        if kept.bridges[name].numbers != now.numbers:
            raise OperationError(
                f"bridge '{name}' is back without its flows, because its ports have other numbers now."
            )
        recall(switch, name, memory, remote.timeout)


def _monitors(settings: Settings, names: t.Iterable[str]) -> Wanted:
    return Wanted(
        values={},
        identity={},
        managers={},
        tls=None,
        no_tls=False,
        monitors={name: settings.monitors[name] for name in names},
        samples={
            name: {number: one.values for number, one in settings.samples.get(name, {}).items() if one.values}
            for name in names
        },
        purge=False,
        purge_keys=True,
    )
