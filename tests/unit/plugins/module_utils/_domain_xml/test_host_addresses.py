# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import host_addresses, tree


@pytest.mark.parametrize(
    ("name", "kind", "normal"),
    [
        ("0000:65:00.0", "pci", "0000:65:00.0"),
        ("0000:AF:1f.7", "pci", "0000:af:1f.7"),
        ("046D:c52b", "usb", "046d:c52b"),
        ("001.004", "usb", "1.4"),
        ("C2177883-F1BB-47F0-914D-32A22E3A8804", "mdev", "c2177883-f1bb-47f0-914d-32a22e3a8804"),
    ],
)
def test_names_round_trip(name: str, kind: str, normal: str) -> None:
    source = tree.parse("<source><address uuid='x'/><vendor id='1'/></source>")
    host_addresses.write(source, name)
    assert host_addresses.kind(name) == kind
    assert host_addresses.read(source) == normal == host_addresses.normal(name)


@pytest.mark.parametrize(
    "name", ["", "65:00.0", "0000:65:00.8", "0000:65:00", "46d:c52b", "1.4.5", "-rf", "a;b", "0000:65:00.0\n"]
)
def test_what_is_no_name(name: str) -> None:
    assert host_addresses.kind(name) is None


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("<source><vendor id='0x046d'/><product id='0xc52b'/><address bus='1' device='4'/></source>", "046d:c52b"),
        (
            "<source><address type='pci' domain='0x0000' bus='0x0a' slot='0x10' function='0x2'/></source>",
            "0000:0a:10.2",
        ),
        ("<source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source>", None),
        ("<source/>", None),
    ],
)
def test_reading_what_libvirt_writes(source: str, name: str | None) -> None:
    assert host_addresses.read(tree.parse(source)) == name
