# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the journal of a run on the controller."""

from __future__ import annotations

import os
import pathlib
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, OperationError, VirtError
from ansible_collections.evergreen.virt.plugins.plugin_utils import heartbeat
from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import JOURNAL, record
from ansible_collections.evergreen.virt.plugins.plugin_utils.run_report import unfinished

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "directory": {"type": "path", "required": True},
    "events": {"type": "list", "elements": "dict", "required": True},
}
KINDS = ("run", "refused", "plan", "stage", "moves", "stops", "switch", "attempt", "host", "probe")


class ActionModule(ActionBase):
    """`evergreen.virt.upgrade_event`: no connection, no module on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return `{"changed": False, "report": ...}`."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        events = options["events"]
        try:
            _check(events)
            kept = {} if self._task.check_mode else _keep(pathlib.Path(options["directory"]), events)
        except VirtError as exc:
            return {**result, **exc.as_failure()}
        return {**result, "changed": False, **kept}


def _check(events: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    unknown = [event.get("event") for event in events if event.get("event") not in KINDS]
    if unknown:
        raise InvalidInputError(f"unknown event '{unknown[0]}'. Known are {', '.join(KINDS)}.")


def _keep(directory: pathlib.Path, events: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Write the events into the journal, and return what the report says by now."""
    playbook = os.getppid()  # ansible-playbook, whose child runs this task
    try:
        report = record(directory, events, playbook)
        if any(event["event"] == "run" and event.get("state") == "started" for event in events):
            heartbeat.start(directory / JOURNAL, playbook)
    except OSError as exc:
        raise OperationError(
            f"cannot keep the journal of the run in {directory}: {exc.strerror or exc}.",
            hint="Name a folder that you may write into (upgrade_report_directory).",
        ) from exc
    summary = {key: value for key, value in report.items() if key not in ("hosts", "vms")}
    return {"report": {**summary, "unfinished": unfinished(report)}}
