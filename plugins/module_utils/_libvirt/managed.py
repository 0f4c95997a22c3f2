# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Reading and changing networks and storage pools, which libvirt treats alike."""

from __future__ import annotations

import dataclasses
import typing as t

from .._domain_xml import tree
from .._domain_xml.tree import Element
from .._errors import NotFoundError
from .connection import explaining
from .lifecycle import Plan, Status

if t.TYPE_CHECKING:
    import libvirt


@dataclasses.dataclass(frozen=True)
class Kind:
    """How libvirt calls what it does with one kind of object.

    :param noun: for messages.
    :param inactive_xml: the flag that makes XMLDesc return the definition.
    """

    noun: str
    lookup: t.Callable[[libvirt.virConnect, str], t.Any]
    define: t.Callable[[libvirt.virConnect, str], t.Any]
    start: t.Callable[[t.Any], None]
    inactive_xml: int


@dataclasses.dataclass(frozen=True)
class Found:
    """What libvirt has; `running` is None for an object that is not active."""

    status: Status = dataclasses.field(default_factory=Status)
    defined: Element | None = None
    running: Element | None = None


def read(connection: libvirt.virConnect, kind: Kind, name: str) -> Found:
    """Return what libvirt has under this name."""
    try:
        with explaining(f"read {kind.noun} '{name}'"):
            found = kind.lookup(connection, name)
            active, persistent = bool(found.isActive()), bool(found.isPersistent())
            autostart = bool(persistent and found.autostart())
            return Found(
                status=Status(exists=True, active=active, persistent=persistent, autostart=autostart),
                defined=tree.parse(found.XMLDesc(kind.inactive_xml if persistent else 0)),
                running=tree.parse(found.XMLDesc(0)) if active else None,
            )
    except NotFoundError:
        return Found()


def apply(connection: libvirt.virConnect, kind: Kind, name: str, plan: Plan) -> None:
    """Do what the plan says.

    :raises OperationError: when libvirt refuses a step; the steps before it stay done.
    """
    what = f"{kind.noun} '{name}'"
    if plan.define is not None:
        with explaining(f"define {what}"):
            kind.define(connection, plan.define)
    if not (plan.stop or plan.undefine or plan.start or plan.autostart is not None):
        return
    with explaining(f"find {what}"):
        found = kind.lookup(connection, name)
    if plan.autostart is not None:
        with explaining(f"set autostart of {what}"):
            found.setAutostart(int(plan.autostart))
    if plan.stop:
        with explaining(f"stop {what}"):
            found.destroy()
    if plan.undefine:
        with explaining(f"undefine {what}"):
            found.undefine()
    if plan.start:
        with explaining(f"start {what}"):
            kind.start(found)
