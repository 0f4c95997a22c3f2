# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What the hypervisor offers or hides: features of the machine, and those that Windows knows from Hyper-V.

Source: https://libvirt.org/formatdomain.html#hypervisor-features
"""

from __future__ import annotations

from .._errors import InvalidInputError
from . import firmware
from .option import Entry, Group, Option, Scalar
from .tree import Element, attribute, drop, ensure, integer

HYPERV = (
    "relaxed", "vapic", "vpindex", "runtime", "synic", "stimer", "reset", "frequencies", "reenlightenment", "tlbflush",
    "ipi", "evmcs", "avic",
)  # fmt: skip

_FEWEST_SPINS = 4095
"""https://learn.microsoft.com/virtualization/hyper-v-on-windows/tlfs/feature-discovery"""
_MOST_SPINS = 2**31 - 1
"""libvirt writes a larger number as a negative one."""


def _state(root: Element, path: str) -> bool | None:
    """Return None where the hypervisor decides."""
    found = root.find(f"features/{path}")
    return None if found is None else found.get("state", "on") == "on"


def _put_state(root: Element, path: str, wanted: bool) -> None:
    ensure(root, f"features/{path}").set("state", "on" if wanted else "off")


def _switch(name: str, path: str) -> Scalar:
    return Scalar(
        name, {"type": "bool"}, lambda root: _state(root, path), lambda root, wanted: _put_state(root, path, wanted)
    )


def _put_smm(root: Element, wanted: bool) -> None:
    if not wanted and firmware.read(root) == "uefi-secure":
        raise InvalidInputError("features.smm: secure boot needs it.", hint="Choose another firmware.")
    _put_state(root, "smm", wanted)


def _enlightenment(name: str, path: str = "") -> Scalar:
    """Declare a feature of Hyper-V, all of which are off unless they are named."""
    where = f"hyperv/{path or name}"
    return Scalar(
        name, {"type": "bool"}, lambda root: bool(_state(root, where)),
        lambda root, wanted: _put_state(root, where, wanted),
    )  # fmt: skip


def _spinlocks(root: Element) -> int:
    on = _state(root, "hyperv/spinlocks")
    return integer(attribute(root, "features/hyperv/spinlocks", "retries")) or 0 if on else 0


def _put_spinlocks(root: Element, retries: int) -> None:
    drop(root, "features/hyperv/spinlocks")
    if retries:
        ensure(root, "features/hyperv/spinlocks").attrib.update({"state": "on", "retries": str(retries)})


def _spinlocks_problem(retries: int) -> str | None:
    fine = retries == 0 or _FEWEST_SPINS <= retries <= _MOST_SPINS
    return None if fine else f"{retries} is neither 0, for off, nor between {_FEWEST_SPINS} and {_MOST_SPINS}"


def _vendor(root: Element) -> str:
    on = _state(root, "hyperv/vendor_id")
    return attribute(root, "features/hyperv/vendor_id", "value") or "" if on else ""


def _put_vendor(root: Element, vendor: str) -> None:
    drop(root, "features/hyperv/vendor_id")
    if vendor:
        ensure(root, "features/hyperv/vendor_id").attrib.update({"state": "on", "value": vendor})


def _vendor_problem(vendor: str) -> str | None:
    return f"{vendor!r} is longer than 12 characters, or has a comma" if len(vendor) > 12 or "," in vendor else None


def _hyperv_problem(hyperv: Entry) -> str | None:
    needs = {"stimer_direct": "stimer", "stimer": "synic", "synic": "vpindex"}
    wrong = [(name, other) for name, other in needs.items() if hyperv.get(name) and hyperv.get(other) is False]
    return f"{wrong[0][0]} needs {wrong[0][1]}" if wrong else None


OPTIONS: tuple[Option, ...] = (
    Group(
        "features",
        (
            Scalar("smm", {"type": "bool"}, lambda root: _state(root, "smm"), _put_smm),
            _switch("vmport", "vmport"),
            _switch("pmu", "pmu"),
            _switch("kvm_hidden", "kvm/hidden"),
        ),
    ),
    Group(
        "hyperv",
        (
            *(_enlightenment(name) for name in HYPERV),
            _enlightenment("stimer_direct", "stimer/direct"),
            Scalar("spinlocks", {"type": "int"}, _spinlocks, _put_spinlocks, problem=_spinlocks_problem),
            Scalar("vendor_id", {"type": "str"}, _vendor, _put_vendor, problem=_vendor_problem),
        ),
        problem=_hyperv_problem,
    ),
)  # fmt: skip
