# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types
import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.action import vm_migrate

MOVES = [{"vm": "web", "to": "h2"}, {"vm": "db", "to": "h3"}]


def row(vm: str, result: str, **more: t.Any) -> dict[str, t.Any]:
    return {"vm": vm, "to": "h2", "attempt": f"{vm}-1", "result": result, "error": None, **more}


def answers(*rows: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"changed": True, "moves": list(rows)}


class Action(vm_migrate.ActionModule):
    """The action with a host whose answers are given."""

    def __init__(self, script: list[t.Any], **arguments: t.Any) -> None:
        given = {"moves": MOVES, "reconnect_timeout": 0, **arguments}
        self._task = t.cast("t.Any", types.SimpleNamespace(args=given, delegate_to=None))
        self.script, self.asked = script, []  # type: ignore[var-annotated]

    def _execute_module(self, **call: t.Any) -> t.Any:  # type: ignore[override]
        moves = call["module_args"].get("moves")
        self.asked.append(moves and [(move["vm"], move.get("attempt")) for move in moves])
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *arguments: {})
    monkeypatch.setattr(vm_migrate, "_RETRY_S", 0.0)


def results(result: dict[str, t.Any]) -> dict[str, str]:
    return {move["vm"]: move["result"] for move in result["moves"]}


def test_asks_only_about_moves_that_are_under_way() -> None:
    action = Action(
        [
            answers(row("web", "running"), row("db", "queued")),
            answers(row("web", "moved", seconds=1.0), row("db", "running")),
            answers(row("db", "moved")),
        ]
    )
    result = action.run(task_vars={"inventory_hostname": "h1"})
    assert action.asked == [
        [("web", None), ("db", None)],
        [("web", "web-1"), ("db", "db-1")],
        [("db", "db-1")],
    ]
    assert results(result) == {"web": "moved", "db": "moved"}
    assert [move["from"] for move in result["moves"]] == ["h1", "h1"]
    assert result["changed"]
    assert "failed" not in result


def test_a_move_that_was_cancelled_fails_the_task_after_the_others() -> None:
    action = Action(
        [answers(row("web", "cancelled", error="too busy"), row("db", "running")), answers(row("db", "moved"))]
    )
    result = action.run(task_vars={"inventory_hostname": "h1"})
    assert result["failed"]
    assert "1 of 2" in result["msg"]
    assert "too busy" in result["msg"]
    assert results(result) == {"web": "cancelled", "db": "moved"}


def test_a_vm_that_went_off_by_itself_is_no_failure() -> None:
    action = Action([answers(row("web", "off", reason="VM 'web' has shut down while it moved."), row("db", "moved"))])
    result = action.run(task_vars={"inventory_hostname": "h1"})
    assert "failed" not in result
    assert results(result) == {"web": "off", "db": "moved"}


def test_what_went_wrong_beside_a_move_is_said_aloud() -> None:
    action = Action([answers(row("web", "moved", warnings=["no autostart"]), row("db", "moved", warnings=[]))])
    assert action.run(task_vars={"inventory_hostname": "h1"})["warnings"] == ["no autostart"]


@pytest.mark.parametrize(
    "loss", [AnsibleConnectionFailure("gone"), {"unreachable": True, "msg": "gone"}, {"failed": True, "msg": "gone"}]
)
def test_a_lost_source_is_a_failure_that_tells_what_is_known(loss: t.Any) -> None:
    first = answers(row("web", "moved"), row("db", "running"))
    result = Action([first, loss]).run(task_vars={"inventory_hostname": "h1"})
    assert result["failed"]
    assert "unreachable" not in result
    assert results(result) == {"web": "moved", "db": "unknown"}
    assert "goes on by itself" in result["msg"]
    assert "gone" in result["msg"]


def test_a_source_that_comes_back_is_asked_again() -> None:
    first = answers(row("web", "moved"), row("db", "running"))
    script = [first, AnsibleConnectionFailure("gone"), {"unreachable": True}, answers(row("db", "moved"))]
    result = Action(script, reconnect_timeout=30).run(task_vars={"inventory_hostname": "h1"})
    assert results(result) == {"web": "moved", "db": "moved"}
    assert "failed" not in result


@pytest.mark.parametrize("loss", [{"unreachable": True, "msg": "gone"}, {"failed": True, "msg": "VM 'web' is unknown"}])
def test_a_failure_before_any_move(loss: dict[str, t.Any]) -> None:
    result = Action([loss]).run(task_vars={"inventory_hostname": "h1"})
    assert result["failed"]
    assert result["moves"] == []
    assert "unreachable" not in result
    assert loss["msg"] in result["msg"]


def test_a_host_that_lacks_the_software_would_change_in_check_mode() -> None:
    result = Action([{"changed": True, "msg": "would change: no libvirt"}]).run(task_vars={})
    assert result == {"changed": True, "msg": "would change: no libvirt", "moves": []}


@pytest.mark.parametrize("moves", [["web1"], [1], "web1", {"vm": "web"}, 5])
def test_what_is_no_move_is_left_to_the_module(moves: t.Any) -> None:
    action = Action([{"failed": True, "msg": "cannot be converted to a dict"}], moves=moves)
    action._execute_module = lambda **_call: {"failed": True, "msg": "cannot be converted to a dict"}  # type: ignore[method-assign]
    assert "cannot be converted" in action.run(task_vars={})["msg"]
    assert action._task.args["moves"] == moves


def test_a_move_may_be_written_as_text() -> None:
    action = Action([answers(row("web", "running")), answers(row("web", "moved"))], moves=["vm=web to=h2"])
    assert results(action.run(task_vars={})) == {"web": "moved"}
    assert action.asked == [[("web", None)], [("web", "web-1")]]


@pytest.mark.parametrize(
    ("state", "row_result", "failed"),
    [
        ("cancelled", "cancelled", False),
        ("cancelled", "not_moving", False),
        ("cancelled", "would_cancel", False),
        ("cancelled", "moved", True),
        ("moved", "would_move", False),
        ("moved", "failed", True),
    ],
)
def test_what_counts_as_wanted(state: str, row_result: str, failed: bool) -> None:
    result = Action([answers(row("web", row_result), row("db", row_result))], state=state).run(task_vars={})
    assert result.get("failed", False) is failed


@pytest.mark.parametrize("ending", ["moved", "cancelled", "failed", "off", "not_moving"])
def test_who_only_joins_takes_every_ending(ending: str) -> None:
    action = Action([answers(row("web", "running")), answers(row("web", ending))], state="joined")
    del action._task.args["moves"]
    result = action.run(task_vars={"inventory_hostname": "h1"})
    assert action.asked == [None, [("web", "web-1")]]
    assert results(result) == {"web": ending}
    assert "failed" not in result
