# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import Storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_obstacles_xml import obstacles

from .samples import adopted, created

MANY = [{"device": name} for name in ("0000:65:00.0", "046d:c52b", "1.4", "c2177883-f1bb-47f0-914d-32a22e3a8804")]


def test_each_kind_is_written_as_libvirt_wants_it() -> None:
    pci, product, place, mediated = created({"memory_mib": 1, "hostdevs": MANY}).iterfind("devices/hostdev")
    assert pci.attrib == {"mode": "subsystem", "type": "pci", "managed": "yes"}
    assert tree.attribute(pci, "source/address", "bus") == "0x65"
    assert product.attrib == place.attrib == {"mode": "subsystem", "type": "usb"}
    assert tree.attribute(product, "source/vendor", "id") == "0x046d"
    assert tree.attribute(place, "source/address", "device") == "4"
    assert mediated.attrib == {"mode": "subsystem", "type": "mdev", "model": "vfio-pci"}


def test_only_a_pci_device_is_said_to_be_managed() -> None:
    with pytest.raises(InvalidInputError, match="only a PCI device"):
        convergence.check({"hostdevs": [{"device": "046d:c52b", "managed": True}]})


def test_purging_takes_the_others_away_and_leaves_what_is_not_modelled() -> None:
    root = created({"memory_mib": 1, "hostdevs": MANY})
    other = tree.add_device(root, "hostdev")
    other.attrib.update({"mode": "subsystem", "type": "scsi"})
    result = convergence.converge(root, root, {"hostdevs": [MANY[1]], "purge": ["hostdevs"]})
    assert [change.path for change in result.changes] == [
        f"hostdevs[{entry['device']}]" for entry in MANY if entry is not MANY[1]
    ]
    assert [step.call for step in result.steps] == ["detach"] * 3
    assert result.definition is not None
    assert [device.get("type") for device in tree.parse(result.definition).iterfind("devices/hostdev")] == [
        "usb",
        "scsi",
    ]


PAIR = [
    {"mac": "52:54:00:00:00:09", "network": "n", "alias": "ua-p", "teaming": {"type": "persistent"}},
    {"mac": "52:54:00:00:00:09", "pci": "0000:65:10.1", "teaming": {"type": "transient", "persistent": "ua-p"}},
]


def test_devices_of_the_host_keep_a_vm_where_it_is() -> None:
    root = created({"memory_mib": 1, "hostdevs": MANY, "interfaces": [{"pci": "0000:65:10.2"}]})
    found = obstacles(root, Storage(machine_id="m1"))
    assert [sentence for sentence in found if "belongs to this host" in sentence] == found
    for entry in MANY:
        assert any(entry["device"] in sentence for sentence in found)
    assert any("pci 0000:65:10.2" in sentence for sentence in found)


def test_a_pair_of_interfaces_does_not() -> None:
    assert obstacles(created({"memory_mib": 1, "interfaces": PAIR}), Storage(machine_id="m1")) == []


def test_the_two_of_a_pair_are_told_apart_though_they_have_one_address() -> None:
    convergence.check({"interfaces": PAIR})
    root = created({"memory_mib": 1, "interfaces": PAIR})
    assert not convergence.converge(root, root, {"interfaces": PAIR}).changes
    moved = [PAIR[0], {**PAIR[1], "pci": "0000:65:10.7"}]
    changes = list(convergence.converge(root, None, {"interfaces": moved}).changes)
    assert [change.path for change in changes] == ["interfaces[52:54:00:00:00:09 transient].pci"]
    with pytest.raises(InvalidInputError, match="named twice"):
        convergence.check({"interfaces": [PAIR[0], PAIR[0]]})


def test_an_interface_that_exists_can_become_one_of_a_pair() -> None:
    wanted = {"interfaces": [{"mac": "52:54:00:00:00:02", "alias": "ua-p", "teaming": {"type": "persistent"}}]}
    text = convergence.converge(adopted(), None, wanted).definition
    assert text is not None
    assert len(tree.devices(tree.parse(text), "interface")) == 2
