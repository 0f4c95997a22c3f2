# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts, joins and shows the moves of one host: the part of vm_migrate that runs on the controller."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.validation import check_type_dict, check_type_list
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import (
    CANCELLED,
    FAILED,
    MOVED,
    OFF,
    RUNNING,
    UNDER_WAY,
)
from ansible_collections.evergreen.virt.plugins.plugin_utils.addresses import migration_address
from ansible_collections.evergreen.virt.plugins.plugin_utils.patience import ask_patiently
from ansible_collections.evergreen.virt.plugins.plugin_utils.progress import Progress

Result = dict[str, t.Any]

MODULE = "evergreen.virt.vm_migrate"
WANTED = (MOVED, OFF, "would_move", "would_cancel", "not_moving")
ALSO_WANTED = {"cancelled": (CANCELLED,), "joined": (CANCELLED, FAILED)}
"""State of the task -> what its moves may end as as well."""
_RETRY_S = 2.0


class ActionModule(ActionBase):
    """`evergreen.virt.vm_migrate`: calls the module of that name on the source until every move has ended."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Return the module's result, with `moves` for every move that was asked for."""
        variables = task_vars or {}
        source = str(self._task.delegate_to or variables.get("inventory_hostname", ""))
        result = super().run(tmp, variables)
        if "moves" in self._task.args:
            self._task.args["moves"] = _moves(self._task.args["moves"] or [], variables)
        first = self._ask(self._task.args, variables)
        if first.get("failed") or first.get("unreachable"):
            return {**result, **_failed_before(first, source)}
        if "moves" not in first:  # check mode, on a host that lacks the software
            return {**result, "moves": [], **first}
        rows = {row["vm"]: row for row in first["moves"]}
        changed, lost = bool(first.get("changed")), self._follow(rows, variables, source)
        moves = [{**row, "from": source} for row in rows.values()]
        return {**result, **_ended(moves, changed, lost, self._task.args.get("state", "moved"))}

    def _follow(self, rows: dict[str, Result], variables: dict[str, t.Any], source: str) -> str:
        """Ask until no move is under way; return why that could not be found out, empty if it could."""
        progress = Progress(source, Display().display)
        progress.tell(rows.values())
        while any(row["result"] in UNDER_WAY for row in rows.values()):
            answer = self._ask({**self._task.args, "moves": self._open(rows)}, variables)
            if answer.get("failed") or answer.get("unreachable"):
                return str(answer.get("msg", "no answer"))
            rows.update({row["vm"]: row for row in answer["moves"]})
            progress.tell(rows.values())
        return ""

    def _open(self, rows: t.Mapping[str, Result]) -> list[Result]:
        asked = {move["vm"]: move for move in self._task.args.get("moves", [])}
        return [
            {**asked.get(name, {"vm": name}), "attempt": row["attempt"]}
            for name, row in rows.items()
            if row["result"] in UNDER_WAY
        ]

    def _ask(self, arguments: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Result:
        """Call the module; keep trying for a while if the host cannot be reached."""
        return ask_patiently(
            lambda: self._execute_module(module_name=MODULE, module_args=dict(arguments), task_vars=variables),
            float(self._task.args.get("reconnect_timeout", 60)),
            lambda why: Display().warning(f"the host that VMs are moving from is unreachable, trying again: {why}"),
            pause=_RETRY_S,
        )


def _moves(given: t.Any, variables: t.Mapping[str, t.Any]) -> t.Any:
    """Return the moves as the module reads them, with addresses; what is no list of moves is left to the module, which refuses it."""
    try:
        return [_addressed(check_type_dict(move), variables) for move in check_type_list(given)]
    except TypeError:
        return given


def _addressed(move: Result, variables: t.Mapping[str, t.Any]) -> Result:
    """Say where the target is, if the task does not, as the inventory knows it."""
    address = migration_address(str(move.get("to")), variables.get("hostvars", {}))
    return {"address": address, **move} if address else move


def _failed_before(answer: Result, source: str) -> Result:
    """Return the failure of a task that never learned of any move."""
    told = {key: value for key, value in answer.items() if key != "unreachable"}
    if answer.get("unreachable"):
        told["msg"] = (
            f"host '{source}' is unreachable, and whether moves were begun there is not known: {answer.get('msg')}."
            " When it is back, run the same task again: it joins what is under way."
        )
    return {"moves": [], **told, "failed": True}


def _ended(moves: list[Result], changed: bool, lost: str, state: str) -> Result:
    """Return the task's result from what is known of the moves."""
    if lost:
        moves = [_unknown(move, lost) if move["result"] in UNDER_WAY else move for move in moves]
    wanted = (*WANTED, *ALSO_WANTED.get(state, ()))
    bad = [
        move for move in moves if move["result"] not in wanted or (state == "cancelled" and move["result"] == "moved")
    ]
    told: Result = {"changed": changed, "moves": moves}
    if warnings := [warning for move in moves for warning in move.get("warnings", [])]:
        told["warnings"] = warnings
    if bad:
        reasons = " ".join(
            f"{move['vm']} -> {move.get('to')}: {move['result']}: {move.get('error') or move.get('reason') or 'too late'}"
            for move in bad
        )
        told.update(OperationError(f"{len(bad)} of {len(moves)} moves did not end as wanted. {reasons}").as_failure())
    return told


def _unknown(move: Result, lost: str) -> Result:
    known = "it had been begun and goes on by itself" if move["result"] == RUNNING else "it had not been begun"
    return {**move, "result": "unknown", "error": f"{known}, but host '{move['from']}' could not be asked: {lost}"}
