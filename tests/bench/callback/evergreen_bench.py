# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a benchmark, on standard output, when each task began and ended and how often it ran a module: one JSON line each."""

from __future__ import annotations

import json
import time
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: evergreen_bench
type: stdout
short_description: One JSON line for each task
description: For tests/bench/ only.
"""


class CallbackModule(CallbackBase):
    """Counts what is run and prints it when a task has ended."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "evergreen_bench"

    def __init__(self) -> None:
        super().__init__()
        self._began = 0.0
        self._items = 0

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._began, self._items = time.monotonic(), 0

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._items += 1

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._tell(result, failed=False)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._tell(result, failed=True)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._tell(result, failed=True)

    def _tell(self, result: t.Any, *, failed: bool) -> None:
        told = {
            "task": result.task_name,
            "began": self._began,
            "ended": time.monotonic(),
            "executions": self._items or 1,
            "changed": bool(result.result.get("changed")),
            "stdout": result.result.get("stdout", ""),
            "failure": _reason(result.result) if failed else None,
        }
        print(json.dumps(told), flush=True)


def _reason(result: t.Mapping[str, t.Any]) -> str:
    failures = [item for item in result.get("results", ()) if item.get("failed")] or [result]
    return str(failures[0].get("msg") or failures[0])
