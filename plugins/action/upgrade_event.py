# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the journal of a run on the controller."""

from __future__ import annotations

import os
import pathlib
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.plugin_utils import heartbeat
from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import JOURNAL, record
from ansible_collections.evergreen.virt.plugins.plugin_utils.run_report import unfinished

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "directory": {"type": "path", "required": True},
    "events": {"type": "list", "elements": "dict", "required": True},
}
KINDS = ("run", "plan", "stage", "moves", "stops", "switch", "attempt", "host", "probe")


class ActionModule(ActionBase):
    """`evergreen.virt.upgrade_event`: no connection, no module on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return `{"changed": False, "report": ...}`."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        unknown = [event.get("event") for event in options["events"] if event.get("event") not in KINDS]
        if unknown:
            return {**result, "failed": True, "msg": f"unknown event '{unknown[0]}'. Known are {', '.join(KINDS)}."}
        if self._task.check_mode:
            return {**result, "changed": False}
        try:
            directory = pathlib.Path(options["directory"])
            report = record(directory, options["events"])
            if any(event["event"] == "run" and event.get("state") == "started" for event in options["events"]):
                heartbeat.start(directory / JOURNAL, os.getppid())  # of ansible-playbook, whose child runs this task
        except OSError as exc:
            return {**result, "failed": True, "msg": f"cannot keep the journal of the run: {exc}."}
        summary = {key: value for key, value in report.items() if key not in ("hosts", "vms")}
        return {**result, "changed": False, "report": {**summary, "unfinished": unfinished(report)}}
