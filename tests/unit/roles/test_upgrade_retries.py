# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of hosts that fail: tried again or given up, and what that costs the others."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks, play

pytestmark = pytest.mark.programs

LOST = "the host was lost: no route"
# A stage that notes each attempt, and fails as the host's script says, as long as it says something.
STAGE: Tasks = [
    {"ansible.builtin.assert": {"that": "preflight_facts.went_down == []"}},
    {
        "ansible.builtin.fail": {"msg": "{{ script[inventory_hostname][__upgrade_attempt - 1] }}"},
        "name": "Stage | Do it",
        "when": "script[inventory_hostname] | default([]) | length >= __upgrade_attempt",
    },
    {"ansible.builtin.set_fact": {"upgrade_result": "upgraded", "upgrade_reason": ""}},
]
# What starts the VMs that went down with a host, and says so.
BACK_UP: Tasks = [
    {"ansible.builtin.debug": {"msg": "started: {{ preflight_facts.went_down | join(', ') }}"}},
    {"ansible.builtin.set_fact": {"preflight_facts": "{{ preflight_facts | combine({'went_down': []}) }}"}},
]
# What writes the reason on the host, and says so.
REASON: Tasks = [{"ansible.builtin.debug": {"msg": "written on {{ inventory_hostname }}: {{ __upgrade_failure }}"}}]
CRASHED = {"ansible.builtin.set_fact": {"preflight_facts": "{{ preflight_facts | combine({'went_down': ['vm1']}) }}"}}
OURS = Maintenance("evergreen.virt", "rolling upgrade r1", "2026-01-01T00:00:00+00:00", run_id="r1")


def results(
    folder: Path,
    waves: list[list[str]],
    script: dict[str, list[str]],
    others: dict[str, Tasks] | None = None,
    nodes: t.Sequence[Node] = (),
    **options: t.Any,
) -> dict[str, list[str]]:
    """Return result and reason of each host of a run, and under `said` what Ansible said."""
    names = [name for wave in waves for name in wave]
    hosts = [{"name": name, "wave": number} for number, wave in enumerate(waves, 1) for name in wave]
    run = {"id": "r1", "epoch": 1, "started": 0, "hosts": hosts, "waves": waves, "order": names}
    begin = {"ansible.builtin.set_fact": {"upgrade_run": run}}
    tell = {
        "ansible.builtin.copy": {
            "dest": f"{folder}/{{{{ inventory_hostname }}}}",
            "content": "{{ [upgrade_result, upgrade_reason] | to_json }}",
        }
    }
    common = {"gather_facts": False, "ignore_unreachable": True}
    plays = [
        {"hosts": "localhost", "tasks": [begin], **common},
        {"hosts": names, "serial": [len(wave) for wave in waves], "roles": ["evergreen.virt.upgrade"], **common},
        {"hosts": names, "tasks": [tell], **common},
    ]
    usual = [node(name) for name in (*names, "spare") if name not in {one.name for one in nodes}]
    given: dict[str, t.Any] = {
        "script": script,
        "upgrade_max_hosts_per_wave": 3,
        "upgrade_max_failures": 9,
        "upgrade_retry_delay": 1,
    }
    tasks = {
        "upgrade/tasks/host.yml": STAGE,
        "upgrade/tasks/back_up.yml": BACK_UP,
        "upgrade/tasks/reason.yml": REASON,
        **(others or {}),
    }
    said = play(folder, plays, [*nodes, *usual], tasks, **{**given, **options})
    assert "failed=0" in said, said
    return {name: json.loads((folder / name).read_text()) for name in names} | {"said": [said]}


def test_what_may_pass_is_tried_again_and_a_wave_has_a_budget(tmp_path: Path) -> None:
    script = {"h1": [LOST], "h2": [LOST, LOST], "h3": ["br0 is missing"]}
    found = results(tmp_path, [["h1", "h2", "h3"], ["h4"]], script, upgrade_max_wave_failures=1)
    (said,) = found.pop("said")
    assert [f"written on {host}: " in said for host in found] == [False, True, True, False]
    assert found == {
        "h1": ["upgraded", ""],
        "h2": ["failed", f"Stage | Do it: {LOST}"],
        "h3": ["failed", "Stage | Do it: br0 is missing"],
        "h4": ["skipped", "hosts of one wave have failed: h2, h3, and no more than 1 may (upgrade_max_wave_failures)"],
    }
    lines = [json.loads(line) for line in (tmp_path / "report" / "journal.ndjson").read_text().splitlines()]
    tried = [(line["host"], line["attempt"]) for line in lines if line["event"] == "attempt"]
    assert sorted(tried) == [("h1", 2), ("h2", 2)]


def test_what_a_loop_failed_for_is_told_and_may_pass(tmp_path: Path) -> None:
    loop: Tasks = [
        {
            "name": "Stage | Do it",
            "ansible.builtin.assert": {"that": "item == ''", "fail_msg": "{{ item }}"},
            "loop": ["", LOST, "br0 is missing", LOST],
        }
    ]
    found = results(tmp_path, [["h1"]], {}, {"upgrade/tasks/host.yml": loop})
    assert found["h1"] == ["failed", f"Stage | Do it: {LOST}; br0 is missing"]
    assert '"attempt"' in (tmp_path / "report" / "journal.ndjson").read_text()


def test_a_failed_canary_ends_the_run(tmp_path: Path) -> None:
    found = results(tmp_path, [["h1"], ["h2"]], {"h1": ["br0 is missing"]}, upgrade_canary_hosts=1)
    assert found["h2"] == ["skipped", "a host of the first wave, which is there to show it, has failed: h1"]


def test_canaries_that_were_left_out_show_nothing(tmp_path: Path) -> None:
    hook = {
        "name": "calendar",
        "command": ["sh", "-c", "test $EVERGREEN_HOST != h1 || exit 70"],
        "runs_on": "controller",
    }
    options: dict[str, t.Any] = {"upgrade_canary_hosts": 1, "upgrade_hooks": {"before_evacuate": [hook]}}
    found = results(tmp_path, [["h1"], ["h2"]], {}, **options)
    assert found["h1"][0] == "skipped"
    assert found["h2"] == ["skipped", "no host of the first wave, which is there to show it, was upgraded: h1"]


def ends_in(seconds: int) -> str:
    """Return the end of a maintenance window, as the role wants it."""
    return (dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=seconds)).isoformat(timespec="seconds")


def test_a_hook_that_waits_for_too_long_begins_nothing(tmp_path: Path) -> None:
    """As if it had: since then no host would be done within the window."""
    waited = tmp_path / "waited"
    hook = {"name": "wait", "command": ["touch", str(waited)], "runs_on": "controller"}
    minutes = f"{{{{ 99 if '{waited}' is file else 1 }}}}"
    options: dict[str, t.Any] = {"upgrade_host_minutes": minutes, "upgrade_hooks": {"before_evacuate": [hook]}}
    found = results(tmp_path, [["h1"]], {}, upgrade_window_end=ends_in(3630), **options)
    assert found["h1"] == ["skipped", "the maintenance window ends 60 minutes from now, and a host takes 99"]


def test_a_host_is_given_up_when_the_window_ends_before_it_is_tried_again(tmp_path: Path) -> None:
    options: dict[str, t.Any] = {"upgrade_host_minutes": 0, "upgrade_retry_delay": 600}
    found = results(tmp_path, [["h1"]], {"h1": [LOST]}, upgrade_window_end=ends_in(300), **options)
    assert found["h1"] == ["failed", f"Stage | Do it: {LOST}"]


def test_a_host_in_service_passes_the_gate_once_more_before_it_is_tried_again(tmp_path: Path) -> None:
    """Another one of its wave has failed meanwhile, and one that is out of service is finished all the same."""
    script = {"h1": [LOST], "h2": [LOST], "h3": ["br0 is missing"]}
    ours = node("h2", maintenance=OURS)
    found = results(tmp_path, [["h1", "h2", "h3"]], script, nodes=[ours], upgrade_max_wave_failures=0)
    assert found["h1"][0] == "failed"
    assert found["h1"][1].startswith("Again | What was not begun may still begin: hosts of one wave have failed: h3")
    assert found["h2"] == ["upgraded", ""]


def test_vms_that_went_down_are_started_before_the_turn_of_their_host(tmp_path: Path) -> None:
    crashed = node("h1", maintenance=OURS, went_down=["vm1"])
    found = results(tmp_path, [["h1"]], {}, nodes=[crashed])
    assert "started: vm1" in found["said"][0]
    assert found["h1"] == ["upgraded", ""]


def test_vms_that_went_down_are_started_before_their_host_is_tried_again(tmp_path: Path) -> None:
    found = results(tmp_path, [["h1"]], {"h1": [LOST]}, {"upgrade/tasks/look.yml": [CRASHED]})
    assert "started: vm1" in found["said"][0]
    assert found["h1"] == ["upgraded", ""]


def test_a_host_that_was_lost_when_all_was_done_is_upgraded(tmp_path: Path) -> None:
    """Its connection broke after it was given back, and what is to be done then is done."""
    verified: Tasks = [{"ansible.builtin.set_fact": {"__upgrade_verified": {"host": {"versions": {}}}}}]
    others: dict[str, Tasks] = {
        "upgrade/tasks/host.yml": [*verified, {"ansible.builtin.fail": {"msg": LOST}}],
        "preflight/tasks/updates.yml": [{"ansible.builtin.set_fact": {"preflight_updates": {"impact": "none"}}}],
    }
    hook = {"name": "tell", "command": ["touch", str(tmp_path / "told")], "runs_on": "controller"}
    way: dict[str, t.Any] = {"__upgrade_way_back": {"kind": "none"}, "upgrade_hooks": {"after_return": [hook]}}
    assert results(tmp_path, [["h1"]], {}, others, **way)["h1"] == ["upgraded", ""]
    assert (tmp_path / "told").exists()


def test_a_host_is_not_tried_again_while_another_one_is_lost(tmp_path: Path) -> None:
    """VMs may run there: those of the move that has failed."""
    lost = {"ansible.builtin.set_fact": {"preflight_facts": {}}, "delegate_to": "spare", "delegate_facts": True}
    others: dict[str, Tasks] = {"upgrade/tasks/look.yml": [lost]}
    found = results(tmp_path, [["h1"]], {"h1": [LOST]}, others, upgrade_max_failures=0)
    why = "hosts have failed, or are silent or not healthy: spare, and no more than 0 may (upgrade_max_failures)"
    assert found["h1"] == ["failed", f"Again | No more hosts are lost than may be: {why}"]


def test_a_host_that_was_given_up_is_not_tried_again_for_how_its_rollback_went(tmp_path: Path) -> None:
    reason = "{{ __upgrade_failure }}; and it could not be rolled back: " + LOST
    others: dict[str, Tasks] = {
        "upgrade/tasks/rescue.yml": [{"ansible.builtin.set_fact": {"__upgrade_failure": reason}}]
    }
    way: dict[str, t.Any] = {"upgrade_rollback": True, "__upgrade_way_back": {"kind": "packages"}}
    found = results(tmp_path, [["h1"]], {"h1": ["br0 is missing"]}, others, **way)
    assert found["h1"] == ["failed", f"Stage | Do it: br0 is missing; and it could not be rolled back: {LOST}"]
    assert '"attempt"' not in (tmp_path / "report" / "journal.ndjson").read_text()


SUPERSEDED = {"ansible.builtin.fail": {"msg": "run r2 has it"}, "when": "inventory_hostname == 'h2'"}


def test_packages_of_a_host_that_is_given_up_are_held_no_longer(tmp_path: Path) -> None:
    """Those of a newer run are, and those of a host that is tried again."""
    pins = {name: tmp_path / f"pin_{name}" for name in ("h1", "h2", "h3")}
    for pin in pins.values():
        pin.touch()
    script = {"h1": ["it broke"], "h2": ["it broke"], "h3": [LOST]}
    found = results(tmp_path, [list(script)], script, {"upgrade/tasks/held.yml": [SUPERSEDED]})
    (said,) = found.pop("said")
    broke = ["failed", "Stage | Do it: it broke"]
    assert found == {"h1": broke, "h2": broke, "h3": ["upgraded", ""]}
    assert [name for name, pin in pins.items() if pin.exists()] == ["h2", "h3"]
    assert [name for name in pins if f"may still hold packages of {name}" in said] == ["h2"]
