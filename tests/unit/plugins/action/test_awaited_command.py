# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.action import awaited_command

OPTIONS = {"argv": ["apt-get", "update"], "stdin": None, "timeout": 5, "silence": 0, "run_id": None, "epoch": None}
OF_A_RUN = {**OPTIONS, "run_id": "r1", "epoch": 7}
SUPERSEDED = {"failed": True, "msg": "run r1 (epoch 7) may not change this host: run r2 has it"}
BEGUN = {"ansible_job_id": "j1", "started": True, "finished": False}
WORKS = {"ansible_job_id": "j1", "started": True, "finished": False}
GONE = AnsibleConnectionFailure("no route")


def over(**more: t.Any) -> dict[str, t.Any]:
    return {"ansible_job_id": "j1", "finished": True, **more}


class Action(awaited_command.ActionModule):
    """The action with a host whose answers are given."""

    def __init__(
        self, script: list[t.Any], *, check_mode: bool = False, options: t.Mapping[str, t.Any] | None = None
    ) -> None:
        self._task = t.cast("t.Any", types.SimpleNamespace(check_mode=check_mode, async_val=0))
        self._connection = t.cast("t.Any", types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir="/tmp/here")))
        self.script, self.asked, self.options = script, [], options or OPTIONS  # type: ignore[var-annotated]

    def _execute_module(self, **call: t.Any) -> t.Any:  # type: ignore[override]
        self.asked.append(
            (call["module_name"].rpartition(".")[2], call["module_args"].get("mode"), self._task.async_val)
        )
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def validate_argument_spec(self, *_arguments: t.Any, **_more: t.Any) -> t.Any:
        return None, self.options

    def get_shell_option(self, *_arguments: t.Any, **_more: t.Any) -> str:
        return "~/.ansible_async"


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
    monkeypatch.setattr(awaited_command, "_POLL_S", 0.0)


def test_a_command_is_followed_to_its_end() -> None:
    action = Action([BEGUN, WORKS, over(rc=0, stdout="done"), over()])
    assert action.run(task_vars={"inventory_hostname": "h1"}) == {"changed": True, "rc": 0, "stdout": "done"}
    status = ("async_status", "status", 0)
    assert action.asked == [("command", None, 5), status, status, ("async_status", "cleanup", 0)]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([GONE], "the host was lost while apt-get ran on it, or before: no route. What was begun goes on by itself."),
        ([BEGUN, GONE], "the host was lost while apt-get ran on it, or before: no route."),
        ([BEGUN, over(failed=True, msg="could not find job"), over()], "it was booted meanwhile"),
        ([BEGUN, over(failed=True, msg="Timeout exceeded"), over()], "was ended because it took longer than 5 s"),
        ([BEGUN, over(rc=100, end="12:00", stderr="a\nE: lock\n"), over()], "ended with 100: E: lock"),
        ([BEGUN, over(rc=1, end="12:00", stdout="only this", stderr=""), over()], "1: only this"),
        (
            [BEGUN, over(rc=2, msg="Error executing."), over()],
            "apt-get cannot be started (No such file or directory): Err",
        ),
        ([{"failed": True, "msg": "could not create directory"}], "could not create directory"),
    ],
)
def test_what_went_wrong_is_told(script: list[t.Any], reason: str) -> None:
    result = Action(script).run(task_vars={"inventory_hostname": "h1"})
    assert result["failed"]
    assert "unreachable" not in result
    assert reason in result["msg"]


def test_a_command_that_nobody_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIONS, "timeout", 0)
    monkeypatch.setattr(awaited_command, "_ENDS_LATE_S", 0.05)
    result = Action([BEGUN, *[WORKS] * 10**5]).run(task_vars={"inventory_hostname": "h1"})
    assert result["failed"]


def test_the_run_is_seen_by_the_host_as_long_as_its_command_is_waited_for() -> None:
    unable = {"failed": True, "msg": "No module named 'json'"}  # as while Python is replaced
    action = Action([{}, BEGUN, WORKS, {}, WORKS, unable, WORKS, GONE, over(rc=0), over()], options=OF_A_RUN)
    assert action.run(task_vars={"inventory_hostname": "h1"}) == {"changed": True, "rc": 0}
    assert [module for module, _mode, _seconds in action.asked] == [
        *("upgrade_lease", "command"),
        *("async_status", "upgrade_lease") * 3,
        *("async_status", "async_status"),
    ]


@pytest.mark.parametrize(("answer", "reason"), [(SUPERSEDED, "run r2 has it"), (GONE, "the host was lost")])
def test_a_command_is_not_begun_where_its_run_is_not_admitted(answer: t.Any, reason: str) -> None:
    action = Action([answer], options=OF_A_RUN)
    result = action.run(task_vars={"inventory_hostname": "h1"})
    assert result["failed"]
    assert reason in result["msg"]
    assert [module for module, _mode, _seconds in action.asked] == ["upgrade_lease"]


def test_nothing_is_run_in_check_mode() -> None:
    assert Action([], check_mode=True).run()["skipped"]


def tasks_of(playbook: int) -> list[int]:
    """Return the processes that `ansible-playbook` has started for tasks: forks of itself."""
    children = Path(f"/proc/{playbook}/task/{playbook}/children").read_text(encoding="utf-8").split()
    return [int(child) for child in children if argv(int(child)) == argv(playbook)]


def argv(pid: int) -> bytes:
    """Return how a process was called, nothing if it has ended."""
    file = Path(f"/proc/{pid}/cmdline")
    return file.read_bytes() if file.exists() else b""


@pytest.mark.programs
def test_a_task_ends_with_its_playbook(tmp_path: Path) -> None:
    """It is not killed with it: Ansible gives it a session of its own."""
    begun, play = tmp_path / "begun", tmp_path / "play.json"
    task = {"evergreen.virt.awaited_command": {"argv": ["sh", "-c", f"touch {begun}; exec sleep 15"]}}
    where = {"ansible_async_dir": str(tmp_path), "ansible_python_interpreter": sys.executable}
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "vars": where, "tasks": [task]}]))
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(play)]
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True) as playbook:
        wait_until(begun.exists)
        (task_of_it,) = tasks_of(playbook.pid)
        os.killpg(playbook.pid, signal.SIGKILL)
    assert argv(task_of_it), "it was killed as well, and nothing is tried here"
    wait_until(lambda: not argv(task_of_it), seconds=5)


def wait_until(happened: t.Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)
