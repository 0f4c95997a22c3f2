# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who uses a volume, by whichever of its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.volume_users import keys, path_key, uses, writes

SAMPLES = Path(__file__).parent / "samples"


def vm(*disks: str) -> Element:
    return parse(f"<domain><devices>{''.join(disks)}</devices></domain>")


@pytest.mark.parametrize(
    ("sample", "pool", "name", "path", "expected"),
    [
        ("plain", "images", "x", "/var/lib/libvirt/images/plain.qcow2", True),
        ("plain", "images", "x", "/var/lib/libvirt/images/base.qcow2", True),
        ("plain", "images", "x", "/var/lib/libvirt/images/other.qcow2", False),
        ("rbd", "ceph", "web1-data", "vms/web1-data", True),
        ("rbd", "other", "web1", "vms/web1", True),
        ("uefi", "vg0", "data", "/dev/vg0/data", True),
    ],
)
def test_uses(sample: str, pool: str, name: str, path: str, expected: bool) -> None:
    root = parse((SAMPLES / f"vm_{sample}.xml").read_text(encoding="utf-8"))
    assert uses(root, keys(pool, name, path)) is expected


def test_a_snapshot_uses_what_its_vm_had() -> None:
    disk = "<disk><source pool='images' volume='a'/></disk>"
    root = parse(f"<domainsnapshot><domain><devices>{disk}</devices></domain></domainsnapshot>")
    assert uses(root, keys("images", "a", "/p/a"))
    assert not uses(root, keys("images", "b", "/p/b"))


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        ("<disk><source file='/p/a'/></disk>", True),
        ("<disk><source file='/p/a'/><readonly/></disk>", False),
        ("<disk device='cdrom'><source file='/p/a'/></disk>", False),
        ("<disk><source file='/p/b'/><backingStore><source file='/p/a'/></backingStore></disk>", False),
        ("<disk><source file=''/></disk>", False),
    ],
)
def test_writes(disk: str, expected: bool) -> None:
    assert writes(vm(disk), keys(None, None, "/p/a")) is expected


@pytest.mark.parametrize("attribute", ["file", "dev"])
@pytest.mark.parametrize("path", ["mapper/vg0-db1", "vg0/db1", "dm-3", "link/vg0/db1", "vg0//../vg0/./db1"])
def test_a_volume_by_another_path(tmp_path: Path, attribute: str, path: str) -> None:
    for folder in ("vg0", "mapper"):
        (tmp_path / folder).mkdir()
    (tmp_path / "dm-3").touch()
    for link, to in (("vg0/db1", "../dm-3"), ("mapper/vg0-db1", "../dm-3"), ("link", ".")):
        (tmp_path / link).symlink_to(to)
    root = vm(f"<disk><source {attribute}='{tmp_path}/{path}'/></disk>")
    known = keys("vg0", "db1", f"{tmp_path}/vg0/db1")
    assert uses(root, known)
    assert writes(root, known)
    assert not uses(root, keys("vg0", "db2", f"{tmp_path}/vg0/db2"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/none/a", "/none/a", True),
        ("/none/a", "/none/b", False),
        ("//none//a", "/none/a", True),
        ("vms/web1", "vms/web1", True),
        ("vms/web1", "/vms/web1", False),
        ("gluster://h/v/a", "gluster://h/v/a", True),
    ],
)
def test_path_key(one: str, other: str, same: bool) -> None:
    assert (path_key(one) == path_key(other)) is same
