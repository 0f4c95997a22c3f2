# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmark of an evacuation gives its VMs, and what it says of what it has measured."""

from __future__ import annotations

import re

import pytest

from ansible_collections.evergreen.virt.tests.bench import curve, evacuation


@pytest.mark.parametrize("content", [b"", b"a", b"four", bytes(range(256)) * 33])
def test_an_archive_as_the_kernel_reads_it(content: bytes) -> None:
    """https://docs.kernel.org/driver-api/early-userspace/buffer-format.html"""
    data, found = evacuation.archive("ballast", content), {}
    while data:
        assert data[:6] == b"070701"
        fields = [int(data[6 + 8 * index : 14 + 8 * index], 16) for index in range(13)]
        size, length = fields[6], fields[11]
        name = data[110 : 110 + length]
        start = (110 + length + 3) // 4 * 4
        found[name] = data[start : start + size]
        data = data[(start + size + 3) // 4 * 4 :]
    assert found == {b"ballast\0": content, b"TRAILER!!!\0": b""}


def test_each_vm_has_an_address_of_its_own_and_memory_that_qemu_moves() -> None:
    """An emulated VM loses writes when it moves, unless its memory is no multiple of 256 KiB."""
    vms = evacuation.fleet()["fleet_vms"]
    assert len({vm["cmdline"] for vm in vms}) == len(vms) == evacuation.COUNT + 1
    size = int(vms[0]["qemu_arguments"][-1].removesuffix("K"))
    assert size % 256
    assert size >= 1024 * vms[0]["memory_mib"]


def nothing() -> None:
    """Empty no host."""


def test_a_row_holds_the_time_against_that_of_the_link() -> None:
    row = evacuation.row(evacuation.Side("ours", nothing), 50.0, 2_000_000_000, 120.4, 33.3)
    assert (row["seconds"], row["sent_mb"], row["times_the_link"]) == (50.0, 2000, 1.25)
    lines = evacuation.table([row]).splitlines()
    assert len(lines) == 3
    assert [cell.strip() for cell in lines[2].strip("|").split("|")] == [
        "ours",
        "50 s",
        "2000 MB",
        "1.25",
        "120 ms",
        "33 ms",
    ]


def test_the_picture_has_a_point_for_each_number_of_moves_at_a_time() -> None:
    sides = [evacuation.Side("ours", nothing, count) for count in (8, 1)] + [evacuation.Side("a loop", nothing)]
    rows = [evacuation.row(side, 40.0 * (number + 1), 10**9, 90.0, 30.0) for number, side in enumerate(sides)]
    picture = curve.svg(rows)
    texts = re.findall(r"([^<>]+)</text>", picture)
    assert texts == ["1 at a time", "8 at a time", "80 s", "40 s", "time", "90 ms", "90 ms", "worst gap"]
    assert "120 s" not in picture
