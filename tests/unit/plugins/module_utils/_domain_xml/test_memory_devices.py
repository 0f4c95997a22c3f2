# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory devices: what is written for them, and what a running VM takes."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.pending import pending
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

from .test_memory import DIMM, VIRTIO, after, vm


def test_a_device_that_gives_and_takes() -> None:
    root = after(vm(), memory_devices=[{"name": "m2", "model": "virtio-mem", "size_mib": 512, "requested_mib": 64}])
    (device,) = tree.devices(root, "memory")
    assert [part.tag for part in device.iterfind("target/*")] == ["size", "node", "block", "requested"]
    assert tree.attribute(device, "alias", "name") == "ua-m2"


def test_what_is_requested_changes_in_the_running_vm() -> None:
    definition = vm(VIRTIO.format(current=""), 704, 704)
    running = vm(VIRTIO.format(current="<current unit='MiB'>30</current>"), 704, 222)
    params = {"memory_mib": 192, "memory_devices": [{"name": "m2", "requested_mib": 256}]}
    result = convergence.converge(definition, running, params)
    (step,) = result.steps
    assert step.call == "update"
    assert "262144</requested>" in step.argument
    assert result.waiting == ()


def test_what_is_requested_waits_with_the_model_that_gives_it() -> None:
    params = {"memory_devices": [{"name": "m1", "model": "virtio-mem", "requested_mib": 64}]}
    result = convergence.converge(vm(DIMM, 320, 320), vm(DIMM, 320, 320), params)
    waiting = ["memory_devices[m1].model", "memory_devices[m1].requested_mib"]
    assert (result.steps, list(result.waiting)) == ({}, waiting)
    assert pending(vm(DIMM, 320, 320), tree.parse(result.definition or "")) == waiting


def test_a_module_goes_out_of_the_running_vm() -> None:
    both = vm(DIMM, 320, 320)
    result = convergence.converge(both, both, {"memory_devices": [], "purge": ["memory_devices"]})
    assert [step.call for step in result.steps] == ["detach"]


def test_one_that_its_owner_gave_no_name_is_told_and_kept() -> None:
    root = vm(DIMM.replace("ua-m1", "dimm0"), 320, 320)
    assert convergence.options_of(root)["memory_devices"] == [{"model": "dimm", "size_mib": 128, "node": 0}]
    more = after(root, memory_devices=[{"name": "m1", "size_mib": 128}])
    assert len(tree.devices(more, "memory")) == 2


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"name": "new"}, r"memory_devices\[new\]: a new one needs size_mib"),
        ({"name": "m1", "requested_mib": 64}, "the model dimm gives all"),
    ],
)
def test_what_is_refused(entry: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        after(vm(DIMM, 320, 320), memory_devices=[entry])
