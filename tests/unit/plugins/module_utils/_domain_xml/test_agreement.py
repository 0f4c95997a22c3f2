# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that do not fit together."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

from .samples import adopted, created


@pytest.mark.parametrize(
    ("params", "xml", "contradicted"),
    [
        (
            {"memory_mib": 512},
            "<memory unit='MiB'>2048</memory><currentMemory unit='MiB'>2048</currentMemory>",
            "memory_mib",
        ),
        ({"virt_type": "qemu"}, None, "virt_type"),
        (
            {"rng": False},
            "<devices><rng model='virtio'><backend model='random'>/dev/random</backend></rng></devices>",
            "rng",
        ),
        (
            {"disks": [{"target": "vda", "cache": "none"}]},
            "<devices><disk><driver cache='unsafe'/><target dev='vda'/></disk></devices>",
            "disks[vda].cache",
        ),
        (
            {"disks": [], "purge": ["disks"]},
            "<devices><disk type='file'><source file='/a'/><target dev='vdb'/></disk></devices>",
            "disks[vdb]",
        ),
        ({"labels": {}}, "<metadata><other xmlns='urn:x'/></metadata>", None),
    ],
)
def test_an_overlay_does_not_contradict_another_option(
    params: dict[str, t.Any], xml: str | None, contradicted: str | None
) -> None:
    wanted = {**params, "xml": "<domain type='kvm'/>" if xml is None else f"<domain>{xml}</domain>"}
    if contradicted is None:
        assert convergence.converge(adopted(), None, wanted).definition
        return
    with pytest.raises(InvalidInputError) as caught:
        convergence.converge(adopted(), None, wanted)
    assert f"contradicts {contradicted}" in caught.value.message


def test_a_new_vm_is_checked_too() -> None:
    cells = [{"id": 0, "cpus": "0", "memory_mib": 32}]
    with pytest.raises(InvalidInputError, match="32 MiB of memory, and the VM 64 MiB"):
        created({"memory_mib": 64, "numa": {"cells": cells}})
    with pytest.raises(InvalidInputError, match="contradicts vcpus"):
        created({"memory_mib": 64, "vcpus": 1, "xml": "<domain><vcpu>2</vcpu></domain>"})
    assert created({"memory_mib": 32, "numa": {"cells": cells}}).find("cpu/numa/cell") is not None


def test_a_vm_that_was_odd_before_is_left_alone() -> None:
    text = "<domain><memory>4</memory><cpu><numa><cell id='0' cpus='0' memory='2'/></numa></cpu></domain>"
    assert not convergence.converge(tree.parse(text), None, {"numa": {"nodeset": ""}}).changes


def test_a_boot_order_outlives_the_disk_that_held_it() -> None:
    params = {"boot": ["disk"], "disks": [{"target": "vdb", "path": "/dev/b"}], "purge": ["disks"]}
    text = convergence.converge(adopted(), None, params).definition
    assert text is not None
    assert not convergence.converge(tree.parse(text), None, params).changes
