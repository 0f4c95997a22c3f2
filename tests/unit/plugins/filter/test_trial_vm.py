# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small VM to try a host with, out of the facts of its cluster."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.filter.trial_vm import FilterModule

SINCE = "2026-11-01T12:00:00+00:00"
FACTS: dict[str, t.Any] = {
    name: {
        "hostname": name,
        "machine_id": f"id-{name}",
        "boot_id": "boot",
        "uri": "qemu:///system",
        "driver": "QEMU",
        "versions": {"libvirt": "9.0.0", "qemu": "7.2.22"},
        "capacity": {"memory_mib": 1000, "threads": 2, "arch": "x86_64", "virt_types": ["kvm"]},
    }
    for name in ("kvm1", "kvm2")
}


def test_where_it_comes_from_and_what_it_is() -> None:
    trial_vm = FilterModule().filters()["trial_vm"]
    options = {"virt_type": "kvm", "memory_mib": 32, "interfaces": []}
    assert trial_vm({**FACTS, "kvm3": {}}, "kvm2", memory_mib=32) == {"from": "kvm1", "options": options}
    assert trial_vm(FACTS, "kvm2", ["kvm1"])["from"] == ""


@pytest.mark.parametrize("facts", [{}, {"kvm2": {}}, {"kvm2": {"hostname": "kvm2"}}])
def test_a_host_without_facts_cannot_be_tried(facts: t.Any) -> None:
    with pytest.raises(AnsibleFilterError):
        FilterModule().filters()["trial_vm"](facts, "kvm2")


@pytest.mark.parametrize(("epoch", "source"), [(None, "kvm1"), (7, "kvm1"), (6, "")])
def test_a_host_that_was_given_to_a_newer_run_sends_nothing(epoch: int | None, source: str) -> None:
    facts = {
        **FACTS,
        "kvm1": {**FACTS["kvm1"], "lease": {"run_id": "cancelled-7", "epoch": 7, "since": SINCE, "seen": SINCE}},
    }
    assert FilterModule().filters()["trial_vm"](facts, "kvm2", epoch=epoch)["from"] == source
