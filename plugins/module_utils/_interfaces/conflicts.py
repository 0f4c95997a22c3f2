# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What else brings an interface up, or takes it away, behind the back of its manager."""

from __future__ import annotations

import typing as t

from .. import _programs, _systemd
from .._errors import ConflictError
from . import ifupdown, managers
from .interface import Interface


def refuse(manager: managers.Manager, interfaces: t.Iterable[Interface], changing: t.Collection[str]) -> None:
    """Check that there is nothing of that kind.

    :param changing: the names of those interfaces whose files are about to change.
    :raises ConflictError: when there is.
    """
    if manager.rival:
        _refuse_rival(manager, manager.rival, [item.name for item in interfaces if not item.absent])
    for name in changing:
        if ifupdown.of_open_vswitch(managers.description(manager, name) or ""):
            raise ConflictError(
                f"interface '{name}' has ovs_type in the files of {manager.name}: as it goes down, Open vSwitch's scripts remove its"
                " bridge or port, and with a bridge the ports of all VMs.",
                hint="Take the lines that begin with ovs_ out of the stanzas of the bridge and of all its ports (Open vSwitch keeps these"
                " in its database anyway), and name all of them in this task, so that they are still brought up.",
            )


def _refuse_rival(manager: managers.Manager, rival: managers.Manager, names: t.Iterable[str]) -> None:
    twice = sorted(_brought_up_at_boot(rival).intersection(names))
    if twice:
        raise ConflictError(
            f"interface '{twice[0]}' would be brought up by {manager.name}, and, when this host boots, by {rival.name} as well.",
            hint=f"Take it out of {managers.INTERFACES} and the files beside it, or set the manager to {rival.name}.",
        )


def _brought_up_at_boot(manager: managers.Manager) -> set[str]:
    """Return the interfaces that it brings up when the host starts, or when they appear."""
    [unit] = _systemd.show(["UnitFileState"], [manager.unit]) or [{}]
    listed = _programs.answer([*manager.describes, "--list", "--allow=hotplug"])
    if unit.get("UnitFileState", "").startswith("enabled"):
        listed += _programs.answer([*manager.describes, "--list"])
    return set(listed.split())
