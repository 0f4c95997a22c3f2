# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree

from .samples import adopted


def changed(params: dict[str, t.Any], root: tree.Element) -> tree.Element:
    text = convergence.converge(root, None, params).definition
    return root if text is None else tree.parse(text)


def watchdogs(root: tree.Element) -> list[tuple[str | None, str | None]]:
    return [(device.get("model"), device.get("action")) for device in tree.devices(root, "watchdog")]


BUILT_IN = "<domain><devices><watchdog model='itco' action='reset'/></devices></domain>"
BOTH = "<domain><devices><watchdog model='itco' action='reset'/><watchdog model='i6300esb' action='reset'/></devices></domain>"


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (BUILT_IN, {"model": "i6300esb"}, [("itco", "reset"), ("i6300esb", "reset")]),
        (BUILT_IN, {"model": "i6300esb", "action": "pause"}, [("itco", "pause"), ("i6300esb", "pause")]),
        (BUILT_IN, {"model": "none"}, [("itco", "reset")]),
        (BUILT_IN, {"model": "itco"}, [("itco", "reset")]),
        (BOTH, {"model": "none"}, [("itco", "reset")]),
        (BOTH, {"model": "i6300esb"}, [("itco", "reset"), ("i6300esb", "reset")]),
        (BOTH, {"model": "itco"}, [("itco", "reset")]),
        (BOTH, {"model": "ib700"}, [("itco", "reset"), ("ib700", "reset")]),
        ("<domain/>", {"model": "itco", "action": "dump"}, [("itco", "dump")]),
    ],
)
def test_a_watchdog_beside_the_one_of_the_machine(
    before: str, wanted: dict[str, str], after: list[tuple[str, str]]
) -> None:
    root = changed({"watchdog": wanted}, tree.parse(before))
    assert watchdogs(root) == after
    assert not convergence.converge(root, None, {"watchdog": wanted}).changes


def test_input_devices_of_the_machine_are_left_alone() -> None:
    root = adopted()
    tree.add_device(root, "input").attrib.update({"type": "keyboard", "bus": "ps2"})
    wanted: dict[str, t.Any] = {"inputs": [{"type": "tablet"}], "purge": ["inputs"]}
    after = changed(wanted, root)
    assert [(device.get("type"), device.get("bus")) for device in tree.devices(after, "input")] == [
        ("keyboard", "ps2"),
        ("tablet", "usb"),
    ]
    gone = changed({**wanted, "inputs": []}, after)
    assert [device.get("bus") for device in tree.devices(gone, "input")] == ["ps2"]


def test_another_card_does_not_keep_the_memory_of_the_old_one() -> None:
    root = tree.parse("<domain><devices><video><model type='qxl' ram='65536'/><address/></video></devices></domain>")
    video = changed({"video": {"model": "virtio"}}, root).find("devices/video")
    assert video is not None
    assert [(part.tag, part.attrib) for part in video] == [("model", {"type": "virtio"})]
