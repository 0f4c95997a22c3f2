# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree

from .samples import adopted, created


def disk(content: str) -> tree.Element:
    return tree.parse(f"<domain><devices><disk><target dev='vda'/>{content}</disk></devices></domain>")


def limits(root: tree.Element, wanted: dict[str, int]) -> dict[str, str | None]:
    text = convergence.converge(root, None, {"disks": [{"target": "vda", "iotune": wanted}]}).definition
    return {found.tag: found.text for found in tree.parse(text or "").iterfind("devices/disk/iotune/*")}


OLD = "<iotune><total_bytes_sec>9</total_bytes_sec><total_bytes_sec_max>99</total_bytes_sec_max><read_iops_sec>7</read_iops_sec></iotune>"


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        ({"total_bytes_sec": 8}, {"total_bytes_sec": "8", "total_bytes_sec_max": "99", "read_iops_sec": "7"}),
        ({"write_bytes_sec": 8}, {"read_iops_sec": "7", "write_bytes_sec": "8"}),
        ({"write_bytes_sec": 8, "total_bytes_sec": 0}, {"read_iops_sec": "7", "write_bytes_sec": "8"}),
        ({"total_bytes_sec": 0}, {"read_iops_sec": "7"}),
        ({"total_bytes_sec": 0, "read_iops_sec": 0}, {}),
    ],
)
def test_limits_of_one_direction_and_of_both_replace_each_other(wanted: dict[str, int], after: dict[str, str]) -> None:
    assert limits(disk(OLD), wanted) == after


def test_all_limits_go_in_one_call_with_what_is_not_named() -> None:
    root = disk(OLD)
    (step,) = convergence.converge(root, root, {"disks": [{"target": "vda", "iotune": {"read_iops_sec": 0}}]}).steps
    target, pairs = step.argument
    assert target == "vda"
    assert {name: value for name, value in pairs if value} == {"total_bytes_sec": 9, "total_bytes_sec_max": 99}


@pytest.mark.parametrize(
    ("wanted", "controllers"),
    [
        ({"disks": [{"target": "sda", "path": "/dev/a", "bus": "scsi"}]}, ["virtio-scsi"]),
        ({"cdroms": [{"target": "sda", "path": "", "bus": "scsi"}]}, ["virtio-scsi"]),
        ({"disks": [{"target": "sda", "path": "/dev/a"}]}, []),
    ],
)
def test_scsi_disks_get_a_controller(wanted: dict[str, t.Any], controllers: list[str]) -> None:
    root = created({"memory_mib": 1, **wanted})
    found = [device for device in tree.devices(root, "controller") if device.get("type") == "scsi"]
    assert [device.get("model") for device in found] == controllers


def test_a_controller_that_is_there_stays() -> None:
    root = adopted()
    tree.add_device(root, "controller").attrib.update({"type": "scsi", "model": "lsilogic"})
    wanted = {"disks": [{"target": "sdb", "path": "/dev/b", "bus": "scsi"}]}
    text = convergence.converge(root, None, wanted).definition
    assert text is not None
    assert "virtio-scsi" not in text


def test_threads_that_are_taken_away_lose_their_numbers() -> None:
    root = tree.parse(
        "<domain><iothreads>3</iothreads><iothreadids><iothread id='2'/><iothread id='4'/><iothread id='6'/></iothreadids></domain>"
    )
    after = tree.parse(convergence.converge(root, None, {"iothreads": 2}).definition or "")
    assert [found.get("id") for found in after.iterfind("iothreadids/iothread")] == ["2", "4"]
    none = tree.parse(convergence.converge(root, None, {"iothreads": 0}).definition or "")
    assert list(none) == []
