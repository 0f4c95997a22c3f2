# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Several bridges, one after another: what would change, changing it, and undoing it."""

from __future__ import annotations

import functools
import typing as t

from .._changes import ChangeSet
from .._errors import ConflictError, NotFoundError, VirtError
from .bridge import Look, converge, read
from .bridge_model import Bridge, Switch
from .bridge_plan import plan_bridge
from .bridge_wanted import Wanted, wanted_bridge
from .connection import Database
from .operations import Plan
from .rows import carry_out, check_possible
from .way_back import numbered, way_back

Options = t.Mapping[str, t.Any]
"""Options of the module `ovs_bridge`."""


def foresee(database: Database, bridges: t.Sequence[Options]) -> ChangeSet:
    """Return what would change; nothing is changed.

    :raises VirtError: for what cannot be. What stands in the way of a bridge while one before it changes may be gone then.
    """
    switch, found = read(database), ChangeSet()
    for options in bridges:
        wanted = wanted_bridge(options)
        try:
            plan = plan_bridge(wanted, switch)
        except (ConflictError, NotFoundError):
            if not found:
                raise
            continue
        check_possible(database, plan)
        found += plan.changes.within(f"bridges[{options['name']}]")
    return found


def converge_all(database: Database, bridges: t.Sequence[Options], *, comment: str) -> None:
    """Make each bridge as its options say.

    :raises VirtError: when one cannot be, or does not work; those before it are changed then.
    """
    for options in bridges:
        converge(database, options, comment=f"{comment}: bridge {options['name']}", check_mode=False)


def undo(database: Database, bridges: t.Sequence[Options], before: Switch, *, comment: str) -> list[VirtError]:
    """Make the bridges again what they were; a bridge that cannot be is no reason to leave the others.

    :param bridges: the change, of which any part may have been carried out.
    :returns: what went wrong.
    """
    forward = [wanted_bridge(options) for options in bridges]
    look = Look(database)
    now, problems = look(), []
    for wanted in way_back(forward, before, now):
        again = wanted.name in before.bridges and wanted.name not in now.bridges
        # Interfaces that are made anew would get any numbers, and other flows: asked for in a transaction of its own, they keep them.
        for each in [numbered(wanted, before.bridges[wanted.name]), wanted] if again else [wanted]:
            try:
                carry_out(
                    database,
                    functools.partial(_plan, each, look),
                    f"bridge '{each.name}'",
                    comment=f"{comment}: bridge {each.name}",
                    check_mode=False,
                )
            except VirtError as exc:
                problems.append(exc)
    return problems


def removed(bridges: t.Sequence[Options], before: Switch) -> dict[str, Bridge]:
    """Return the bridges that a change removes."""
    gone = [wanted for wanted in map(wanted_bridge, bridges) if wanted.absent and not wanted.fake]
    return {wanted.name: before.bridges[wanted.name] for wanted in gone if wanted.name in before.bridges}


def _plan(wanted: Wanted, look: Look) -> Plan:
    return plan_bridge(wanted, look())
