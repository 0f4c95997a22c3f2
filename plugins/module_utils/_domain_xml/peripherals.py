# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Small devices: video card, input devices, watchdog, panic notifier.

Source: https://libvirt.org/formatdomain.html#devices
"""

from __future__ import annotations

import typing as t

from .devices import Devices, always, by_key
from .option import Entry, Group, Option, Scalar
from .tree import Element, add_device, attribute, devices, drop, ensure

VIDEO_MODELS = ("none", "vga", "cirrus", "virtio", "qxl", "bochs", "ramfb")
WATCHDOG_MODELS = ("none", "i6300esb", "itco", "ib700", "diag288")
WATCHDOG_ACTIONS = ("reset", "shutdown", "poweroff", "pause", "dump", "inject-nmi", "none")
INPUTS = ("tablet", "keyboard", "mouse")
INPUT_BUSES = ("usb", "virtio")
_BUILT_IN = "itco"
"""A watchdog that libvirt 9.1 and newer adds to each VM of machine q35, and adds again if it is removed."""


def _put_video_model(root: Element, kind: str) -> None:
    video = ensure(root, "devices/video")
    drop(video, "model")  # its memory and heads are those of another card
    drop(video, "address")
    drop(video, "driver")
    ensure(video, "model").set("type", kind)


def _inputs(root: Element) -> list[Element]:
    """Return the input devices that somebody asked for: libvirt adds those of PS/2 by itself."""
    return [device for device in devices(root, "input") if device.get("bus") in INPUT_BUSES]


def _new_input(root: Element, _entry: Entry, _place: int) -> Element:
    return add_device(root, "input")


def _put_input_bus(device: Element, bus: str) -> None:
    device.set("bus", bus)
    drop(device, "address")  # of the other bus


def _watchdog(root: Element) -> Element | None:
    """Return the watchdog that somebody chose, else the one that came with the machine."""
    found = sorted(devices(root, "watchdog"), key=lambda device: device.get("model") == _BUILT_IN)
    return found[0] if found else None


def _watchdog_model(root: Element) -> str:
    watchdog = _watchdog(root)
    return "none" if watchdog is None else watchdog.get("model", "none")


def _same_watchdog(current: str, wanted: str) -> bool:
    return current == wanted or (wanted == "none" and current == _BUILT_IN)


def _put_watchdog_model(root: Element, model: str) -> None:
    action = _watchdog_action(root)
    for device in devices(root, "watchdog"):
        if device.get("model") != _BUILT_IN:
            ensure(root, "devices").remove(device)
    if (model != "none" and _watchdog(root) is None) or model not in ("none", _BUILT_IN):
        add_device(root, "watchdog").attrib.update({"model": model, "action": action or "reset"})


def _watchdog_action(root: Element) -> str | None:
    watchdog = _watchdog(root)
    return None if watchdog is None else watchdog.get("action", "reset")


def _put_watchdog_action(root: Element, action: str) -> None:
    """All watchdogs of a VM have the same."""
    for device in devices(root, "watchdog"):
        device.set("action", action)


def _watchdog_problem(watchdog: Entry) -> str | None:
    return "without a watchdog there is no action" if watchdog["model"] == "none" and "action" in watchdog else None


def _put_panic(root: Element, wanted: bool) -> None:
    drop(root, "devices/panic")
    if wanted:
        add_device(root, "panic")


_WATCHDOG = (
    Scalar(
        "model", {"type": "str", "choices": list(WATCHDOG_MODELS), "required": True}, _watchdog_model,
        _put_watchdog_model, same=_same_watchdog,
    ),
    Scalar("action", {"type": "str", "choices": list(WATCHDOG_ACTIONS)}, _watchdog_action, _put_watchdog_action),
)  # fmt: skip

_INPUT: tuple[Option, ...] = (
    Scalar(
        "type", {"type": "str", "choices": list(INPUTS), "required": True}, lambda device: device.get("type"),
        lambda device, kind: device.set("type", kind),
    ),
    Scalar(
        "bus", {"type": "str", "choices": list(INPUT_BUSES)}, lambda device: device.get("bus"), _put_input_bus,
        initial=lambda _entry: "usb",
    ),
)  # fmt: skip


def _input_type(device: Element) -> t.Optional[str]:
    return device.get("type")


OPTIONS: tuple[Option, ...] = (
    Group(
        "video",
        (
            Scalar(
                "model", {"type": "str", "choices": list(VIDEO_MODELS), "required": True},
                lambda root: attribute(root, "devices/video/model", "type"), _put_video_model,
            ),
        ),
    ),
    Devices(
        "inputs", "type", _INPUT, _inputs, by_key(_input_type, "type"), _new_input, hotplug=always,
    ),
    Group("watchdog", _WATCHDOG, problem=_watchdog_problem),
    Scalar("panic", {"type": "bool"}, lambda root: root.find("devices/panic") is not None, _put_panic),
)  # fmt: skip
