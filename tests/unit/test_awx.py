# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX as data: what the example inventory says is what the playbook passes on, and what the roles take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jq
import pytest
import yaml


class AnsibleLoader(yaml.SafeLoader):
    """Knows the text that the job fills in, not who reads the inventory."""


AnsibleLoader.add_constructor("!unsafe", lambda _loader, node: node.value)

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "inventories" / "example" / "group_vars" / "awx"
VARIABLES: dict[str, Any] = {
    name: value
    for path in sorted(DATA.glob("*.yml"))
    for name, value in yaml.load(path.read_text(encoding="utf-8"), AnsibleLoader).items()  # noqa: S506 - one tag more than the safe loader
}
LISTS = [name for name, value in VARIABLES.items() if isinstance(value, list) and name != "awx_questions"]
TASKS = yaml.safe_load((ROOT / "playbooks" / "tasks" / "awx.yml").read_text(encoding="utf-8"))[0]["block"]
TEMPLATES = VARIABLES["awx_job_templates"]
QUESTIONS = VARIABLES["awx_questions"]
SURVEY_TYPES = {"integer": "int", "text": "str", "multiplechoice": "str", "float": "float"}
# Looks at each host for itself; every other playbook has to know the whole cluster, or a host of it that a slice may not have.
SLICED = {"install.yml"}


def role_options(role: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options: dict[str, Any] = specs["argument_specs"]["main"]["options"]
    return options


@pytest.mark.parametrize("name", LISTS)
def test_the_playbook_passes_every_option_of_the_data_on(name: str) -> None:
    passed: set[str] = set()
    for task in TASKS:
        (module,) = [value for key, value in task.items() if key.startswith("awx.awx.")]
        passed |= set(module) if f"{{{{ {name} " in task["loop"] else set()
    given = {key for entry in VARIABLES[name] for key in entry}
    assert passed, "no task loops over it"
    assert given - passed == set()


def test_the_guide_names_every_variable_of_the_playbook_and_the_secret_of_the_example() -> None:
    text = "".join((ROOT / "playbooks" / name).read_text(encoding="utf-8") for name in ("awx.yml", "tasks/awx.yml"))
    text += "".join(credential["inputs"]["ssh_key_data"] for credential in VARIABLES["awx_credentials"])
    guide = (ROOT / "docs" / "docsite" / "rst" / "awx.rst").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![_.a-z/])(awx_[a-z_]+)", text))
    assert named == set(re.findall(r"``(awx_[a-z_]+)``", guide))


def test_the_playbook_passes_an_option_on_under_its_own_name() -> None:
    for task in TASKS:
        (module,) = [value for key, value in task.items() if key.startswith("awx.awx.")]
        for option, value in module.items():
            assert re.fullmatch(rf"\{{\{{ item\.{option}( \| default\((omit|false)\))? \}}\}}", value), value


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["variable"] for question in QUESTIONS])
def test_a_question_of_the_survey_is_an_option_of_the_role(question: dict[str, Any]) -> None:
    option = role_options("upgrade")[question["variable"]]
    assert SURVEY_TYPES[question["type"]] == option.get("type", "str")
    if "choices" in question:
        groups = yaml.safe_load((ROOT / "inventories" / "example" / "hosts.yml").read_text(encoding="utf-8"))
        assert set(question["choices"]) <= set(groups["hypervisors"]["children"])
    else:
        assert question["default"] == option["default"]
        assert question["min"] <= question["default"] <= question["max"]


@pytest.mark.parametrize("template", TEMPLATES, ids=[template["name"] for template in TEMPLATES])
def test_what_a_template_sets_is_an_option_of_a_role(template: dict[str, Any]) -> None:
    assert [name for name in template.get("extra_vars", {}) if name not in role_options(name.partition("_")[0])] == []


def survey_of(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions of a template, whose survey is a variable by its name."""
    name, _dot, part = template["survey_spec"].strip("{} ").partition(".")
    survey = VARIABLES[name][part] if part else VARIABLES[name]
    questions: list[dict[str, Any]] = QUESTIONS if survey["spec"] == "{{ awx_questions }}" else survey["spec"]
    return questions


@pytest.mark.parametrize("template", TEMPLATES, ids=[template["name"] for template in TEMPLATES])
def test_a_job_asks_first_for_which_hosts_it_is(template: dict[str, Any]) -> None:
    assert template["survey_enabled"]
    first = survey_of(template)[0]
    plays = yaml.safe_load((ROOT / "playbooks" / template["playbook"]).read_text(encoding="utf-8"))
    asked = plays[0]["vars"]["hosts_asked_for"]
    if asked == "localhost":  # draws the report that lies in the cluster's folder
        asked = template["extra_vars"]["upgrade_report_directory"].replace(
            "{{ awx_reports }}", VARIABLES["awx_reports"]
        )
    assert first["required"]
    assert re.search(rf"\b{first['variable']}\b", asked)


@pytest.mark.parametrize("schedule", VARIABLES["awx_schedules"], ids=lambda schedule: schedule["name"])
def test_a_schedule_answers_every_question(schedule: dict[str, Any]) -> None:
    launched = [*TEMPLATES, *VARIABLES["awx_workflow_job_templates"]]
    template = next(one for one in launched if one["name"] == schedule["unified_job_template"])
    assert set(schedule["extra_data"]) == {question["variable"] for question in survey_of(template)}


def test_every_playbook_is_a_job_template() -> None:
    playbooks = {path.name for path in (ROOT / "playbooks").glob("*.yml")} - {"awx.yml"}
    assert {template["playbook"] for template in TEMPLATES} == playbooks


@pytest.mark.parametrize("template", TEMPLATES, ids=[template["name"] for template in TEMPLATES])
def test_only_what_looks_at_each_host_for_itself_is_sliced(template: dict[str, Any]) -> None:
    assert template.get("job_slice_count", 1) == 1 or template["playbook"] in SLICED


def members(groups: dict[str, Any]) -> dict[str, set[str]]:
    """The hosts of each group of an inventory, those of the groups in it too."""
    found: dict[str, set[str]] = {}
    for name, content in groups.items():
        below = members(content.get("children") or {})
        found |= {**below, name: set(content.get("hosts") or {}).union(*below.values())}
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=[template["name"] for template in TEMPLATES])
def test_every_slice_has_a_host_of_whatever_is_chosen(template: dict[str, Any]) -> None:
    """AWX gives slice i of n the hosts i, i + n, i + 2n and so on of the whole inventory, in the order of their names."""
    groups = members(yaml.safe_load((ROOT / "inventories" / "example" / "hosts.yml").read_text(encoding="utf-8")))
    every, count = sorted(set().union(*groups.values())), template["job_slice_count"]
    slices = [set(every[place::count]) for place in range(count)]
    for choice in survey_of(template)[0]["choices"]:
        assert [part for part in slices if not part & groups[choice]] == [], choice


def test_the_artifact_that_the_guide_shows_is_where_the_templates_put_it() -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "awx.rst").read_text(encoding="utf-8")
    shown = re.search(r'"report": "(.+)/report\.html"', guide)
    assert shown
    clusters = [choice for question in QUESTIONS for choice in question.get("choices", [])]
    assert shown[1] in {VARIABLES["awx_reports"].replace("{{ upgrade_cluster }}", cluster) for cluster in clusters}


def test_the_workflow_ends_with_the_report_and_upgrades_nothing_without_approval() -> None:
    nodes = {node["identifier"]: node for node in VARIABLES["awx_workflow_nodes"]}
    assert nodes["plan"]["success_nodes"] == ["approve"]
    assert "approval_node" in nodes["approve"]
    assert nodes["approve"]["success_nodes"] == ["upgrade"]
    assert nodes["upgrade"]["always_nodes"] == ["report"]
    plan = next(template for template in TEMPLATES if template["name"] == nodes["plan"]["unified_job_template"])
    assert plan["job_type"] == "check"  # in which it leaves the plan as an artifact
    upgrade = next(template for template in TEMPLATES if template["name"] == nodes["upgrade"]["unified_job_template"])
    assert survey_of(upgrade) == survey_of(plan), "a plan is taken for the same answers only"


def test_the_artifact_of_the_plan_is_what_the_upgrade_takes() -> None:
    tasks = yaml.safe_load((ROOT / "roles" / "upgrade" / "tasks" / "decide.yml").read_text(encoding="utf-8"))
    (left,) = [task["ansible.builtin.set_stats"]["data"] for task in tasks if "ansible.builtin.set_stats" in task]
    (planned,) = [task["evergreen.virt.upgrade_plan"] for task in tasks if "evergreen.virt.upgrade_plan" in task]
    (name,) = left
    assert planned["approved_text"] == f"{{{{ {name} or omit }}}}"
    assert role_options("upgrade")[name]["type"] == "str"


VM = {"name": "web1", "uuid": "3e3f7b0a-4a5c-4d3c-9d3f-3d7c1d0a3c55"}
QUERIES = yaml.safe_load((ROOT / "extensions" / "audit" / "event_query.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("module", "result", "names"),
    [
        ("vm", {"vm": VM, "changed": True}, ["web1"]),
        ("vm", {"vm": None}, []),
        ("vm", {"msg": "failed", "error": {"code": "conflict"}}, []),
        ("vms", {"results": [{"name": "web1", "vm": VM}, {"name": "gone", "vm": None}]}, ["web1"]),
        ("vms", {"msg": "failed"}, []),
        ("vm_info", {"vms": [VM, {**VM, "name": "web2"}]}, ["web1", "web2"]),
        ("hypervisor_info", {"host": {"name": "h1", "vms": [VM]}}, ["web1"]),
        ("hypervisor_info", {"msg": "failed"}, []),
    ],
)
def test_awx_is_told_which_vms_a_task_has_managed(module: str, result: dict[str, Any], names: list[str]) -> None:
    found = jq.compile(QUERIES[f"evergreen.virt.{module}"]["query"]).input(result).all()
    assert [node["name"] for node in found] == names
    assert all(node["canonical_facts"] == {"uuid": VM["uuid"]} for node in found)
