# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What libvirt's drivers cannot do to a VM."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.images import Copy, Image
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.option import LiveStep
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.volumes import VolumeStep
from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnsupportedError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.driver_limits import cannot, check

ATTACH = {LiveStep("attach", "<disk/>"): ("disks[vdb]", "disks[vdc]")}
GROW = VolumeStep("grow", "pool", "a", 2**30, None, "vda")
FILE = Copy("a", Image("/srv/a", "raw", 2**20), "copy", 2**20, "raw")
UPLOAD = VolumeStep("create", "pool", "a", 2**20, "raw", "vda", FILE)


@pytest.mark.parametrize(
    ("live", "volumes", "power", "mode", "said"),
    [
        (ATTACH, (), (), "auto", r"disks\[vdb\], disks\[vdc\] needs it to attach devices"),
        ({}, (GROW,), (), "auto", r"disks\[vda\] needs it to grow volumes"),
        ({}, (UPLOAD,), (), "auto", r"disks\[vda\] needs it to write into volumes"),
        ({}, (), ("start_paused",), "auto", "state needs it to start a VM paused"),
        ({}, (), ("shutdown",), "agent", "by its guest agent alone"),
        ({LiveStep("attach", "<disk/>", uncertain=True): ("disks[vdb]",)}, (), (), "auto", None),
        ({LiveStep("memory", 1): ("memory_mib",)}, (), ("start",), "agent", None),
    ],
)
def test_check(
    live: dict[LiveStep, tuple[str, ...]],
    volumes: tuple[VolumeStep, ...],
    power: tuple[str, ...],
    mode: str,
    said: str | None,
) -> None:
    for driver in ("QEMU", "unheard of"):
        check(driver, "web", live=live, volumes=volumes, power=power, shutdown_mode=mode)
    if said is None:
        check("TEST", "web", live=live, volumes=volumes, power=power, shutdown_mode=mode)
        return
    with pytest.raises(UnsupportedError, match=f"^VM 'web': .*{said}"):
        check("TEST", "web", live=live, volumes=volumes, power=power, shutdown_mode=mode)


def test_a_driver_that_cannot_write_into_volumes() -> None:
    def look(driver: str) -> None:
        check(driver, "web", live={}, volumes=(), uploads=["cloud_init"], power=(), shutdown_mode="auto")

    look("QEMU")
    with pytest.raises(UnsupportedError, match=r"^VM 'web': cloud_init needs it to write into volumes"):
        look("TEST")


def test_cannot() -> None:
    assert cannot("QEMU") == []
    assert "start a VM paused" in cannot("TEST")
