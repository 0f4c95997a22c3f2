# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Ports that VMs left on the switch when their host went down: the database outlives a boot, their interfaces do not.

libvirt names the VM of a port in `external_ids:vm-id` of its interface, and removes the port when the VM stops, which nobody does for
one that ended with its host. Source: virNetDevOpenvswitchAddPort; ovs-vswitchd.conf.db(5), Interface, `ofport`.
"""

from __future__ import annotations

import typing as t

from .connection import Database, Remote, connect
from .writer import Writer, retrying

_COLUMNS = {
    "Bridge": ["name", "ports"],
    "Port": ["name", "interfaces"],
    "Interface": ["name", "external_ids", "ofport"],
    "Open_vSwitch": ["next_cfg", "cur_cfg"],
}
_BROKEN = -1
"""The `ofport` of an interface that could not be opened."""


def remove(switch: Remote, vms: t.Collection[str]) -> list[str]:
    """Remove the ports of these VMs whose interfaces are not there, in one transaction; return their names.

    :param vms: the VMs' UUIDs.
    :raises UnavailableError: when the switch does not answer.
    """
    removed: list[str] = []

    def attempt() -> bool:
        found = list(_dead(database, vms))
        removed[:] = sorted(port.name for _bridge, port in found)
        return not found or database.transact(
            "evergreen.virt: ports of VMs that went down", lambda writer: _detach(writer, found)
        )

    with connect(switch, needed=_COLUMNS, wanted={}) as database:
        retrying(attempt, "the ports of VMs that went down")
    return removed


def _dead(database: Database, vms: t.Collection[str]) -> t.Iterator[tuple[t.Any, t.Any]]:
    for bridge in database.rows("Bridge"):
        for port in bridge.ports:
            if port.interfaces and all(_is_dead(interface, vms) for interface in port.interfaces):
                yield bridge, port


def _is_dead(interface: t.Any, vms: t.Collection[str]) -> bool:
    return interface.external_ids.get("vm-id") in vms and _BROKEN in interface.ofport


def _detach(writer: Writer, found: t.Sequence[tuple[t.Any, t.Any]]) -> None:
    for bridge, port in found:
        writer.detach(bridge, "ports", port)
