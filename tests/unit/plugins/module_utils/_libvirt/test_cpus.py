# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt is asked of CPUs, by a stand-in that works with them as libvirt 9.0 and 11.3 were seen to do."""

from __future__ import annotations

import typing as t

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse, serialize
from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Cpu
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.cpus import (
    Guests,
    VmCpus,
    baseline,
    of_host,
    to_xml,
)

MODELS = {"big": {"a", "b", "c"}, "small": {"a"}}
FEATURES = {"a", "b", "c", "d"}


class Libvirt:
    """virConnectBaselineHypervisorCPU: unknown names are errors, the answer is what all CPUs have, told by the first one's model."""

    def __init__(self, features: set[str] | None = None, told: str = "<domainCapabilities/>") -> None:
        self.features = FEATURES if features is None else features
        self.told = told
        self.calls = 0

    def getDomainCapabilities(self, *_asked: t.Any) -> str:  # noqa: N802 libvirt's own
        return self.told

    def baselineHypervisorCPU(  # noqa: N802 libvirt's own
        self, _emulator: None, _arch: str, _machine: None, _virt_type: str, cpus: list[str], flags: int
    ) -> str:
        self.calls += 1
        roots = [parse(text) for text in cpus]
        assert all(root.attrib == {"mode": "custom", "match": "exact"} for root in roots)
        model = roots[0].findtext("model", "")
        named = {feature.get("name", "") for root in roots for feature in root.iterfind("feature")}
        if model not in MODELS or named - self.features:
            raise libvirt.libvirtError("unknown")
        has = set.intersection(*(self._has(root) for root in roots))
        full = flags == libvirt.VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES
        on = has if full else has - MODELS[model]
        features = {**dict.fromkeys(on, "require"), **dict.fromkeys(MODELS[model] - has, "disable")}
        return serialize(to_xml(Cpu(model, roots[0].findtext("vendor"), features)))

    @staticmethod
    def _has(root: Element) -> set[str]:
        policies = {feature.get("name", ""): feature.get("policy") for feature in root.iterfind("feature")}
        off = {name for name, policy in policies.items() if policy == "disable"}
        return MODELS[root.findtext("model", "")].union(policies) - off


def guests(connection: t.Any) -> Guests:
    return Guests(connection, "x86_64", "qemu")


MOST = (
    "<domainCapabilities><cpu><mode name='host-model' supported='yes'><model fallback='forbid'>big</model>"
    "<vendor>AMD</vendor><feature policy='require' name='d'/><feature policy='disable' name='b'/></mode></cpu></domainCapabilities>"
)


def test_the_most_that_a_host_can_give() -> None:
    told = parse(MOST)
    expected = Cpu("big", "AMD", {"a": "require", "b": "disable", "c": "require", "d": "require"})
    assert of_host(guests(Libvirt()), told) == expected
    assert of_host(guests(Libvirt({"a"})), told) is None


@pytest.mark.parametrize("cpu", ["", "<mode name='host-model' supported='no'/>"])
def test_a_host_of_which_libvirt_names_no_cpu(cpu: str) -> None:
    told = parse(f"<domainCapabilities><cpu>{cpu}</cpu></domainCapabilities>")
    assert of_host(guests(Libvirt()), told) is None


def test_what_the_oldest_libvirt_does_not_know_is_left_out() -> None:
    own = Cpu("big", "AMD", {"a": "require", "b": "require", "c": "disable"})
    newer = Cpu("huge", "AMD", {"a": "require", "b": "disable", "c": "require", "d": "require", "brand-new": "require"})
    assert baseline(guests(Libvirt()), own, [newer]) == Cpu("big", "AMD", {"b": "disable", "c": "disable"})


def test_what_libvirt_refuses_is_an_error() -> None:
    with pytest.raises(OperationError, match="work out a CPU for qemu VMs"):
        baseline(guests(Libvirt()), Cpu("huge"), [])


@given(st.lists(st.sets(st.sampled_from(["a", "b", "c", "d", "new"])), min_size=1, max_size=4))
def test_the_baseline_is_what_all_hosts_have_and_does_not_depend_on_their_order(hosts: list[set[str]]) -> None:
    def full(has: set[str]) -> Cpu:
        return Cpu("big", "AMD", {name: "require" if name in has else "disable" for name in MODELS["big"] | has})

    own, *others = (full(has - {"new"} if place == 0 else has) for place, has in enumerate(hosts))
    found = baseline(guests(Libvirt()), own, others)
    has = MODELS["big"].union(found.given) - {name for name, policy in found.features.items() if policy == "disable"}
    assert has == set.intersection(*hosts) - {"new"}
    assert baseline(guests(Libvirt()), own, others[::-1]) == found


VM = "<domain type='qemu'><os><type arch='x86_64'>hvm</type></os><cpu mode='custom'>{}</cpu></domain>"


def test_the_features_of_a_vm_are_asked_for_once() -> None:
    connection = Libvirt()
    vm_cpus = VmCpus(t.cast(libvirt.virConnect, connection))
    one = VM.format("<model>big</model><feature policy='forbid' name='b'/><feature policy='force' name='d'/>")
    assert [vm_cpus.features(parse(text)) for text in (one, one.replace("<cpu", "<vcpu>2</vcpu><cpu"))] == [
        ["a", "c", "d"]
    ] * 2
    assert connection.calls == 1


PASSED = VM.replace("custom", "{}")


@pytest.mark.parametrize(
    ("mode", "policies", "expected"),
    [
        ("host-passthrough", "", ["a", "c", "d"]),
        ("maximum", "", ["a", "c", "d"]),
        (
            "host-passthrough",
            "<feature policy='disable' name='d'/><feature policy='require' name='e'/>",
            ["a", "c", "e"],
        ),
    ],
)
def test_a_cpu_that_is_passed_through_is_that_of_the_host_but_for_what_the_vm_says(
    mode: str, policies: str, expected: list[str]
) -> None:
    connection = Libvirt(told=MOST)
    vm_cpus = VmCpus(t.cast(libvirt.virConnect, connection))
    root = parse(PASSED.format(mode, policies))
    assert [vm_cpus.features(root) for _each in range(2)] == [expected] * 2
    assert connection.calls == 1


def test_a_cpu_that_is_passed_through_on_a_host_of_which_libvirt_cannot_tell() -> None:
    vm_cpus = VmCpus(t.cast(libvirt.virConnect, Libvirt()))
    assert vm_cpus.features(parse(PASSED.format("host-passthrough", ""))) == []


@pytest.mark.parametrize("text", ["<domain/>", VM.format(""), VM.format("<model>unheard-of</model>")])
def test_a_vm_of_which_libvirt_cannot_tell(text: str) -> None:
    assert VmCpus(t.cast(libvirt.virConnect, Libvirt())).features(parse(text)) == []


def test_a_driver_that_knows_no_baseline() -> None:
    connection = libvirt.open("test:///default")
    assert VmCpus(connection).features(parse(VM.format("<model>big</model>"))) == []
    connection.close()
