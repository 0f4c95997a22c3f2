# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action that plans: facts out of host variables, plans that are kept and approved."""

from __future__ import annotations

import json
import types
import typing as t
from pathlib import Path

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.action import upgrade_plan
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node, vm


class HostVars(dict[str, dict[str, t.Any]]):
    """What the action asks of Ansible's host variables."""

    def raw_get(self, name: str) -> dict[str, t.Any]:
        return self.get(name, {})


def variables(*nodes: Node, **more: dict[str, t.Any]) -> HostVars:
    return HostVars(
        {
            one.name: {
                "preflight_facts": json.loads(json.dumps(one.facts.to_dict())),
                "preflight_updates": one.updates.to_dict() if one.updates else {},
                **more.get(one.name, {}),
            }
            for one in nodes
        }
    )


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *arguments: {})


def ask(known: HostVars, **options: t.Any) -> dict[str, t.Any]:
    """Run the action as Ansible does."""
    action = object.__new__(upgrade_plan.ActionModule)
    arguments = {"hosts": list(known), "show": False, "host_reserve_mib": 0, "vm_overhead_mib": 0, **options}
    action._task = t.cast("t.Any", types.SimpleNamespace(args=arguments, action="evergreen.virt.upgrade_plan"))
    return action.run(task_vars={"hostvars": known})


def three() -> list[Node]:
    return [node("h1", vm("a")), node("h2", vm("b")), node("h3", vm("c"))]


def test_a_plan_out_of_host_variables() -> None:
    result = ask(variables(*three()))
    assert result["changed"] is False
    assert sorted(host for wave in result["plan"]["waves"] for host in wave) == ["h1", "h2", "h3"]
    assert result["plan"]["figures"]["moves"] == result["plan"]["bounds"]["moves"] == 4


def test_a_host_that_somebody_wants_left_alone_is_in_no_wave() -> None:
    plan = ask(variables(*three(), node("h4", impact="none")), left_out={"h2": "ceph heals", "h4": "too"})["plan"]
    assert sorted(host for wave in plan["waves"] for host in wave) == ["h1", "h3"]
    assert plan["skipped"] == {"h2": "ceph heals"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"hosts": ["h1", "h9"]}, "host 'h9' has no facts"),
        ({"scope": ["h9"]}, "'h9' is to be upgraded and is not a host of the cluster"),
        ({"max_hosts_per_wave": 0}, "max_hosts_per_wave must be at least 1"),
        ({"reserve": -1}, "reserve must be at least 0"),
        ({"max_vcpus_per_thread": 0}, "max_vcpus_per_thread must be more than 0"),
        ({"pace": {"move_mib_per_s": 0}}, "move_mib_per_s is more than 0"),
        ({"order": "label", "label": "rack"}, "'h1' has no variable 'rack'"),
        ({"approved": "/nonexistent"}, "the approved plan '/nonexistent' cannot be read"),
        ({"approved_text": "eJwr no plan"}, "the approved plan cannot be read from its text (eJwr no plan"),
        ({"save": "/proc/none/plan.json"}, "cannot be written"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, t.Any], says: str) -> None:
    result = ask(variables(*three()), **options)
    assert result["failed"]
    assert says in result["msg"]


def test_sites_and_labels_come_from_host_variables() -> None:
    known = variables(*three(), h1={"dc": "b", "rack": 2}, h2={"dc": "b", "rack": 1}, h3={"dc": "a", "rack": 9})
    plan = ask(known, site="dc", order="label", label="rack")["plan"]
    assert plan["waves"] == [["h3"], ["h2"], ["h1"]]


def test_the_gate_plans_one_wave_and_what_comes_after_it() -> None:
    plan = ask(variables(*three()), wave=["h2"], wave_number=2, scope=["h2", "h3"], look_ahead=True)["plan"]
    assert (plan["waves"], plan["bounds"], plan["rest"]["waves"]) == ([["h2"]], {}, [["h3"]])


def test_an_approved_plan_is_taken_with_a_new_epoch(tmp_path: Path) -> None:
    file = tmp_path / "plans" / "plan.json"
    made = ask(variables(*three()), save=str(file))["plan"]
    taken = ask(variables(*three()), approved=str(file))["plan"]
    assert taken == made
    assert json.loads(file.read_text())["asked"]["scope"] == ["h1", "h2", "h3"]


def test_a_plan_is_approved_as_text_where_no_file_lasts() -> None:
    made = ask(variables(*three()), as_text=True)
    taken = ask(variables(*three()), approved_text=made["text"], as_text=True)
    assert taken == made
    moved = variables(node("h1"), node("h2", vm("b"), vm("a")), node("h3", vm("c")))
    refused = ask(moved, approved_text=made["text"])
    assert refused["error"]["details"]["differences"] == ["VM a is on h2 and was on h1"]


RUN = Maintenance("evergreen.virt", "upgrade", "today", run_id="r")


@pytest.mark.parametrize(
    ("changed", "options", "says"),
    [
        ([node("h1"), node("h2", vm("b"), vm("a")), node("h3", vm("c"))], {}, "VM a is on h2 and was on h1"),
        ([node("h1", vm("a")), node("h2", vm("b")), node("h3")], {}, "VM c no longer runs (it was on h3)"),
        ([*three()[:2], node("h3", vm("c"), vm("d"))], {}, "VM d runs on h3 and did not"),
        ([*three()[:2], node("h3", vm("c", 2000))], {}, "memory_mib of VM c: 1000 -> 2000"),
        ([*three()[:2], node("h3", vm("c", disks=[Disk("vda", "/a", "nfs:s:/e")]))], {}, "disks of VM c: with "),
        ([*three()[:2], node("h3", vm("c"), impact="empty")], {}, "impact of h3: reboot -> empty"),
        ([*three()[:2], node("h3", vm("c"), memory_mib=9000)], {}, "capacity of h3: memory_mib 10000 -> 9000"),
        ([*three()[:2], node("h3", vm("c"), bridges=["br0", "br1"])], {}, "bridges of h3: with br1"),
        ([*three()[:2], node("h3", vm("c"), maintenance=RUN)], {}, "maintenance of h3: none -> evergreen.virt"),
        (three()[:2], {}, "host h3 is gone"),
        ([*three(), node("h4")], {}, "host h4 is new"),
        (three(), {"max_hosts_per_wave": 2}, "max_hosts_per_wave: 1 -> 2"),
        (three(), {"scope": ["h1"]}, "scope: without h2, h3"),
        (three(), {"left_out": {"h2": "ceph heals"}}, "host h2 is to be left out: ceph heals"),
    ],
)
def test_an_approved_plan_is_refused_when_something_has_changed(
    tmp_path: Path, changed: list[Node], options: dict[str, t.Any], says: str
) -> None:
    file = tmp_path / "plan.json"
    ask(variables(*three()), save=str(file))
    result = ask(variables(*changed), approved=str(file), **options)
    assert result["failed"]
    assert any(says in difference for difference in result["error"]["details"]["differences"])
    assert says in result["msg"]


def test_a_kept_plan_of_another_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"schema": 99}')
    assert "schema 99" in ask(variables(*three()), approved=str(file))["msg"]


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "[]",
        '"plan"',
        '{"schema": 1, "run_id": "r", "result": "upgraded", "plan": {"waves": [["h1"]]}, "hosts": [], "vms": []}',
        '{"schema": 1, "asked": {}, "cluster": {}, "plan": {}}',
        '{"schema": 1, "asked": {}, "cluster": {"h1": {}}, "plan": {"waves": []}}',
        '{"schema": 1, "asked": [], "cluster": [], "plan": []}',
    ],
)
def test_what_was_never_kept_is_no_approved_plan(tmp_path: Path, content: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(content)
    result = ask(variables(*three()), approved=str(file))
    assert (result["failed"], result["error"]["code"]) == (True, "invalid_input")
    assert "the approved plan is something else" in result["msg"]


def test_a_plan_that_cannot_be_written_whole_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")

    def full(*_arguments: t.Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert "No space left" in ask(variables(*three()), save=str(file))["msg"]
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_an_impossible_plan_says_why_and_what_would_help() -> None:
    result = ask(variables(node("h1", vm("a", 20_000)), node("h2")), scope=["h1"])
    assert result["error"]["code"] == "impossible_plan"
    assert result["error"]["details"]["refusals"]["a"]["h2"] == "it has 10000 MiB free of 20000 MiB needed"
    assert result["error"]["details"]["remedies"] == ["give h2 10000 MiB more memory", "stop a on h1"]
