# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook `awx` brings an AWX (a stand-in at its API, see awx/server.py) to what the example inventory says."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.ecosystem.awx import rules
from ansible_collections.evergreen.virt.tests.ecosystem.awx.server import TOKEN, Awx, served
from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, changed

PLAYBOOKS = sorted(path.name for path in (ROOT / "playbooks").glob("*.yml") if path.name != "awx.yml")
"""Each is a job template; the other one makes them."""
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nof a test\n-----END OPENSSH PRIVATE KEY-----\n"
Play = t.Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def awx() -> Awx:
    return Awx(PLAYBOOKS)


@pytest.fixture(scope="module")
def play(awx: Awx) -> t.Iterator[Play]:
    with served(awx) as url:

        def run(*arguments: str, **variables: t.Any) -> subprocess.CompletedProcess[str]:
            given = {"awx_url": url, "awx_token": TOKEN, "awx_hypervisors_key": KEY, **variables}
            return subprocess.run(
                [
                    "ansible-playbook",
                    "-i",
                    "inventories/example",
                    "evergreen.virt.awx",
                    "-e",
                    json.dumps(given),
                    *arguments,
                ],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                text=True,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=os.environ | {"ANSIBLE_NOCOLOR": "1"},
            )

        yield run


@pytest.mark.slow
def test_check_mode_says_that_an_empty_awx_would_change_and_writes_nothing(awx: Awx, play: Play) -> None:
    done = play("--check")
    assert done.returncode == 0, done.stdout
    assert changed(done.stdout) > 0
    assert awx.writes == []


@pytest.mark.slow
def test_awx_gets_what_the_inventory_says(awx: Awx, play: Play) -> None:
    done = play()
    assert done.returncode == 0, done.stdout
    assert {template["playbook"] for template in awx.objects["job_templates"].values()} == set(PLAYBOOKS)
    upgrade = awx.named("job_templates", "Upgrade")
    assert upgrade["survey_spec"]["spec"][0]["choices"] == ["site_a", "site_b"]
    assert json.loads(upgrade["extra_vars"]) == {
        "upgrade_report_directory": "/var/lib/evergreen.virt/reports/{{ upgrade_cluster }}"  # for the job to fill in
    }
    assert awx.lists["job_templates", upgrade["id"], "credentials"] == [awx.named("credentials", "Hypervisors")["id"]]


@pytest.mark.slow
def test_the_workflow_is_connected(awx: Awx) -> None:
    nodes = {node["identifier"]: node for node in awx.objects["workflow_job_template_nodes"].values()}
    after = {
        (identifier, kind): awx.lists.get(("workflow_job_template_nodes", node["id"], kind), [])
        for identifier, node in nodes.items()
        for kind in ("success_nodes", "always_nodes")
    }
    assert after["plan", "success_nodes"] == [nodes["approve"]["id"]]
    assert after["approve", "success_nodes"] == [nodes["upgrade"]["id"]]
    assert after["upgrade", "always_nodes"] == [nodes["report"]["id"]]
    approval = awx.find("unified_job_templates", nodes["approve"]["unified_job_template"])
    assert approval is not None
    assert (approval["type"], approval["timeout"]) == ("workflow_approval_template", 28800)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--check"], []], ids=["check", "run"])
def test_a_second_run_changes_nothing(arguments: list[str], awx: Awx, play: Play) -> None:
    awx.writes.clear()
    done = play(*arguments)
    assert done.returncode == 0, done.stdout
    assert changed(done.stdout) == 0, done.stdout
    assert awx.writes == []


@pytest.mark.slow
def test_what_somebody_changed_by_hand_is_changed_back(awx: Awx, play: Play) -> None:
    awx.named("job_templates", "Upgrade")["allow_simultaneous"] = True
    awx.named("schedules", "Upgrade site A")["enabled"] = False
    done = play("-e", '{"awx_schedules": []}')
    assert changed(done.stdout) == 1, done.stdout
    assert awx.named("job_templates", "Upgrade")["allow_simultaneous"] is False
    assert awx.named("schedules", "Upgrade site A")["enabled"] is False, "what the lists do not name stays"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"awx_token": "another"}, "Invalid authentication credentials"),
        (
            {"awx_schedules": [{"name": "x", "unified_job_template": "Configure", "rrule": "RRULE:FREQ=DAILY"}]},
            "DTSTART",
        ),
    ],
    ids=["token", "schedule"],
)
def test_what_awx_refuses_fails_the_play(variables: dict[str, t.Any], sentence: str, play: Play) -> None:
    done = play(**variables)
    assert done.returncode != 0
    assert sentence in done.stdout


def whole(kind: str, /, **fields: t.Any) -> dict[str, t.Any]:
    """An object that AWX takes, with some fields of its own."""
    objects: dict[str, dict[str, t.Any]] = {
        "organizations": {"name": "o"},
        "credential_types": {"name": "c", "kind": "cloud"},
        "job_templates": {"name": "j", "project": 1, "inventory": 1, "playbook": "site.yml"},
        "schedules": {
            "name": "s",
            "unified_job_template": 1,
            "rrule": "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1",
        },
        "notification_templates": {
            "name": "n",
            "organization": 1,
            "notification_type": "webhook",
            "notification_configuration": {"url": "https://chat.example.org", "headers": {}},
        },
        "workflow_job_template_nodes": {"workflow_job_template": 1, "identifier": "n", "unified_job_template": 1},
    }
    return {**objects[kind], **fields}


TEMPLATE = {
    "survey_enabled": True,
    "ask_limit_on_launch": True,
    "survey_spec": {"spec": [{"variable": "size", "type": "integer", "min": 1, "max": 8, "required": True}]},
}


def found(kind: str, number: t.Any) -> dict[str, t.Any] | None:
    known: dict[str, dict[str, t.Any]] = {
        "projects": {"playbook_files": ["site.yml"]},
        "unified_job_templates": TEMPLATE,
    }
    return known.get(kind, {}) if number == 1 else None


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("organizations", {}, None),
        ("organizations", {"colour": "red"}, "colour"),
        ("organizations", {"max_hosts": "many"}, "max_hosts"),
        ("organizations", {"name": ""}, "name"),
        ("organizations", {"default_environment": 7}, "default_environment"),
        ("job_templates", {}, None),
        ("job_templates", {"playbook": "other.yml"}, "playbook"),
        ("job_templates", {"inventory": None}, "inventory"),
        ("job_templates", {"job_type": "scan"}, "job_type"),
        ("job_templates", {"start_at_task": "t" * 1025}, "start_at_task"),
        ("credential_types", {"kind": "ssh"}, "kind"),
        ("schedules", {"extra_data": {"size": 2}}, None),
        ("schedules", {}, "extra_data"),
        ("schedules", {"extra_data": {"size": 2}, "identifier": "n"}, "identifier"),
        ("schedules", {"extra_data": {"size": 9}}, "extra_data"),
        ("schedules", {"extra_data": {"size": "2"}}, "extra_data"),
        ("schedules", {"extra_data": {"size": 2, "other": 1}}, "extra_data"),
        ("schedules", {"extra_data": {"size": 2}, "rrule": "DTSTART:20260101T000000Z RRULE:FREQ=DAILY"}, "rrule"),
        ("schedules", {"extra_data": {"size": 2}, "rrule": "RRULE:FREQ=DAILY;INTERVAL=1"}, "rrule"),
        ("workflow_job_template_nodes", {}, None),
        ("workflow_job_template_nodes", {"limit": "h1"}, None),
        ("workflow_job_template_nodes", {"job_type": "check"}, "job_type"),
        ("notification_templates", {}, None),
        ("notification_templates", {"notification_configuration": {"url": "https://chat.example.org"}}, "__all__"),
    ],
)
def test_the_stand_in_refuses_what_awx_refuses(kind: str, fields: dict[str, t.Any], field: str | None) -> None:
    data = whole(kind, **fields)
    assert list(rules.problems(kind, data, data, found)) == ([] if field is None else [field])


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        ({}, ""),
        ({"type": "number"}, "question type"),
        ({"required": "yes"}, "required"),
        ({"default": "3"}, "another type"),
        ({"min": "1"}, "limits"),
        ({"type": "multiplechoice", "default": "c", "choices": ["a", "b"]}, "choices"),
        ({"type": "multiplechoice", "default": "a", "choices": ["a", "b"]}, ""),
    ],
)
def test_the_stand_in_refuses_surveys_that_awx_refuses(question: dict[str, t.Any], refused: str) -> None:
    good = {"type": "integer", "question_name": "?", "variable": "size", "required": True, "default": 3}
    said = rules.survey({"name": "s", "description": "", "spec": [{**good, **question}]})
    assert refused in said
    assert bool(refused) == bool(said)
