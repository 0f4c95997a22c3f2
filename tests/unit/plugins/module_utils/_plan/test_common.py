# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a cluster have in common, and which VMs' CPUs a host can give."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    InvalidInputError,
    OperationError,
    UnavailableError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._facts import (
    PASSED_THROUGH,
    Capacity,
    Cpu,
    Member,
    Policy,
    Versions,
    Vm,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan import common

from .checker import violations
from .clusters import RULES, cluster, node, vm

EPYC = Cpu("EPYC", "AMD", {"aes": "require", "sha-ni": "disable"})


def member(libvirt: str | None = "9.0.0", qemu: str | None = "7.2.22", **capacity: t.Any) -> Member:
    return Member("id", Versions(libvirt=libvirt, qemu=qemu), Capacity(1, 1, "x86_64", **capacity))


@pytest.mark.parametrize(
    ("versions", "oldest"),
    [
        ({"a": ("11.3.0", "10.0.0"), "b": ("9.0.0", "7.2.22")}, "b"),
        ({"a": ("9.10.0", "7.2.0"), "b": ("9.9.0", "7.2.0")}, "b"),
        ({"a": ("9.0.0", "10.0.0"), "b": ("9.0.0", "7.2.22")}, "b"),
        ({"b": ("9.0.0", "7.2.22"), "a": ("9.0.0", "7.2.22")}, "a"),
        ({"a": ("9.0.0", "7.2.22"), "b": (None, None)}, "b"),
    ],
)
def test_the_oldest_host(versions: dict[str, tuple[str | None, str | None]], oldest: str) -> None:
    assert common.oldest({name: member(*pair) for name, pair in versions.items()}) == oldest


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("7.2.22", "10.0.2", True),
        ("7.2.22", "7.2.23", True),
        ("9.0.0", "10", True),
        ("7.2", "8", True),
        ("7.2", "7.2.22", False),
        ("7.2.22", "7.2", False),
        ("7.2.22", "7.2.22", False),
        ("10.0.2", "7.2.22", False),
        (None, "7.2.22", False),
        ("7.2.22", None, False),
        (None, None, False),
    ],
)
def test_which_version_is_older(one: str | None, other: str | None, older: bool) -> None:
    assert common.is_older(common.numbers(one), common.numbers(other)) is older


VERSIONS = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@given(VERSIONS, VERSIONS)
def test_versions_differ_in_a_number_that_both_have(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    first = next((pair for pair in zip(one, other) if pair[0] != pair[1]), (0, 0))
    told = {pair: common.is_older(*pair) for pair in ((one, other), (other, one))}
    assert told == {(one, other): first[0] < first[1], (other, one): first[0] > first[1]}


def test_a_cluster_has_hosts() -> None:
    with pytest.raises(InvalidInputError, match="at least one host"):
        common.oldest({})


@pytest.mark.parametrize(
    ("hosts", "alias"),
    [
        ([("pc-q35-7.2", ["pc-q35-6.2"]), ("pc-q35-10.0", ["pc-q35-7.2", "pc-q35-9.0"])], "pc-q35-7.2"),
        ([("pc-q35-10.0", ["pc-q35-9.2"]), ("pc-q35-10.0", ["pc-q35-9.2"])], "pc-q35-10.0"),
        ([("pc-q35-7.2", ["pc-q35-6.2"]), ("pc-q35-10.0", ["pc-q35-6.2"])], "pc-q35-6.2"),
        ([("pc-q35-7.2", ["pc-i440fx-6.2"]), ("pc-q35-10.0", ["pc-i440fx-6.2"])], None),
        ([("pc-q35-rhel8.6.0", []), ("pc-q35-rhel9.2.0", ["pc-q35-rhel8.6.0"])], "pc-q35-rhel8.6.0"),
        ([("pc-q35-jammy", ["pc-q35-6.2"]), ("pc-q35-noble", ["pc-q35-jammy", "pc-q35-6.2"])], "pc-q35-jammy"),
    ],
)
def test_an_alias_stands_for_what_all_hosts_have(hosts: list[tuple[str, list[str]]], alias: str | None) -> None:
    members = {
        f"h{place}": member(machines=[newest, *others], machine_aliases={"q35": newest})
        for place, (newest, others) in enumerate(hosts)
    }
    assert common.machine_aliases(members).get("q35") == alias


@given(
    st.lists(st.sets(st.tuples(st.integers(1, 12), st.integers(0, 12)), min_size=1), min_size=1, max_size=4),
)
def test_the_newest_of_what_all_hosts_have(hosts: list[set[tuple[int, int]]]) -> None:
    def name(version: tuple[int, int]) -> str:
        return f"pc-q35-{version[0]}.{version[1]}"

    members = {
        f"h{place}": member(machines=sorted(map(name, known)), machine_aliases={"q35": name(max(known))})
        for place, known in enumerate(hosts)
    }
    shared = set.intersection(*hosts)
    assert common.machine_aliases(members) == ({"q35": name(max(shared))} if shared else {})
    lacking = common.lacking(members)
    assert set(lacking) == {name(version) for known in hosts for version in known - shared}
    assert all(machine not in members[host].capacity.machines for machine in lacking for host in lacking[machine])


def test_the_oldest_host_works_out_the_baseline() -> None:
    asked: list[tuple[str, Cpu, list[Cpu]]] = []
    other = Cpu("EPYC", "AMD", {"aes": "require", "sha-ni": "require"})

    def work_out(virt_type: str, own: Cpu, others: list[Cpu]) -> Cpu:
        asked.append((virt_type, own, others))
        return EPYC

    found = common.in_common(
        {
            "new": member("11.3.0", virt_types=["kvm", "qemu"], cpus={"kvm": EPYC, "qemu": other}, cpu_models=["EPYC"]),
            "old": member(virt_types=["qemu"], cpus={"qemu": EPYC}, cpu_models=["qemu64"], partial_cpu_models=["EPYC"]),
        },
        work_out,
    )
    assert asked == [("qemu", EPYC, [other])]
    assert (found.oldest, found.cpus) == ("old", {"qemu": EPYC})
    assert found.cpu_problems == {"kvm": "libvirt names no CPU for VMs of type kvm on old."}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"cpus": {"qemu": Cpu("Haswell", "Intel")}}, "different vendors: AMD on a, Intel on b"),
        ({"cpus": {"qemu": EPYC}, "cpu_models": ["qemu64"]}, "model EPYC, which the emulator does not have on b"),
        ({"cpus": {}}, "names no CPU for VMs of type qemu on b"),
    ],
)
def test_why_there_is_no_baseline(more: dict[str, t.Any], problem: str) -> None:
    members = {"a": member(virt_types=["qemu"], cpus={"qemu": EPYC}), "b": member(virt_types=["qemu"], **more)}
    found = common.in_common(members, lambda _type, own, _others: own)
    assert found.cpus == {}
    assert problem in found.cpu_problems["qemu"]


def test_what_libvirt_refuses_is_told_and_a_lost_connection_is_an_error() -> None:
    members = {"a": member(virt_types=["qemu"], cpus={"qemu": EPYC})}

    def failing(error: Exception) -> t.Callable[[str, Cpu, list[Cpu]], Cpu]:
        def work_out(_virt_type: str, _own: Cpu, _others: list[Cpu]) -> Cpu:
            raise error

        return work_out

    assert common.in_common(members, failing(OperationError("no."))).cpu_problems == {"qemu": "no."}
    with pytest.raises(UnavailableError):
        common.in_common(members, failing(UnavailableError("gone.")))


RICH = Cpu("EPYC", "AMD", {"aes": "require", "umip": "require", "sha-ni": "disable"})
POOR = Cpu("EPYC", "AMD", {"aes": "require", "umip": "disable", "sha-ni": "disable"})


@pytest.mark.parametrize(
    ("model", "features", "own", "target", "says"),
    [
        ("EPYC", ["aes"], RICH, POOR, None),
        ("EPYC", ["aes", "umip"], RICH, POOR, "cannot give CPU feature umip"),
        ("EPYC", ["aes", "umip"], POOR, RICH, None),
        ("EPYC", ["aes", "hypervisor"], RICH, POOR, None),
        ("Haswell", ["aes"], RICH, POOR, "cannot give CPU model Haswell"),
        ("EPYC", [], RICH, POOR, "cannot give CPU model EPYC"),
        ("EPYC", ["aes"], None, POOR, "cannot give CPU model EPYC"),
        ("EPYC", ["aes"], RICH, None, "cannot give CPU model EPYC"),
        ("qemu64", ["aes"], RICH, None, None),
        ("qemu64", ["umip"], RICH, POOR, "cannot give CPU feature umip"),
    ],
)
def test_which_cpu_a_host_can_give(
    model: str, features: list[str], own: Cpu | None, target: Cpu | None, says: str | None
) -> None:
    moved = vm("a", cpu_mode="custom", cpu_model=model, cpu_features=features)
    found = cpu_refusal(moved, own, target)
    assert (found is None) if says is None else says in str(found)


def cpu_refusal(moved: Vm, own: Cpu | None, target: Cpu | None) -> str | None:
    def capacity(cpu: Cpu | None) -> Capacity:
        return Capacity(
            10_000, 4, "x86_64", ["kvm"], ["pc-q35-7.2"], ["qemu64"], ["EPYC"], {} if cpu is None else {"kvm": cpu}
        )

    hosts = [node("h1", moved, capacity=capacity(own)), node("h2", capacity=capacity(target))]
    found = cluster(*hosts).refusal([moved], "h2")
    kind = moved.policy.evacuation
    move = {"wave": 1, "step": 1, "vm": "a", "source": "h1", "target": "h2", "kind": kind}
    broken = violations(hosts, RULES, {"waves": [["h1"]], "moves": [move]})
    assert (found is None) == (broken == [])
    return found


OTHER = Cpu("Haswell", "Intel", RICH.features)
MANY = Cpu("EPYC", "AMD", {f"f{number}": "require" for number in range(10)})


@pytest.mark.parametrize("mode", PASSED_THROUGH)
@pytest.mark.parametrize(
    ("own", "target", "says"),
    [
        (RICH, RICH, None),
        (POOR, RICH, None),
        (RICH, POOR, "cannot give CPU feature umip"),
        (RICH, OTHER, "its CPU is of Intel, and the one that is passed through to the VM is of AMD"),
        (RICH, Cpu("EPYC", None, RICH.features), None),
        (RICH, None, None),
        (None, RICH, None),
        (MANY, POOR, "f0, f1, f2, f3, f4, f5, f6, f7 and 2 more"),
    ],
)
def test_a_cpu_that_is_passed_through_comes_to_no_lesser_one(
    mode: str, own: Cpu | None, target: Cpu | None, says: str | None
) -> None:
    moved = vm("a", cpu_mode=mode, cpu_features=[] if own is None else sorted(own.given))
    found = cpu_refusal(moved, own, target)
    assert (found is None) if says is None else says in str(found)


def test_a_vm_that_is_started_anew_gets_the_cpu_of_its_target() -> None:
    moved = vm("a", cpu_mode="host-passthrough", cpu_features=["umip"], policy=Policy(evacuation="offline"))
    assert cpu_refusal(moved, RICH, POOR) is None
