# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role preflight waits for, and which host it takes the small VM from that another one is tried with."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Maintenance
from tests.unit.plugins.module_utils._plan.clusters import node

from .made_up_hosts import SILENT, Hosts, noted
from .role_variables import arguments

pytestmark = pytest.mark.programs

PARKED = Maintenance("alice", "a disk", "2026-01-01T00:00:00+00:00")


def facts(name: str, **values: t.Any) -> Host:
    return dataclasses.replace(node(name).facts, **values)


def says(host: Host) -> dict[str, t.Any]:
    return {"changed": False, "host": host.to_dict()}


def preflight(step: str) -> dict[str, t.Any]:
    return {"ansible.builtin.include_role": {"name": "evergreen.virt.preflight", "tasks_from": step}}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"h2": says(facts("h2", maintenance=PARKED)), "h3": SILENT, "h4": says(facts("h4"))}, "h4"),
        ({"h2": says(facts("h2", maintenance=PARKED))}, ""),
    ],
)
def test_the_small_vm_comes_from_a_host_that_is_in_service_still(
    tmp_path: Path, now: dict[str, dict[str, t.Any]], expected: str
) -> None:
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    hosts.add("h1", preflight_facts=facts("h1").to_dict())
    for name, answer in now.items():
        hosts.add(name, {"hypervisor_info": [answer]}, preflight_facts=facts(name).to_dict())
    write = {"ansible.builtin.copy": {"content": "{{ __preflight_trial.from }}", "dest": str(found)}}
    cluster = ["h1", *now]
    hosts.play("h1", [preflight("trial_source"), write], preflight_cluster=cluster, __preflight_trial_seen={})
    assert found.read_text(encoding="utf-8") == expected


def test_moves_that_are_waited_for_are_shown(tmp_path: Path) -> None:
    moving = {"vm": "web", "to": "h3", "attempt": "id", "result": "running", "ladder": ["precopy"]}
    far = {"phase": "memory", "percent": 40, "remaining_mib": 7, "rate_mib": 2.5}
    looks = [{**moving, "progress": far}, {**moving, "result": "moved", "seconds": 2.0, "downtime_ms": 31}]
    hosts = Hosts(tmp_path)
    hosts.add(
        "h1",
        {
            "hypervisor_info": [says(facts("h1", moving=["web"])), says(facts("h1"))],
            "vm_migrate": [{"changed": False, "moves": [look]} for look in looks],
        },
    )
    hosts.add("h2", {"hypervisor_info": [SILENT]})
    said = hosts.play("h1", [preflight("facts")], preflight_cluster=["h1", "h2"])
    assert "[h1] web -> h3: memory 40 %, 7 MiB left, 2.5 MiB/s, about 3 s to go, precopy\n" in said
    assert "[h1] web -> h3: moved, 2.0 s, downtime 31 ms, precopy\n" in said


@pytest.mark.parametrize(("moving", "expected"), [([], ["", ""]), (["web"], ["libvirt does not answer", ""])])
def test_hosts_are_asked_again_if_a_vm_moves_somewhere(tmp_path: Path, moving: list[str], expected: list[str]) -> None:
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    hosts.add("h1", {"hypervisor_info": [says(facts("h1")), SILENT]})
    still = [says(facts("h2", moving=moving)), says(facts("h2"))]
    hosts.add("h2", {"hypervisor_info": still, "vm_migrate": [{"changed": False, "moves": []}]})
    problems = "{{ ['h1', 'h2'] | map('extract', hostvars, 'preflight_problem') | to_json }}"
    write = {"ansible.builtin.copy": {"content": problems, "dest": str(found)}, "delegate_to": "localhost"}
    hosts.play("h1", [preflight("facts"), write], preflight_cluster=["h1", "h2"])
    assert json.loads(found.read_text(encoding="utf-8")) == expected


def hanging(folder: Path, before: str = "") -> str:
    """Return an interpreter that does not end.

    :param before: what the shell does before.
    """
    program = folder / "hanging"
    program.write_text(f"#!/bin/sh\n{before}\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


IMPATIENT = {**preflight("facts"), "vars": {"__preflight_answers_in": 10}}


def test_who_hangs_does_not_answer_and_takes_nobody_along(tmp_path: Path) -> None:
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    hosts.add("h1", {"hypervisor_info": [says(facts("h1"))]})
    hosts.add("h2", {}, ansible_python_interpreter=hanging(tmp_path))
    problems = "{{ preflight_cluster | map('extract', hostvars, 'preflight_problem') | to_json }}"
    write = {"ansible.builtin.copy": {"content": problems, "dest": str(found)}, "delegate_to": "localhost"}
    hosts.play("h1:h2", [IMPATIENT, {**write, "run_once": True}], preflight_cluster=["h1", "h2"])
    fine, late = json.loads(found.read_text(encoding="utf-8"))
    assert (fine, "10 second" in late) == ("", True)


def test_who_hangs_while_its_moves_are_waited_for_takes_nobody_along(tmp_path: Path) -> None:
    hosts, found, told = Hosts(tmp_path), tmp_path / "found", tmp_path / "told"
    first = f"[ -e {told} ] || {{ touch {told}; exec {tmp_path}/python_h1 $1; }}"
    python = hanging(tmp_path, f"case $1 in *vm_migrate.py) exec {tmp_path}/python_h1 $1;; esac\n{first}")
    answers = {"hypervisor_info": [says(facts("h1", moving=["web"]))], "vm_migrate": [{"changed": False, "moves": []}]}
    hosts.add("h1", answers, ansible_python_interpreter=python)
    hosts.add("h2", {"hypervisor_info": [says(facts("h2"))]})
    problems = "{{ preflight_cluster | map('extract', hostvars, 'preflight_problem') | to_json }}"
    write = {"ansible.builtin.copy": {"content": problems, "dest": str(found)}, "delegate_to": "localhost"}
    said = hosts.play("h2", [IMPATIENT, write], preflight_cluster=["h1", "h2"])
    assert "Not every host said in time that its moves have ended" in said
    late, fine = json.loads(found.read_text(encoding="utf-8"))
    assert (fine, "10 second" in late) == ("", True)


def test_everybody_asks_again_if_a_vm_moves_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those who come to it when the first have been told that nothing moves any more."""
    monkeypatch.setenv("ANSIBLE_FORKS", "1")
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    moved = [{"changed": False, "moves": []}]
    hosts.add("h1", {"hypervisor_info": [says(facts("h1", moving=["web"])), says(facts("h1"))], "vm_migrate": moved})
    for name in ("h2", "h3"):
        hosts.add(name, {"hypervisor_info": [says(facts(name)), SILENT]})
    problems = "{{ preflight_cluster | map('extract', hostvars, 'preflight_problem') | to_json }}"
    write = {
        "ansible.builtin.copy": {"content": problems, "dest": str(found)},
        "delegate_to": "localhost",
        "run_once": True,
    }
    hosts.play("h1:h2:h3", [preflight("facts"), write], preflight_cluster=["h1", "h2", "h3"])
    assert json.loads(found.read_text(encoding="utf-8")) == ["", SILENT["msg"], SILENT["msg"]]


def test_who_has_not_answered_is_not_asked_what_is_pending(tmp_path: Path) -> None:
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    pending = {"changed": False, "updates": {"impact": "empty", "manifest": {"app": "2"}}, "problems": []}
    for name, known in {"h1": facts("h1").to_dict(), "h2": {}}.items():
        hosts.add(name, {"hypervisor_updates_info": [pending]}, preflight_facts=known)
    impacts = "{{ ['h1', 'h2'] | map('extract', hostvars) | map(attribute='preflight_updates', default={}) | to_json }}"
    write = {"ansible.builtin.copy": {"content": impacts, "dest": str(found)}, "delegate_to": "localhost"}
    hosts.play("h1", [preflight("updates"), write], preflight_cluster=["h1", "h2"])
    assert json.loads(found.read_text(encoding="utf-8")) == [pending["updates"], {}]


def test_what_stands_in_the_way_counts_where_an_update_is_asked_for(tmp_path: Path) -> None:
    """Hosts that --limit leaves out take VMs with a package on hold as well as without."""
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    for name in ("h1", "h2"):
        held = {"changed": False, "updates": {"impact": "empty"}, "problems": ["qemu-utils is on hold"]}
        hosts.add(name, {"hypervisor_updates_info": [held]}, preflight_facts=facts(name).to_dict())
    problems = "{{ preflight_cluster | map('extract', hostvars, 'preflight_problem') | to_json }}"
    write = {"ansible.builtin.copy": {"content": problems, "dest": str(found)}, "delegate_to": "localhost"}
    hosts.play("h1", [preflight("updates"), write], preflight_cluster=["h1", "h2"])
    assert json.loads(found.read_text(encoding="utf-8")) == ["qemu-utils is on hold", ""]


def test_options_may_depend_on_the_host_that_is_asked(tmp_path: Path) -> None:
    """Not on the one that asks: with --limit it asks in the place of hosts that have other variables."""
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    updates = {"impact": "reboot", "reasons": [KERNEL], "unfinished": [KERNEL]}
    pending = {"changed": False, "updates": updates, "problems": []}
    for name in ("h1", "h2"):
        hosts.add(name, {"hypervisor_updates_info": [pending]}, preflight_facts=facts(name).to_dict())
    noting = {
        "preflight_packages": f"{{{{ [lookup('ansible.builtin.pipe', 'echo ' ~ preflight_asked ~ ' >> {found}')] }}}}"
    }
    given = {**noting, "preflight_boots": "{{ preflight_asked == 'h1' }}"}
    impacts = (
        "{{ preflight_cluster | map('extract', hostvars, 'preflight_updates') | map(attribute='impact') | join(' ') }}"
    )
    said = hosts.play(
        "h1",
        [{**preflight("updates"), "vars": given}, {"ansible.builtin.debug": {"msg": f"impacts: {impacts}"}}],
        preflight_cluster=["h1", "h2"],
    )
    assert set(found.read_text(encoding="utf-8").split()) == {"h1", "h2"}
    assert "impacts: reboot none" in said


KERNEL, DAEMON = "a newer kernel is installed: reboot", "libvirtd was replaced on disk: restart"


@pytest.mark.parametrize(
    ("boots", "unfinished", "reasons", "impact"),
    [
        ("True", [KERNEL], [KERNEL], "reboot"),
        ("False", [KERNEL], [], "none"),
        ("False", [KERNEL, DAEMON], [DAEMON], "restart"),
        ("False", [], ["libc6 1 -> 2: reboot"], "reboot"),
    ],
)
def test_whether_a_boot_counts_may_come_from_the_command_line_where_it_is_text(
    boots: str, unfinished: list[str], reasons: list[str], impact: str, tmp_path: Path
) -> None:
    """Only one that earlier updates have left, not one that those to come ask for."""
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    told = [*unfinished, *(reason for reason in reasons if reason not in unfinished)]
    updates = {"impact": "reboot", "reasons": told, "unfinished": unfinished, "manifest": {}}
    pending = {"changed": False, "updates": updates, "problems": []}
    hosts.add("h1", {"hypervisor_updates_info": [pending]}, preflight_facts=facts("h1").to_dict())
    left = "{{ [preflight_updates.impact, preflight_updates.reasons] | to_json }}"
    write = {"ansible.builtin.copy": {"content": left, "dest": str(found)}}
    hosts.play(
        "h1",
        [preflight("updates"), {**write, "delegate_to": "localhost"}],
        preflight_cluster=["h1"],
        preflight_boots=boots,
    )
    assert json.loads(found.read_text(encoding="utf-8")) == [impact, reasons]


def tried(folder: Path, on: str, known: dict[str, t.Any], **more: t.Any) -> set[str]:
    """Return which hosts are asked for what the run relies on.

    :param on: the hosts of the play.
    :param known: host -> what it has told of itself.
    :param more: variables of the role.
    """
    hosts = Hosts(folder)
    for name, told in known.items():
        answers = {"hypervisor_preflight_info": [{"changed": False, "problems": []}]}
        hosts.add(name, answers, preflight_facts=told, preflight_problem="")
    given = {"preflight_cluster": list(known), "preflight_moves": []}
    said = hosts.play(on, [{**preflight("ways"), "vars": more}], **given)
    (task,) = [part for part in said.split("TASK [") if "Ways | Try what the run relies on" in part]
    return {name for name in known if f"(item={name})" in task}


def test_who_hangs_when_the_ways_are_tried_is_refused_by_name(tmp_path: Path) -> None:
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    hosts.add("h1", {}, ansible_python_interpreter=hanging(tmp_path), preflight_facts=facts("h1").to_dict())
    answers = {"hypervisor_preflight_info": [{"changed": False, "problems": []}]}
    hosts.add("h2", answers, preflight_facts=facts("h2").to_dict())
    problems = "{{ preflight_cluster | map('extract', hostvars, 'preflight_problem') | to_json }}"
    write = {"ansible.builtin.copy": {"content": problems, "dest": str(found)}, "delegate_to": "localhost"}
    tried = {**preflight("ways"), "vars": {"__preflight_tries_in": 5}}
    hosts.play("h2", [{"block": [tried], "rescue": [write]}], preflight_cluster=["h1", "h2"])
    late, fine = json.loads(found.read_text(encoding="utf-8"))
    assert (fine, "5 second" in late) == ("", True)


@pytest.mark.parametrize(
    ("known", "ways"),
    [
        (["h1", "h2", "h3"], ["h1 h2", "h2 h3", "h3 h1"]),
        (["h1", "h2"], ["h1 h2", "h2 h1"]),
        (["h1"], []),
        (["h1", "parked", "lxc", "h2"], ["h1 h2", "h2 h1"]),
    ],
)
def test_each_host_tries_the_way_to_the_next_one(known: list[str], ways: list[str], tmp_path: Path) -> None:
    hosts, found = Hosts(tmp_path), tmp_path / "found"
    unlike: dict[str, dict[str, t.Any]] = {"parked": {"maintenance": PARKED}, "lxc": {"driver": "LXC"}}
    for name in known:
        answers = {"hypervisor_preflight_info": [{"changed": False, "problems": []}]}
        hosts.add(name, answers, preflight_facts=facts(name, **unlike.get(name, {})).to_dict(), preflight_problem="")
    told = "{{ __preflight_ring | map(attribute='source') | zip(__preflight_ring | map(attribute='target')) | map('join', ' ') | to_json }}"
    write = {"ansible.builtin.copy": {"content": told, "dest": str(found)}, "delegate_to": "localhost"}
    hosts.play("h1", [preflight("ring"), write], preflight_cluster=known)
    assert json.loads(found.read_text(encoding="utf-8")) == ways


def test_a_host_in_maintenance_need_not_be_ready(tmp_path: Path) -> None:
    known = {"h1": facts("h1").to_dict(), "h2": facts("h2", maintenance=PARKED).to_dict()}
    assert tried(tmp_path, "h1", known) == {"h1"}


def test_each_host_looks_only_at_those_that_it_asks_itself(tmp_path: Path) -> None:
    """Once, and perhaps once when Ansible validates the role's arguments, for which it evaluates all variables of a host."""
    names = ["h1", "h2", "h3"]
    known = {name: noted(tmp_path / name, facts(name).to_dict()) for name in names}
    assert tried(tmp_path, "h1:h2:h3", known, __preflight_sick=[]) == set(names)
    assert max((tmp_path / name).read_text(encoding="utf-8").count("\n") for name in names) <= 2


@pytest.mark.parametrize("keeps", [True, False])
def test_room_is_asked_for_what_the_upgrade_keeps(keeps: bool) -> None:
    given = arguments("preflight", "updates", "evergreen.virt.hypervisor_updates_info", preflight_keep=keeps, omit="")
    assert given["keep"] is keeps
