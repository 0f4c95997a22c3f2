# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""All VMs of a host by a handful of calls, instead of a handful for each.

Sources: virConnectListAllDomains, virConnectGetAllDomainStats.
"""

from __future__ import annotations

from .._errors import UnsupportedError
from . import domain as domains
from .connection import LIBVIRT, explaining
from .domain import Found

with LIBVIRT.importing():
    import libvirt


def find_all(connection: libvirt.virConnect) -> dict[str, Found]:
    """Return the VMs by their names."""
    with explaining("list the VMs"):
        known = connection.listAllDomains()
    states = _states(connection)
    # asked after the VMs themselves: a VM that has come meanwhile is none of these
    persistent = listed(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT)
    autostart = listed(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
    return {
        domain.name(): Found(
            domain=domain,
            state=states.get(domain.UUIDString()) or domains.state(domain),
            persistent=domain.UUIDString() in persistent,
            autostart=domain.UUIDString() in autostart,
        )
        for domain in known
    }


def listed(connection: libvirt.virConnect, flag: int) -> frozenset[str]:
    """Return the UUIDs of the VMs that libvirt lists under a flag, none where its driver cannot."""
    try:
        with explaining("list the VMs"):
            return frozenset(domain.UUIDString() for domain in connection.listAllDomains(flag))
    except UnsupportedError:
        return frozenset()


def with_snapshots(connection: libvirt.virConnect) -> frozenset[str]:
    """Return the UUIDs of the VMs that have snapshots."""
    return listed(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT)


def _states(connection: libvirt.virConnect) -> dict[str, str]:
    try:
        with explaining("read the states of the VMs"):
            answers = connection.getAllDomainStats(
                libvirt.VIR_DOMAIN_STATS_STATE, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
            )
    except UnsupportedError:
        return {}
    return {
        domain.UUIDString(): domains.known_state(domains.STATES[values["state.state"]], domain)
        for domain, values in answers
        if "state.state" in values
    }
