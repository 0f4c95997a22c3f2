# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The TPM of a VM, emulated by swtpm on the host, or none.

Source: https://libvirt.org/formatdomain.html#tpm-device
"""

from __future__ import annotations

from .option import Entry, Group, Option, Scalar
from .tree import Element, add_device, attribute, drop, ensure, set_attribute

VERSIONS = ("1.2", "2.0", "none")
MODELS = ("crb", "tis", "spapr")


def _backend(root: Element) -> Element | None:
    """Return the emulator of the TPM; one of the host's that is passed through has no version of ours."""
    found = root.find("devices/tpm/backend")
    return found if found is not None and found.get("type") == "emulator" else None


def _version(root: Element) -> str | None:
    if root.find("devices/tpm") is None:
        return "none"
    backend = _backend(root)
    return None if backend is None else backend.get("version")


def _put_version(root: Element, version: str) -> None:
    if version == "none":
        drop(root, "devices/tpm")
        return
    device = root.find("devices/tpm")
    if device is None:
        device = add_device(root, "tpm")
    if _backend(root) is None:
        drop(device, "backend")
        ensure(device, "backend").set("type", "emulator")
    ensure(device, "backend").set("version", version)
    if version == "1.2" and device.get("model") == "tpm-crb":
        device.set("model", "tpm-tis")  # CRB came with 2.0
    if version == "1.2":
        drop(device, "backend/active_pcr_banks")  # which came with 2.0, too


def _model(root: Element) -> str | None:
    model = attribute(root, "devices/tpm", "model")
    return None if model is None else model.removeprefix("tpm-")


def _put_model(root: Element, model: str) -> None:
    ensure(root, "devices/tpm").set("model", f"tpm-{model}")


def _persistent(root: Element) -> bool | None:
    backend = _backend(root)
    return None if backend is None else backend.get("persistent_state") == "yes"


def _put_persistent(root: Element, wanted: bool) -> None:
    backend = ensure(root, "devices/tpm/backend")
    set_attribute(backend, "persistent_state", "yes" if wanted else None)


def _problem(tpm: Entry) -> str | None:
    if tpm["version"] == "none" and len(tpm) > 1:
        return "version none takes no other option"
    return "model crb needs version 2.0" if tpm["version"] == "1.2" and tpm.get("model") == "crb" else None


OPTIONS: tuple[Option, ...] = (
    Group(
        "tpm",
        (
            Scalar("version", {"type": "str", "choices": list(VERSIONS), "required": True}, _version, _put_version),
            Scalar("model", {"type": "str", "choices": list(MODELS)}, _model, _put_model),
            Scalar("persistent_state", {"type": "bool"}, _persistent, _put_persistent),
        ),
        problem=_problem,
    ),
)  # fmt: skip
