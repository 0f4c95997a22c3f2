# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The switch itself: what runs on the host, how it is identified and set up."""

from __future__ import annotations

import operator
import typing as t

from . import columns as c
from . import switch_settings
from .connection import Database, joined
from .switch_model import Switch

NEEDED = {"Open_vSwitch": ["bridges", "next_cfg", "cur_cfg"]}
_REPORTED = {
    "Open_vSwitch": [
        "ovs_version",
        "db_version",
        "system_type",
        "system_version",
        "datapath_types",
        "iface_types",
        "dpdk_initialized",
        "dpdk_version",
        "statistics",
        "external_ids",
        "other_config",
        "manager_options",
    ],
    "Bridge": ["name"],
    "Manager": ["target", "is_connected", "status"],
}
WANTED = joined(_REPORTED, switch_settings.WANTED)
"""The columns to register for `connection.connect`."""


def read(database: Database) -> dict[str, t.Any]:
    """Return facts of the switch as plain data.

    `applied` tells whether ovs-vswitchd has applied the newest configuration (`cur_cfg` has reached `next_cfg`).
    """
    row, settings = database.root, switch_settings.read(database)
    identifiers = settings.values["external_ids"]
    return {
        "ovs_version": _first(row, "ovs_version"),
        "db_version": _first(row, "db_version"),
        "system_type": _first(row, "system_type"),
        "system_version": _first(row, "system_version"),
        "system_id": identifiers.get("system-id"),
        "hostname": identifiers.get("hostname"),
        "datapath_types": sorted(getattr(row, "datapath_types", ())),
        "iface_types": sorted(getattr(row, "iface_types", ())),
        "dpdk_initialized": bool(getattr(row, "dpdk_initialized", False)),
        "dpdk_version": _first(row, "dpdk_version"),
        "external_ids": identifiers,
        "other_config": settings.values["other_config"],
        "statistics": dict(getattr(row, "statistics", {})),
        "cur_cfg": row.cur_cfg,
        "next_cfg": row.next_cfg,
        "applied": row.cur_cfg >= row.next_cfg,
        "managers": sorted(
            (_manager(manager, settings) for manager in getattr(row, "manager_options", ())),
            key=operator.itemgetter("target"),
        ),
        "tls": settings.tls,
        "monitors": [_monitors(settings, name) for name in sorted(settings.monitors)],
        "bridges": sorted(bridge.name for bridge in database.rows("Bridge")),
    }


def _manager(row: t.Any, settings: Switch) -> dict[str, t.Any]:
    reported = {"connected": row.is_connected, "status": dict(row.status)}
    return {"target": row.target, **settings.managers[row.target], **reported}


def _monitors(settings: Switch, bridge: str) -> dict[str, t.Any]:
    samples = settings.samples.get(bridge, {})
    return {
        "bridge": bridge,
        **{name: settings.monitors[bridge].get(name) for name in c.MONITORS},
        "flow_samples": [{"id": number, **(sample.values or {})} for number, sample in sorted(samples.items())],
    }


def _first(row: t.Any, column: str) -> str | None:
    """Return the value of an optional column."""
    for value in getattr(row, column, ()):
        return str(value)
    return None
