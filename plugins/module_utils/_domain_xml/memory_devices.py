# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Memory that is plugged into a VM, also while it runs: modules of a fixed size, and devices that give and take (virtio-mem).

A device is known by the alias that its owner chose. Source: https://libvirt.org/formatdomain.html#memory-devices
"""

from __future__ import annotations

import re
import typing as t

from .._changes import ChangeSet
from .._errors import InvalidInputError
from . import memory_sizes
from .devices import Devices, always, update_step
from .option import Entry, LiveStep, Option, Scalar, within
from .tree import Element, add_device, attribute, devices, drop, ensure, integer, set_text, size_in_bytes, text

MODELS = ("dimm", "virtio-mem")

_MIB = 2**20
_MAX_MIB = 2**32
_BLOCK_MIB = 2
"""What QEMU plugs is a multiple of this: the size of a huge page on x86."""
_OWN_ALIAS = "ua-"
"""libvirt keeps aliases that begin so, and replaces others."""


class _MemoryDevices(Devices):
    """libvirt counts them into the VM's memory."""

    def write(self, root: Element, wanted: t.Any) -> None:
        before = memory_sizes.of_devices(root)
        super().write(root, wanted)
        _check_requested(root, wanted)
        memory_sizes.add(root, memory_sizes.of_devices(root) - before)

    def purge(self, root: Element, wanted: t.Any) -> ChangeSet:
        before = memory_sizes.of_devices(root)
        changes = super().purge(root, wanted)
        memory_sizes.add(root, memory_sizes.of_devices(root) - before)
        return changes


def _devices(root: Element) -> list[Element]:
    return [device for device in devices(root, "memory") if device.get("model") in MODELS]


def _name(device: Element) -> str | None:
    alias = attribute(device, "alias", "name") or ""
    return alias[len(_OWN_ALIAS) :] if alias.startswith(_OWN_ALIAS) else None


def _match(found: t.Sequence[Element], entries: t.Sequence[Entry]) -> list[Element | None]:
    """A user names all; those of a definition that have no name are compared with the running VM's in their order."""
    named = {_name(device): device for device in found}
    others = iter([device for device in found if _name(device) is None])
    return [named.get(entry["name"]) if entry.get("name") else next(others, None) for entry in entries]


def _name_problem(name: str) -> str | None:
    """The schema of libvirt allows these in an alias."""
    return None if re.fullmatch("[a-zA-Z0-9_-]+", name) else f"{name!r} is not made of letters, digits and _-"


def _called(entry: Entry) -> str:
    return str(entry.get("name") or "unnamed")


def _create(root: Element, entry: Entry, _place: int) -> Element:
    if entry.get("size_mib") is None:
        raise InvalidInputError(f"memory_devices[{entry['name']}]: a new one needs size_mib.")
    device = add_device(root, "memory")
    memory_sizes.write(ensure(device, "target"), "size", entry["size_mib"] * _MIB)
    set_text(device, "target/node", "0")
    return device


def _mib(device: Element, path: str) -> int | None:
    size = size_in_bytes(device.find(path))
    return None if size is None else size // _MIB


def _put_model(device: Element, model: str) -> None:
    device.set("model", model)
    target = ensure(device, "target")
    for part in ("block", "requested", "current"):
        drop(target, part)
    drop(device, "address")
    if model == "virtio-mem":
        memory_sizes.write(target, "block", _BLOCK_MIB * _MIB)
        memory_sizes.write(target, "requested", 0)


def _put_requested(device: Element, mib: int) -> None:
    memory_sizes.write(ensure(device, "target"), "requested", mib * _MIB)


def _requested_step(device: Element) -> LiveStep | None:
    return update_step(device) if _gives_in_parts(device) else None


def _gives_in_parts(device: Element) -> bool:
    return device.get("model") == "virtio-mem"


def _check_requested(root: Element, wanted: t.Sequence[Entry]) -> None:
    """This is asked of the definition: the running VM may have a device of another model until its next start."""
    for device, entry in zip(_match(_devices(root), wanted), wanted):
        if device is not None and entry.get("requested_mib") is not None and not _gives_in_parts(device):
            raise InvalidInputError(
                f"memory_devices[{_name(device)}].requested_mib: a device of the model {device.get('model')} gives all it has.",
                hint="Ask for the model virtio-mem.",
            )


def _blocks(mib: int) -> str | None:
    outside = within(0, _MAX_MIB, " MiB")(mib)
    return outside or (f"{mib} MiB are no multiple of {_BLOCK_MIB}" if mib % _BLOCK_MIB else None)


def _size_problem(mib: int) -> str | None:
    return _blocks(mib) if mib else "0 MiB are no memory"


def _problem(entry: Entry) -> str | None:
    size, requested = entry.get("size_mib"), entry.get("requested_mib")
    if requested is not None and size is not None and requested > size:
        return f"{requested} MiB are requested of {size}"
    return None


_ITEMS = (
    Scalar(
        "name", {"type": "str", "required": True}, _name,
        lambda device, name: ensure(device, "alias").set("name", _OWN_ALIAS + name), problem=_name_problem,
    ),
    Scalar(
        "model", {"type": "str", "choices": list(MODELS)}, lambda device: device.get("model"), _put_model,
        initial=lambda _entry: "dimm",
    ),
    Scalar(
        "size_mib", {"type": "int"}, lambda device: _mib(device, "target/size"),
        lambda device, mib: memory_sizes.write(ensure(device, "target"), "size", mib * _MIB), problem=_size_problem,
    ),
    Scalar(
        "node", {"type": "int"}, lambda device: integer(text(device, "target/node")),
        lambda device, node: set_text(device, "target/node", str(node)), problem=within(0, 127),
    ),
    Scalar(
        "requested_mib", {"type": "int"}, lambda device: _mib(device, "target/requested"), _put_requested,
        problem=_blocks, step=_requested_step,
    ),
)  # fmt: skip

OPTIONS: tuple[Option, ...] = (
    _MemoryDevices(
        "memory_devices", "name", _ITEMS, _devices, _match, _create, hotplug=always, problem=_problem,
        called=_called,
    ),
)  # fmt: skip
