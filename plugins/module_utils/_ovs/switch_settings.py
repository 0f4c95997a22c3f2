# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The switch's settings in the database: reading them, carrying out a plan in one transaction."""

from __future__ import annotations

import collections
import typing as t
from pathlib import Path

from .._errors import InvalidInputError
from . import columns as c
from .connection import Database
from .operations import Plan
from .rows import carry_out, options_of
from .switch_model import Sample, Switch, Wanted, wanted_switch
from .switch_plan import plan_switch

NEEDED = {
    "Open_vSwitch": ["bridges", "manager_options", "next_cfg", "cur_cfg"],
    "Manager": ["target"],
    "Bridge": ["name"],
}
WANTED = {
    "Open_vSwitch": [*(column.name for column in c.SWITCH), "ssl"],
    "Manager": [column.name for column in c.MANAGER],
    "SSL": [column.name for column in c.TLS],
    "Bridge": list(c.MONITORS),
    **{table: [column.name for column in columns] for table, columns in c.MONITORS.values()},
    c.SAMPLE_SET: ["id", "bridge", "ipfix"],
}
"""The columns to register for `connection.connect`."""


def read(database: Database) -> Switch:
    """Return the settings."""
    root = database.root
    tls = getattr(root, "ssl", ())
    return Switch(
        options_of(root, c.SWITCH),
        {row.target: options_of(row, c.MANAGER) for row in getattr(root, "manager_options", ())},
        options_of(tls[0], c.TLS) if tls else None,
        {row.name: _monitors(row) for row in database.rows("Bridge")},
        _samples(database),
        _shared(database),
    )


def _monitors(bridge: t.Any) -> dict[str, dict[str, t.Any]]:
    rows = {name: getattr(bridge, name, ()) for name in c.MONITORS}
    return {name: options_of(found[0], c.MONITORS[name][1]) for name, found in rows.items() if found}


def _shared(database: Database) -> frozenset[tuple[str, str]]:
    rows = {
        (bridge.name, name): found[0].uuid
        for bridge in database.rows("Bridge")
        for name in c.MONITORS
        if (found := getattr(bridge, name, ()))
    }
    users = collections.Counter(rows.values())
    return frozenset(place for place, uuid in rows.items() if users[uuid] > 1)


def _samples(database: Database) -> dict[str, dict[int, Sample]]:
    found: dict[str, dict[int, Sample]] = {}
    for row in database.rows(c.SAMPLE_SET):
        values = options_of(row.ipfix[0], c.FLOW_SAMPLE) if row.ipfix else None
        found.setdefault(row.bridge.name, {})[row.id] = Sample(str(row.uuid), values)
    return found


def converge(database: Database, params: t.Mapping[str, t.Any], *, comment: str, check_mode: bool) -> Plan:
    """Make the settings as the options say, and return what that meant.

    :param params: options of the module `ovs_switch`.
    :raises VirtError: InvalidInputError, NotFoundError and UnsupportedError before anything is changed; OperationError
        and DeadlineError when the change did not take effect.
    """
    wanted = wanted_switch(params)
    if not check_mode:
        _check_files(wanted)
    return carry_out(
        database,
        lambda: plan_switch(wanted, read(database)),
        "the switch's settings",
        comment=comment,
        check_mode=check_mode,
    )


def _check_files(wanted: Wanted) -> None:
    """ovsdb-server only writes to its log that it cannot read a file, and then serves nobody by TLS."""
    tls = wanted.tls or {}
    names = ["private_key", "certificate"] + ([] if tls.get("bootstrap_ca") else ["ca_certificate"])
    for name in names:
        if name in tls and not Path(tls[name]).is_file():
            raise InvalidInputError(f"tls.{name}: this host has no file {tls[name]}.", hint="Put it there first.")
