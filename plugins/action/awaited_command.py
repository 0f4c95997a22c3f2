# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts a command, and waits for its end on a connection that may break meanwhile."""

from __future__ import annotations

import contextlib
import os
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN
from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline
from ansible_collections.evergreen.virt.plugins.plugin_utils.meanwhile import EACH_S, told_meanwhile
from ansible_collections.evergreen.virt.plugins.plugin_utils.patience import Answer, ask_patiently, asked

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "argv": {"type": "list", "elements": "str", "required": True},
    "stdin": {"type": "str"},
    "timeout": {"type": "int", "default": 600},
    "silence": {"type": "int", "default": 120},
    **RUN.options,
}
LEASE = "evergreen.virt.upgrade_lease"
KEPT = ("rc", "stdout", "stdout_lines", "stderr", "stderr_lines", "cmd", "start", "end", "delta")
_POLL_S = 10.0
"""Seconds between two questions whether a command has ended, at most: short ones are asked for more often."""
_ENDS_LATE_S = 30.0
"""Within which Ansible's own watcher on the host has ended a command that takes too long."""


class ActionModule(ActionBase):
    """`evergreen.virt.awaited_command`: a host that is lost is a failure of the task, which a rescue can answer."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Answer:
        """Return what the command printed and how it ended, or `failed` with the reason."""
        variables = task_vars or {}
        result = super().run(tmp, variables)
        _validated, options = self.validate_argument_spec(
            argument_spec=ARGUMENTS, required_together=RUN.required_together
        )
        if self._task.check_mode:
            return {**result, "skipped": True, "changed": False, "msg": "no command is run in check mode"}
        what = f"[{variables.get('inventory_hostname')}] {options['argv'][0]}"
        begun = asked(lambda: self._refusal(options, variables)) or asked(lambda: self._begin(options, variables))
        job = begun.get("ansible_job_id")
        with told_meanwhile(what, Display().display, EACH_S):
            ended = begun if begun.get("failed") or not job else self._follow(what, str(job), options, variables)
        if ended.get("unreachable"):
            self._connection._shell.tmpdir = None  # noqa: SLF001, Ansible's own way; nobody is there to remove it
        return {**result, **told(ended, options)}

    def _refusal(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Answer:
        """Pass the host's gate for the run, which is a sign of its life there; return why that may not be, empty if it may."""
        if options["run_id"] is None:
            return {}
        run = {name: options[name] for name in RUN.options}
        answer = dict(self._execute_module(module_name=LEASE, module_args=run, task_vars=variables))
        return answer if answer.get("failed") or answer.get("unreachable") else {}

    def _begin(self, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Answer:
        self._task.async_val = options["timeout"]
        try:
            return dict(
                self._execute_module(
                    module_name="ansible.legacy.command",
                    module_args={name: options[name] for name in ("argv", "stdin")},
                    task_vars=variables,
                    wrap_async=True,
                )
            )
        finally:
            self._task.async_val = 0  # else Ansible waits for it as well

    def _follow(self, what: str, job: str, options: t.Mapping[str, t.Any], variables: dict[str, t.Any]) -> Answer:
        """Ask until the command has ended, or until it makes no sense to ask any more."""
        end = Deadline(options["timeout"] + _ENDS_LATE_S)
        while not end.expired:
            time.sleep(min(_POLL_S, 1 + (end.seconds - end.remaining) / 10))
            answer = ask_patiently(
                lambda: self._status(job, "status", variables),
                options["silence"],
                lambda why: Display().warning(f"{what}: the host does not answer, asking again: {why}"),
            )
            if answer.get("unreachable"):
                return answer
            if answer.get("finished"):
                with contextlib.suppress(AnsibleConnectionFailure):
                    self._status(job, "cleanup", variables)
                return answer
            # Whatever it answers: a host whose packages are just being replaced may not be able to. What comes next asks again.
            asked(lambda: self._refusal(options, variables))
        return {"msg": "Timeout exceeded"}

    def _status(self, job: str, mode: str, variables: dict[str, t.Any]) -> Answer:
        folder = self.get_shell_option("async_dir", default="~/.ansible_async")
        return dict(
            self._execute_module(
                module_name="ansible.legacy.async_status",
                module_args={"jid": job, "mode": mode, "_async_dir": folder},
                task_vars=variables,
            )
        )


def told(ended: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> Answer:
    """Return the task's result from the last that is known of the command."""
    kept = {"changed": True, **{name: ended[name] for name in KEPT if name in ended}}
    problem = _problem(ended, options)
    return {**kept, **OperationError(problem).as_failure()} if problem else kept


def _problem(ended: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> str:
    """Return why the command did not end well, empty if it did."""
    program, said = options["argv"][0], str(ended.get("msg", "no message"))
    if ended.get("unreachable") and "msg" in ended:
        return f"the host was lost while {program} ran on it, or before: {said}. What was begun goes on by itself."
    if said == "Timeout exceeded":
        return f"{program} was ended because it took longer than {options['timeout']} s."
    if said == "could not find job":
        return f"the host was lost while {program} ran on it: it was booted meanwhile."
    if "rc" not in ended:
        return said
    if ended["rc"] and "end" not in ended:  # then it is the errno of the attempt to start it
        return f"{program} cannot be started ({os.strerror(ended['rc'])}): {said}"
    last = [line for line in f"{ended.get('stdout', '')}\n{ended.get('stderr', '')}".splitlines() if line.strip()][-1:]
    return f"{program} ended with {ended['rc']}: {''.join(last) or 'it said nothing'}" if ended["rc"] else ""
