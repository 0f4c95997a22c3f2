# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters shaped like those of productions, as `hypervisor_info` tells of them (inventories/*.json)."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run

from .checker import untruths, violations

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "inventories").glob("*.json"))}
LEFT_OUT = {"sriov": ["edge4", "edge5"]}
"""Hosts with VMs that cannot leave them."""


def load(name: str) -> tuple[dict[str, Node], Rules]:
    found = json.loads(FILES[name].read_text(encoding="utf-8"))
    nodes = {
        host: Node(
            host,
            Host.from_dict(told["facts"]),
            Updates.from_dict(told["updates"]),
            told.get("site", ""),
            told.get("label", ""),
        )
        for host, told in found["hosts"].items()
    }
    return nodes, Rules(**found["rules"])


def plan(name: str, scope: t.Sequence[str] | None = None) -> dict[str, t.Any]:
    nodes, rules = load(name)
    return plan_run(
        nodes, [host for host in nodes if host not in LEFT_OUT.get(name, [])] if scope is None else scope, rules
    )


def targets(made: t.Mapping[str, t.Any], prefix: str) -> set[str]:
    return {move["target"] for move in made["moves"] if move["vm"].startswith(prefix)}


@pytest.mark.parametrize("name", FILES)
def test_every_moment_keeps_every_rule(name: str) -> None:
    nodes, rules = load(name)
    made = plan(name)
    assert violations(list(nodes.values()), rules, made) == untruths(list(nodes.values()), rules, made) == []
    upgraded = {host for wave in made["waves"] for host in wave}
    expected = {host for host, node in nodes.items() if node.impact != "none"} - set(made["skipped"])
    assert upgraded == expected - set(LEFT_OUT.get(name, []))
    assert made["figures"]["moves"] <= 1.2 * made["bounds"]["moves"]


@pytest.mark.parametrize("name", FILES)
def test_facts_survive_json(name: str) -> None:
    nodes, _rules = load(name)
    assert all(Host.from_dict(json.loads(json.dumps(node.facts.to_dict()))) == node.facts for node in nodes.values())


def test_a_vm_stays_on_cpus_that_it_needs() -> None:
    nodes, _rules = load("mixed_cpus")
    needy = {vm.name for node in nodes.values() for vm in node.facts.vms if vm.cpu_model == "Icelake-Server-noTSX"}
    moves = [move for move in plan("mixed_cpus")["moves"] if move["vm"] in needy]
    assert needy
    assert {move["vm"] for move in moves} == needy
    assert {move["target"] for move in moves} <= {"kvm05", "kvm06", "kvm07", "kvm08"}


def test_local_disks_go_where_there_is_space() -> None:
    made = plan("rbd_and_local")
    assert sum(move["disk_mib"] for move in made["moves"]) > 0
    assert made["proof"]["tightest"]["pool/images"]["free"] >= 0
    for wave in range(1, len(made["waves"]) + 1):
        pair = {move["target"] for move in made["moves"] if move["wave"] == wave and move["vm"][-1] in "01"}
        assert len(pair) == len({move["source"] for move in made["moves"] if move["wave"] == wave})


def test_huge_pages_of_each_node_suffice() -> None:
    tightest = plan("huge_pages")["proof"]["tightest"]
    assert {"pages/2048@0", "pages/2048@1", "pages/2048", "memory", "vcpus"} <= set(tightest)
    assert all(entry["free"] >= 0 for entry in tightest.values())


def test_virtual_functions_need_their_network() -> None:
    assert "edge2" not in targets(plan("sriov"), "fw")
    with pytest.raises(
        ImpossiblePlanError, match="'gpu1' cannot get out of the way of host 'edge5': host device pci"
    ) as caught:
        plan("sriov", ["edge5"])
    assert caught.value.details["remedies"] == ["give gpu1 the policy evacuation: shutdown", "stop gpu1 on edge5"]


def test_a_vm_with_a_virtual_function_is_shut_down_while_its_host_is_upgraded() -> None:
    (stop,) = plan("sriov", ["edge4"])["stops"]
    assert (stop["wave"], stop["host"], stop["vm"], stop["way"]) == (1, "edge4", "vf1", "shutdown")


def test_a_restart_moves_nothing_and_nothing_goes_back_to_an_older_version() -> None:
    made = plan("modular_daemons")
    assert {move["source"] for move in made["moves"]} == {"rhel1", "rhel2", "rhel4"}
    assert not {move["vm"] for move in made["moves"]} & {f"erp3{number}" for number in range(4)}
    assert all(spare >= 0 for spare in made["proof"]["spare_mib"])


def test_one_site_after_the_other_with_its_canary_first() -> None:
    made = plan("two_sites")
    order = [host for wave in made["waves"] for host in wave]
    assert [host[0] for host in order] == ["n"] * 4 + ["s"] * 4
    assert (order[0], order[4]) == ("n1", "s1")
    assert "in maintenance by alice" in made["skipped"]["n5"]
    assert "n5" not in targets(made, "")
