# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM's options leave to its cluster."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.cluster import machine, resolved
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import ClusterFacts, Cpu

CLUSTER = ClusterFacts(
    oldest="h1",
    cpus={"qemu": Cpu("EPYC", "AMD", {"umip": "require", "sha-ni": "disable"})},
    cpu_problems={"kvm": "libvirt names no CPU for VMs of type kvm on h2."},
    machine_aliases={"q35": "pc-q35-7.2", "pc": "pc-i440fx-7.2"},
    lacking={"pc-q35-10.0": ["h1", "h2"]},
)
BASELINE = {"cpu": {"mode": "baseline"}}


@pytest.mark.parametrize(
    ("wanted", "current", "found"),
    [
        ("q35", None, "pc-q35-7.2"),
        ("pc-q35-6.2", None, "pc-q35-6.2"),
        ("virt", None, "virt"),
        ("q35", "pc-q35-10.0", "q35"),
        ("pc-q35-10.0", "pc-q35-10.0", "pc-q35-10.0"),
        ("q35", "pc-i440fx-7.2", "pc-q35-7.2"),
    ],
)
def test_machine(wanted: str, current: str | None, found: str) -> None:
    assert machine(wanted, current, CLUSTER) == found
    definition = None if current is None else tree.parse(f"<domain><os><type machine='{current}'/></os></domain>")
    assert resolved({"machine": wanted}, definition, CLUSTER, "qemu") == {"machine": found}
    assert resolved({"machine": wanted}, definition, None, "qemu") == {"machine": wanted}


@pytest.mark.parametrize("current", [None, "pc-q35-7.2"])
def test_a_machine_that_a_host_lacks_is_refused(current: str | None) -> None:
    with pytest.raises(InvalidInputError, match=r"no 'pc-q35-10\.0' on h1, h2") as caught:
        machine("pc-q35-10.0", current, CLUSTER)
    assert "alias" in caught.value.hint


@pytest.mark.parametrize(
    ("cluster", "virt_type", "says"),
    [
        (None, "qemu", "none is named"),
        (CLUSTER, "kvm", "on h2"),
        (ClusterFacts("h1"), "qemu", "no host can run them"),
    ],
)
def test_there_is_no_baseline(cluster: ClusterFacts | None, virt_type: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as caught:
        resolved(BASELINE, None, cluster, virt_type)
    assert caught.value.hint


def test_what_is_no_business_of_the_cluster_stays() -> None:
    params = {"cpu": {"mode": "host-model", "features": {"aes": "require"}}, "machine": None, "vcpus": 2}
    assert resolved(params, None, CLUSTER, "kvm") == params


def test_the_baseline_of_a_new_vm_and_features_that_the_user_names() -> None:
    params = {"cpu": {"mode": "baseline", "model": None, "features": {"umip": "disable"}, "topology": {"cores": 2}}}
    assert resolved(params, None, CLUSTER, "qemu")["cpu"] == {
        "mode": "custom",
        "model": "EPYC",
        "features": {"umip": "disable", "sha-ni": "disable"},
        "topology": {"cores": 2},
    }


POLICIES = st.dictionaries(st.sampled_from(["umip", "aes", "svm", "x2apic"]), st.sampled_from(["require", "disable"]))


@given(POLICIES, POLICIES, st.sampled_from(["EPYC", "Haswell"]))
def test_a_vm_gets_the_whole_baseline_and_nothing_else(
    before: dict[str, str], after: dict[str, str], model: str
) -> None:
    features = "".join(f"<feature policy='{policy}' name='{name}'/>" for name, policy in before.items())
    definition = tree.parse(f"<domain><cpu mode='custom'><model>{model}</model>{features}</cpu></domain>")
    cluster = ClusterFacts("h1", {"qemu": Cpu("EPYC", "AMD", after)})
    converged = convergence.converge(definition, None, resolved(BASELINE, definition, cluster, "qemu"))
    assert bool(converged.changes) == (before != after or model != "EPYC")
    reached = definition if converged.definition is None else tree.parse(converged.definition)
    assert (convergence.options_of(reached)["cpu"]).get("features", {}) == after
    assert not convergence.converge(reached, None, resolved(BASELINE, reached, cluster, "qemu")).changes


def test_a_running_vm_loses_a_feature_at_its_next_start() -> None:
    definition = tree.parse(
        "<domain><cpu mode='custom'><model>EPYC</model><feature policy='require' name='pcommit'/>"
        "<feature policy='require' name='umip'/><feature policy='disable' name='sha-ni'/></cpu></domain>"
    )
    params: dict[str, t.Any] = resolved(BASELINE, definition, CLUSTER, "qemu")
    for apply, restart in (("live", False), ("restart", True)):
        converged = convergence.converge(definition, definition, params, apply)
        assert converged.restart == restart
        assert converged.waiting == (() if restart else ("cpu.features",))
        assert converged.steps == {}
