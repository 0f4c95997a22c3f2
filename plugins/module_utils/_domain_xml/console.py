# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a person, or an agent, reaches a VM without its network: graphics, serial consoles, guest agent; and its entropy.

Source: https://libvirt.org/formatdomain.html#devices
"""

from __future__ import annotations

import re
import typing as t

from .devices import Devices, by_key
from .option import Entry, Group, LiveStep, Option, Scalar, unset_is, within
from .tree import (
    Element,
    add_device,
    attribute,
    devices,
    drop,
    ensure,
    integer,
    serialize,
    set_attribute,
)

GRAPHICS = ("none", "vnc", "spice")
CONSOLES = ("pty", "file", "unix", "null")
AGENT = "org.qemu.guest_agent.0"
ENTROPY = "/dev/urandom"


def _graphics(root: Element) -> Element | None:
    return root.find("devices/graphics")


def _graphics_type(root: Element) -> str | None:
    device = _graphics(root)
    return "none" if device is None else device.get("type")


def _put_graphics_type(root: Element, kind: str) -> None:
    if kind == "none":
        drop(root, "devices/graphics")
        return
    device = _graphics(root)
    if device is None:
        device = add_device(root, "graphics")
        device.set("autoport", "yes")
    device.set("type", kind)


def _graphics_problem(graphics: Entry) -> str | None:
    return "type none takes no other option" if graphics["type"] == "none" and len(graphics) > 1 else None


def _graphics_listen(root: Element) -> str | None:
    device = _graphics(root)
    return None if device is None else attribute(device, "listen", "address") or device.get("listen")


def _listen_problem(address: str) -> str | None:
    """libvirt writes it into XML without escaping it."""
    fine = re.fullmatch("[a-zA-Z0-9_.:%-]+", address)
    return None if fine else f"{address!r} is neither an address nor the name of a host"


def _put_graphics_listen(root: Element, address: str) -> None:
    device = ensure(root, "devices/graphics")
    drop(device, "listen")
    device.set("listen", address)


def _graphics_port(root: Element) -> int | None:
    device = _graphics(root)
    if device is None:
        return None
    return 0 if device.get("autoport") == "yes" else max(0, integer(device.get("port")) or 0)


def _put_graphics_port(root: Element, port: int) -> None:
    device = ensure(root, "devices/graphics")
    device.set("port", str(port or -1))
    device.set("autoport", "no" if port else "yes")


def _graphics_password(root: Element) -> str | None:
    device = _graphics(root)
    return None if device is None else device.get("passwd")


def _put_graphics_password(root: Element, password: str) -> None:
    device = _graphics(root)
    if device is not None:
        device.set("passwd", password)


def _graphics_step(running: Element) -> LiveStep | None:
    device = _graphics(running)
    return None if device is None else LiveStep("update", serialize(device))


def _consoles(root: Element) -> list[Element]:
    return devices(root, "serial")


def _console_port(serial: Element) -> int:
    return integer(attribute(serial, "target", "port")) or 0


def _new_console(root: Element, _entry: Entry, _place: int) -> Element:
    serial = add_device(root, "serial")
    serial.set("type", "pty")
    return serial


def _put_console_type(serial: Element, kind: str) -> None:
    serial.set("type", kind)
    drop(serial, "source")


def _put_console_path(serial: Element, path: str) -> None:
    source = ensure(serial, "source")
    source.set("path", path)
    if serial.get("type") == "unix":
        source.set("mode", "bind")


def _forget_consoles(root: Element) -> None:
    """libvirt shows the first serial port a second time as a console, and makes that one anew."""
    for console in devices(root, "console"):
        if attribute(console, "target", "type") in (None, "serial"):
            ensure(root, "devices").remove(console)


def _put_console_log(serial: Element, path: str) -> None:
    drop(serial, "log")
    if path:
        ensure(serial, "log").attrib.update({"file": path, "append": "on"})


def _console_problem(entry: Entry) -> str | None:
    needs = entry.get("type") in ("file", "unix") and not entry.get("path")
    return f"a console of type {entry['type']} needs a path" if needs else None


def _first_consoles(_wanted: Entry) -> list[dict[str, t.Any]]:
    return [{"port": 0, "type": "pty"}]


def _agents(root: Element) -> list[Element]:
    return [device for device in devices(root, "channel") if attribute(device, "target", "name") == AGENT]


def _put_agent(root: Element, wanted: bool) -> None:
    for device in _agents(root):
        ensure(root, "devices").remove(device)
    if wanted:
        channel = add_device(root, "channel")
        channel.set("type", "unix")
        ensure(channel, "target").attrib.update({"type": "virtio", "name": AGENT})


def _put_rng(root: Element, wanted: bool) -> None:
    drop(root, "devices/rng")
    if wanted:
        rng = add_device(root, "rng")
        rng.set("model", "virtio")
        backend = ensure(rng, "backend")
        set_attribute(backend, "model", "random")
        backend.text = ENTROPY


_GRAPHICS = (
    Scalar("type", {"type": "str", "choices": list(GRAPHICS), "required": True}, _graphics_type, _put_graphics_type),
    Scalar("listen", {"type": "str"}, _graphics_listen, _put_graphics_listen, problem=_listen_problem),
    Scalar("port", {"type": "int"}, _graphics_port, _put_graphics_port, problem=within(0, 65535)),
    Scalar(
        "password", {"type": "str"}, _graphics_password, _put_graphics_password, step=_graphics_step, secret=True,
    ),
)  # fmt: skip

_CONSOLES = (
    Scalar(
        "port", {"type": "int", "required": True}, _console_port,
        lambda serial, value: ensure(serial, "target").set("port", str(value)), problem=within(0, 3),
    ),
    Scalar(
        "type", {"type": "str", "choices": list(CONSOLES)}, lambda serial: serial.get("type"), _put_console_type,
        initial=lambda _entry: "pty",
    ),
    Scalar("path", {"type": "path"}, lambda serial: attribute(serial, "source", "path"), _put_console_path),
    Scalar(
        "log", {"type": "str"}, lambda serial: attribute(serial, "log", "file"), _put_console_log,
        same=unset_is(""),
    ),
)  # fmt: skip

OPTIONS: tuple[Option, ...] = (
    Group("graphics", _GRAPHICS, problem=_graphics_problem),
    Devices(
        "consoles", "port", _CONSOLES, _consoles, by_key(_console_port, "port"), _new_console,
        problem=_console_problem, initial=_first_consoles, written=_forget_consoles,
    ),
    Scalar("guest_agent", {"type": "bool"}, lambda root: bool(_agents(root)), _put_agent),
    Scalar(
        "rng", {"type": "bool"}, lambda root: root.find("devices/rng") is not None, _put_rng,
        initial=lambda _wanted: True,
    ),
)  # fmt: skip
