# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against libvirt's own driver for tests: what a new VM gets of its cluster."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import attribute, parse
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import ClusterFacts, Cpu
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_job
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM, cluster_facts

CLUSTER = ClusterFacts(
    oldest="h1",
    cpus={"qemu": Cpu("EPYC", "AMD", {"umip": "require"})},
    machine_aliases={"q35": "pc-q35-7.2"},
    lacking={"pc-q35-10.0": ["h1"]},
)


@pytest.fixture
def connection() -> t.Iterator[libvirt.virConnect]:
    opened = libvirt.open("test:///default")
    yield opened
    opened.close()


def prepare(connection: libvirt.virConnect, cluster: ClusterFacts | None, **options: t.Any) -> vm_job.Job:
    params = {name: spec.get("default") for name, spec in VM.options.items()}
    view = View(connection, cluster=cluster)
    view.arch = "x86_64"
    return vm_job.prepare(view, {**params, "name": "new", "memory_mib": 64, **options})


@pytest.mark.parametrize(("cluster", "machine"), [(None, "q35"), (CLUSTER, "pc-q35-7.2"), (ClusterFacts("h1"), "q35")])
def test_the_machine_of_a_new_vm(connection: libvirt.virConnect, cluster: ClusterFacts | None, machine: str) -> None:
    definition = prepare(connection, cluster).convergence.definition
    assert definition is not None
    assert attribute(parse(definition), "os/type", "machine") == machine


def test_a_new_vm_with_the_baseline(connection: libvirt.virConnect) -> None:
    definition = prepare(connection, CLUSTER, cpu={"mode": "baseline"}).convergence.definition
    assert definition is not None
    cpu = parse(definition).find("cpu")
    assert cpu is not None
    assert (cpu.get("mode"), cpu.findtext("model")) == ("custom", "EPYC")
    assert [feature.attrib for feature in cpu.iterfind("feature")] == [{"policy": "require", "name": "umip"}]


@pytest.mark.parametrize(
    ("cluster", "options", "says"),
    [
        (None, {"cpu": {"mode": "baseline"}}, "VM 'new': cpu.mode: the baseline is that of a cluster"),
        (CLUSTER, {"cpu": {"mode": "baseline"}, "virt_type": "kvm"}, "no baseline for VMs of type kvm"),
        (CLUSTER, {"machine": "pc-q35-10.0"}, "has no 'pc-q35-10.0' on h1"),
    ],
)
def test_refusals(
    connection: libvirt.virConnect, cluster: ClusterFacts | None, options: dict[str, t.Any], says: str
) -> None:
    with pytest.raises(InvalidInputError, match=says):
        prepare(connection, cluster, **options)


def test_the_option_cluster() -> None:
    assert cluster_facts(None) is None
    assert cluster_facts(CLUSTER.to_dict()) == CLUSTER
    with pytest.raises(InvalidInputError, match="incomplete"):
        cluster_facts({"cluster": CLUSTER.to_dict()})
