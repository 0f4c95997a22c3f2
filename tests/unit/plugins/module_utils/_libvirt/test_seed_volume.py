# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image itself; that libvirt stores it and a guest has it is tested on the lab."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import seed_volume

FILES = {
    "user-data": "#cloud-config\nhostname: ü\n".encode(),
    "meta-data": b"instance-id: a\n",
    "network-config": b"x" * 5000,
}


@pytest.mark.parametrize("files", [FILES, {"user-data": b"", "meta-data": b"a"}])
def test_an_image_has_the_files_that_were_put_into_it(files: dict[str, bytes]) -> None:
    assert seed_volume.content(seed_volume.image(files)) == files


def test_cloud_init_knows_it_by_its_label() -> None:
    primary_volume = 16 * 2048
    assert seed_volume.image(FILES)[primary_volume + 40 : primary_volume + 72].rstrip() == b"cidata"


@pytest.mark.parametrize("data", [b"", b"x" * 4096, b"\0" * 400_000])
def test_what_is_no_image_is_told_apart(data: bytes) -> None:
    assert seed_volume.content(data) is None


def test_half_an_image_is_not_the_whole() -> None:
    data = seed_volume.image(FILES)
    broken = data[: len(data) // 2] + b"\0" * (len(data) - len(data) // 2)
    assert seed_volume.content(broken) != FILES
