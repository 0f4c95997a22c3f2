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
from .._errors import NotFoundError, UnsupportedError
from . import lifecycle
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
            running = tree.parse(found.XMLDesc(0)) if active else None
            defined = _definition(found, kind) if persistent else running
            return Found(
                status=Status(
                    exists=True,
                    active=active,
                    persistent=persistent,
                    autostart=bool(persistent and found.autostart()),
                    one_definition=defined is None,
                ),
                defined=running if defined is None else defined,
                running=running,
            )
    except NotFoundError:
        return Found()


def _definition(found: t.Any, kind: Kind) -> Element | None:
    """Return None from a driver that shows an active object's definition to nobody."""
    if not found.isActive():
        return tree.parse(found.XMLDesc(0))
    try:
        with explaining(f"read the definition of {kind.noun} '{found.name()}'"):
            return tree.parse(found.XMLDesc(kind.inactive_xml))
    except UnsupportedError:  # the flag
        return None


def plan(kind: Kind, name: str, status: Status, wanted: lifecycle.Wanted, definition: lifecycle.Definition) -> Plan:
    """Return what to do.

    :raises UnsupportedError: when its driver cannot do it in the way that the user wants.
    """
    try:
        return lifecycle.plan(status, wanted, definition)
    except UnsupportedError as exc:
        raise UnsupportedError(f"{kind.noun} '{name}': {exc.message}", hint=exc.hint) from exc


def apply(connection: libvirt.virConnect, kind: Kind, name: str, plan: Plan) -> None:
    """Do what the plan says.

    :raises OperationError: when libvirt refuses a step; the steps before it stay done.
    """
    what = f"{kind.noun} '{name}'"
    _define(connection, kind, name, plan.define)
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
        _define(connection, kind, name, plan.define if plan.define_again else None)
    if plan.undefine:
        with explaining(f"undefine {what}"):
            found.undefine()
    if plan.start:
        with explaining(f"start {what}"):
            kind.start(found)


def _define(connection: libvirt.virConnect, kind: Kind, name: str, xml: str | None) -> None:
    if xml is not None:
        with explaining(f"define {kind.noun} '{name}'"):
            kind.define(connection, xml)
