# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types
import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.action import host_network

Answer = dict[str, t.Any]
GONE = AnsibleConnectionFailure("no route to host")


def change(state: str, problem: str = "") -> Answer:
    return {"changed": False, "change": {"id": "one", "began": "2026", "state": state, "problem": problem}}


class Connection:
    """A connection by SSH that counts how often it was made anew."""

    def __init__(self, transport: str = "ssh") -> None:
        self.transport, self.resets, self.options = transport, 0, {"ssh_extra_args": "-v"}

    def reset(self) -> None:
        self.resets += 1

    def get_option(self, name: str) -> str:
        return self.options[name]

    def set_option(self, name: str, value: str) -> None:
        self.options[name] = value


class Action(host_network.ActionModule):
    """The action with a host whose answers are given."""

    def __init__(self, *script: t.Any, transport: str = "ssh", **arguments: t.Any) -> None:
        self._task = t.cast("t.Any", types.SimpleNamespace(args=arguments, delegate_to=None))
        self._connection = t.cast("t.Any", Connection(transport))
        self.script, self.asked = list(script), []  # type: ignore[var-annotated]

    def _execute_module(self, **call: t.Any) -> t.Any:  # type: ignore[override]
        self.asked.append(call["module_args"])
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def resets(self) -> int:
        return t.cast("Connection", self._connection).resets


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *arguments: {})
    monkeypatch.setattr(host_network, "_POLL_S", 0.0)


def run(action: Action) -> Answer:
    return action.run(task_vars={"inventory_hostname": "h1"})


def test_a_change_is_confirmed_by_a_new_connection() -> None:
    action = Action({**change("applying"), "changed": True}, GONE, change("applying"), change("kept"), bridges=[])
    result = run(action)
    assert action.asked == [{"bridges": []}, *[{"confirm": "one"}] * 3]
    assert action.resets == 3
    assert (result["changed"], result["change"]["state"], result.get("failed")) == (True, "kept", None)


@pytest.mark.parametrize("answer", [{"changed": False}, {"changed": True}, {"failed": True, "msg": "no"}])
def test_nothing_is_confirmed_where_nothing_waits(answer: Answer) -> None:
    action = Action(answer, bridges=[])
    assert run(action) == answer
    assert action.resets == 0


def test_a_change_that_was_undone_fails_with_a_sentence() -> None:
    action = Action({**change("applying"), "changed": True}, GONE, change("undoing"), change("undone", "nobody came."))
    result = run(action)
    assert result["failed"]
    assert not result["changed"]
    assert result["msg"] == (
        "The change of the network of host 'h1' was undone, and what was there before is back. Why: nobody came."
    )


def test_what_is_not_completely_undone_is_told() -> None:
    result = run(Action(change("applying"), change("broken", "nobody came; the database is full.")))
    assert result["failed"]
    assert "not everything is as it was before. Why: nobody came; the database is full." in result["msg"]


@pytest.mark.parametrize("last", [GONE, {"failed": True, "msg": "no route to host"}])
def test_a_host_that_does_not_come_back_fails_with_a_sentence(last: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_network, "_UNDOING_S", 0.05)
    monkeypatch.setattr(host_network, "_POLL_S", 0.03)
    result = run(Action({**change("applying"), "changed": True}, *[last] * 4, confirm_timeout=0.01))
    assert result["failed"]
    assert "'h1' was not reached again" in result["msg"]
    assert "no route to host" in result["msg"]


def test_a_connection_that_hangs_is_given_up() -> None:
    action = Action(change("applying"), change("kept"))
    run(action)
    options = t.cast("Connection", action._connection).options["ssh_extra_args"]
    assert options.startswith("-v -o")
    assert "ServerAliveInterval" in options
    other = Action(change("applying"), change("kept"), transport="local")
    run(other)
    assert t.cast("Connection", other._connection).options == {"ssh_extra_args": "-v"}
