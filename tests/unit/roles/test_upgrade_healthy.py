# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the role upgrade waits until a host is healthy."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import SILENT, Hosts
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

pytestmark = pytest.mark.programs

FACTS = node("h1").facts.to_dict()
WELL = {"changed": False, "host": FACTS}


RIGHT = {"changed": False, "problems": []}
WRONG = {"changed": False, "problems": ["the host's clock is 90 s behind the controller's."]}


def proven(
    folder: Path,
    answers: list[dict[str, t.Any]],
    timeout: int,
    slow: int = 0,
    clocks: t.Sequence[dict[str, t.Any]] = (RIGHT,),
    **more: int,
) -> tuple[int, bool]:
    """Return how often a host was asked whether it is healthy, and whether it was believed.

    :param slow: seconds that each answer takes.
    :param clocks: what it says of its clock.
    :param more: variables of the role.
    """
    hosts, found, python = Hosts(folder), folder / "found", folder / "slow_python"
    python.write_text(f'#!/bin/sh\nsleep {slow}\nexec {folder}/python_h1 "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    told = {"hypervisor_info": answers, "hypervisor_preflight_info": clocks}
    hosts.add("h1", told, ansible_python_interpreter=str(python), preflight_facts=FACTS)
    prove = {
        "ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "healthy"},
        "vars": {"__upgrade_wave": 1, "__upgrade_boots": False, **more},
    }
    content = "{{ [__upgrade_verified.attempts | default(1), ansible_failed_result is not defined] | to_json }}"
    write = {"ansible.builtin.copy": {"content": content, "dest": str(found)}, "delegate_to": "localhost"}
    given = {"upgrade_report_directory": str(folder / "report"), "upgrade_health_timeout": timeout}
    hosts.play("h1", [{"block": [prove, write], "rescue": [write]}], **given)
    asked, believed = json.loads(found.read_text(encoding="utf-8"))
    return asked, believed


def test_a_host_has_its_time_to_become_healthy(tmp_path: Path) -> None:
    assert proven(tmp_path, [SILENT, WELL], timeout=600) == (2, True)


def test_the_time_that_answers_take_is_part_of_it(tmp_path: Path) -> None:
    assert proven(tmp_path, [SILENT, WELL], timeout=2, slow=2) == (1, False)


@pytest.mark.parametrize(
    ("clocks", "timeout", "well"), [([WRONG, RIGHT], 600, True), ([WRONG], 1, False), ([RIGHT], 1, True)]
)
def test_a_clock_has_its_time_to_be_set(
    clocks: list[dict[str, t.Any]], timeout: int, well: bool, tmp_path: Path
) -> None:
    assert proven(tmp_path, [WELL], timeout=timeout, clocks=clocks) == (1, well)


def test_one_that_hangs_is_not_waited_for_beyond_it(tmp_path: Path) -> None:
    assert proven(tmp_path, [WELL], timeout=2, slow=30, __upgrade_answers_in=2) == (1, False)


def test_one_that_hangs_is_told_from_one_that_is_sick() -> None:
    told = {"failed": True, "msg": "Task failed: Timed out after 120 second(s).", "timedout": {"period": 120}}
    (why,) = evaluated("upgrade", "__upgrade_unhealthy", __upgrade_verified=told)
    assert "did not say within 120 s how it is: libvirt there hangs" in why
    assert "\n" not in why
