# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who grows a volume; libvirt's own driver for tests grows none."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.volumes import VolumeStep
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import disks

STEP = VolumeStep("grow", "p", "v", 20, None, "vda")


class Host:
    """Connection, pool, volume and VM in one; notes by what the volume was grown."""

    def __init__(self) -> None:
        self.grown: list[tuple[str, t.Any, int]] = []

    def storagePoolLookupByName(self, _name: str) -> Host:  # noqa: N802 libvirt's name
        return self

    storageVolLookupByName = storagePoolLookupByName  # noqa: N815 libvirt's name

    def path(self) -> str:
        return "/p/v"

    def refresh(self) -> None:
        pass

    def resize(self, size: int) -> None:
        self.grown.append(("libvirt", "v", size))

    def blockResize(self, target: str, size: int, _flags: int) -> None:  # noqa: N802 libvirt's name
        self.grown.append(("QEMU", target, size))


@pytest.mark.parametrize(
    ("running", "by"),
    [
        (None, ("libvirt", "v", 20)),
        ("<disk type='volume'><source pool='p' volume='v'/></disk>", ("QEMU", "vda", 20)),
        ("<disk type='file'><source file='/p/v'/></disk>", ("QEMU", "vda", 20)),
        ("<disk type='volume'><source pool='p' volume='old'/></disk>", ("libvirt", "v", 20)),
        ("<disk type='file'><source file='/p/old'/></disk>", ("libvirt", "v", 20)),
    ],
)
def test_only_the_volume_that_is_meant_is_grown(running: str | None, by: tuple[str, str, int]) -> None:
    host = t.cast(t.Any, Host())
    in_use: dict[str | None, tree.Element] = {} if running is None else {"vda": tree.parse(running)}
    disks.perform(t.cast(libvirt.virConnect, host), [STEP], t.cast(libvirt.virDomain, host), in_use)
    assert host.grown == [by]
