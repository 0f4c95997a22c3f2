# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Begins a change of a host's network and confirms it by a new connection: the part of host_network that runs on the controller."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN
from ansible_collections.evergreen.virt.plugins.module_utils._state.network_change import BROKEN, ENDED, KEPT, UNDONE
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline

Result = dict[str, t.Any]

MODULE = "evergreen.virt.host_network"
_POLL_S = 1.0
_UNDOING_S = 60.0
"""So long a host may take to put back what was there and to be reachable again."""
_QUICK = "-o ConnectTimeout=5 -o ServerAliveInterval=2 -o ServerAliveCountMax=2"
"""A connection that got stuck must not eat up the time; what the user's own ssh_args say comes first, and holds."""


class ActionModule(ActionBase):
    """`evergreen.virt.host_network`: calls the module of that name, then confirms what it began."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Return the module's result; a change that nobody could confirm is a failure."""
        variables = task_vars or {}
        host = str(self._task.delegate_to or variables.get("inventory_hostname", ""))
        result = super().run(tmp, variables)
        begun = self._ask(self._task.args, variables)
        if begun.get("failed") or "confirm" in self._task.args or "change" not in begun:
            return {**result, **begun}
        seconds = float(self._task.args.get("confirm_timeout", 60))
        change = self._settle(begun["change"], seconds, variables)
        return {**result, **begun, "change": change, **_ended(change, host)}

    def _settle(self, change: Result, seconds: float, variables: dict[str, t.Any]) -> Result:
        """Confirm the change as soon as the host can be reached anew; return how it ended, as far as that is known."""
        deadline = Deadline(seconds + _UNDOING_S)
        self._be_quick()
        while change["state"] not in ENDED and not deadline.expired:
            time.sleep(_POLL_S)
            change = self._confirm(change, variables)
        return change

    def _confirm(self, change: Result, variables: dict[str, t.Any]) -> Result:
        """Ask by a new connection."""
        try:
            with contextlib.suppress(AttributeError):  # as wait_for_connection does: not every connection can
                self._connection.reset()
            answer = self._ask({"confirm": change["id"], **_run_of(self._task.args)}, variables)
        except AnsibleConnectionFailure as exc:
            answer = {"msg": str(exc)}
        if "change" in answer:
            return t.cast("Result", answer["change"])
        Display().vv(f"the host does not answer after the change of its network: {answer.get('msg')}")
        return {**change, "state": "unknown", "problem": str(answer.get("msg", ""))}

    def _be_quick(self) -> None:
        if self._connection.transport == "ssh":
            own = self._connection.get_option("ssh_extra_args") or ""
            self._connection.set_option("ssh_extra_args", f"{own} {_QUICK}".strip())

    def _ask(self, arguments: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        answer: Result = self._execute_module(module_name=MODULE, module_args=dict(arguments), task_vars=variables)
        return answer


def _run_of(arguments: t.Mapping[str, t.Any]) -> Result:
    """Return which run a task belongs to: one that was superseded meanwhile confirms nothing."""
    return {name: arguments[name] for name in RUN.options if name in arguments}


def _ended(change: Result, host: str) -> Result:
    """Return what a task's result says of the end of a change."""
    if change["state"] == KEPT:
        return {}
    problem = (change["problem"] or change["state"]).rstrip(".")
    begin = f"The change of the network of host '{host}' was undone"
    if change["state"] == UNDONE:
        return {
            "failed": True,
            "changed": False,
            "msg": f"{begin}, and what was there before is back. Why: {problem}.",
        }
    if change["state"] == BROKEN:
        return {"failed": True, "msg": f"{begin}, but not everything is as it was before. Why: {problem}."}
    told = (
        f"Host '{host}' was not reached again after the change of its network. It undoes the change by itself unless that was"
        f" confirmed. The last attempt: {problem}."
    )
    return {"failed": True, "msg": told}
