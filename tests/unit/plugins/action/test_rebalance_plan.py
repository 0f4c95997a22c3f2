# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action that plans how loads are evened out, and what it shows."""

from __future__ import annotations

import dataclasses
import types
import typing as t

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.evergreen.virt.plugins.action import rebalance_plan
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Capacity, Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node
from ansible_collections.evergreen.virt.plugins.plugin_utils.balance_table import balance_table
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node, vm

from .test_upgrade_plan import HostVars, variables


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *arguments: {})


def ask(known: HostVars, **options: t.Any) -> dict[str, t.Any]:
    """Run the action as Ansible does."""
    action = object.__new__(rebalance_plan.ActionModule)
    arguments = {"hosts": list(known), "show": False, "host_reserve_mib": 0, "vm_overhead_mib": 0, **options}
    action._task = t.cast("t.Any", types.SimpleNamespace(args=arguments, action="evergreen.virt.rebalance_plan"))
    return action.run(task_vars={"hostvars": known})


def two() -> list[Node]:
    return [node("h1", vm("a", 3000, vcpus=2), vm("b", 3000, vcpus=2)), node("h2")]


def test_a_plan_out_of_host_variables() -> None:
    result = ask(variables(*two()))
    assert result["changed"] is False
    plan = result["plan"]
    assert plan["steps"] == [
        {"parallel_moves": 2, "hosts": {"h1": [{"vm": "a", "to": "h2", "policy": {"post_copy": False}}]}}
    ]
    assert (plan["reached"], plan["figures"]["moves"], plan["bounds"], plan["epoch"]) == (True, 1, {"moves": 1}, 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"hosts": ["h1", "h9"]}, "host 'h9' has no facts"),
        ({"scope": ["h9"]}, "'h9' is to be rebalanced and is not a host of the cluster"),
        ({"memory_tolerance": -1}, "memory_tolerance must be at least 0"),
        ({"by": "both", "vcpus_tolerance": -1}, "vcpus_tolerance must be at least 0"),
        ({"parallel_moves": 0}, "parallel_moves must be at least 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, t.Any], says: str) -> None:
    result = ask(variables(*two()), **options)
    assert result["failed"]
    assert says in result["msg"]


@pytest.mark.parametrize(
    ("by", "tolerances"),
    [("memory", {"memory": 10.0}), ("vcpus", {"vcpus": 50.0}), ("both", {"memory": 10.0, "vcpus": 50.0})],
)
def test_what_is_evened_out(by: str, tolerances: dict[str, float]) -> None:
    plan = ask(variables(*two()), by=by)["plan"]
    assert plan["tolerances"] == tolerances
    assert plan["mean"] == {measure: {"memory": 30.0, "vcpus": 50.0}[measure] for measure in tolerances}


def test_policies_of_the_inventory_count() -> None:
    plan = ask(variables(*two()), policies=[{"where": "state == 'running'", "policy": {"evacuation": "stay"}}])["plan"]
    assert plan["moves"] == []
    assert not plan["reached"]


def test_vms_that_wait_for_a_restart() -> None:
    machines = Capacity(10_000, 4, "x86_64", ["kvm"], ["pc-q35-7.2", "pc-q35-9.0", "pc-i440fx-9.0"], ["qemu64"])
    old = dataclasses.replace(machines, machines=["pc-q35-7.2", "pc-q35-8.0"])
    hosts = [
        node("h1", vm("a", machine="pc-q35-6.2"), vm("b"), vm("c", emulator_stale=True), vm("off", state="shutoff")),
        node("h2", vm("d", machine="pc-i440fx-6.2"), capacity=machines),
        node("h3", vm("e"), capacity=old),
    ]
    told = {
        "h1": {"seen": {"vms": [{"name": "b", "pending": ["vcpus"]}]}},
        "h2": {"seen": {"vms": [{"name": "b", "pending": []}]}},
    }
    plan = ask(variables(*hosts, **told), vms="seen")["plan"]
    assert {row["vm"]: (row["options"], row["newest_machine"], row["emulator_stale"]) for row in plan["restarts"]} == {
        "a": ([], "pc-q35-7.2", False),
        "b": (["vcpus"], None, False),
        "c": ([], None, True),
    }
    shown = "\n".join(balance_table(plan))
    assert (
        "a on h1 waits for a restart: its machine pc-q35-6.2 is older than pc-q35-7.2, which all hosts have." in shown
    )
    assert "b on h1 waits for a restart: vcpus would change." in shown
    assert "c on h1 waits for a restart: it runs on a QEMU that was replaced on disk." in shown


def test_how_it_is_shown() -> None:
    hosts = [*two(), node("h3", maintenance=Maintenance("alice", "a disk", "today"))]
    lines = balance_table(ask(variables(*hosts), by="both", reserve=1)["plan"])
    assert lines[:3] == [
        "Rebalance: 1 move (no plan needs fewer than 1) in 1 step, 3000 MiB of memory and disks to carry",
        "Mean of memory: 30.0 %; hosts may be 10 points from it, and the farthest is 0 then",
        "Mean of vCPUs per 100 threads: 50.0; hosts may be 50 points from it, and the farthest is 0 then",
    ]
    assert lines[3] == "At the tightest moment h2 has 7000 MiB of memory free"
    assert lines[5:] == [
        "host  memory before  memory after  vCPUs per 100 threads before  vCPUs per 100 threads after",
        "-" * len(lines[5]),
        "h1    60.0 %         30.0 %        100.0                         50.0",
        "h2    0.0 %          30.0 %        0.0                           50.0",
        "Step 1: from h1: a -> h2",
        "h3 is left alone: it is in maintenance by alice since today",
    ]


@pytest.mark.parametrize(
    ("hosts", "options", "says"),
    [
        ([node("h1", vm("a")), node("h2", vm("b"))], {}, "Rebalance: nothing to do."),
        ([node("h1", vm("a", 5000)), node("h2")], {}, "No way was found by which the tolerance is reached:"),
        (
            [node("h1", vm("a", 5000, obstacles=["it has a host device."])), node("h2")],
            {},
            "No plan reaches the tolerance:",
        ),
        ([node("h1", vm("a", 5000)), node("h2")], {}, "Rebalance: nothing to do that would bring the hosts nearer."),
        (
            [node("h1", vm("a", 5000)), node("h2", memory_mib=4000)],
            {"reserve": 1},
            "Moves do not change that if another host failed",
        ),
    ],
)
def test_what_it_says(hosts: list[Node], options: dict[str, t.Any], says: str) -> None:
    assert any(line.startswith(says) for line in balance_table(ask(variables(*hosts), **options)["plan"]))


def test_of_many_hosts_only_those_that_change_are_shown() -> None:
    hosts = [*two(), *(node(f"x{number}", vm(f"x{number}", 3000)) for number in range(40))]
    lines = balance_table(ask(variables(*hosts))["plan"])
    assert [line.split()[0] for line in lines if line.startswith(("h1", "h2", "x"))] == ["h1", "h2"]
