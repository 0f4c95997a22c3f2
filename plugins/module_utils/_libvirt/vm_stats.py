# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A VM's statistics, nested and with their units in their names. Pure.

Source: virConnectGetAllDomainStats, https://libvirt.org/html/libvirt-libvirt-domain.html
"""

from __future__ import annotations

import typing as t

from . import typed_parameters

GROUPS = {"balloon": "BALLOON", "block": "BLOCK", "cpu": "CPU_TOTAL", "interface": "INTERFACE", "vcpu": "VCPU"}
"""What the user names, and how libvirt calls it."""

_LISTS = {"block": "block", "interface": "net", "vcpu": "vcpu"}
_WORDS = {
    "times": "time_ns", "time": "time_ns", "user": "user_ns", "system": "system_ns", "wait": "wait_ns", "delay": "delay_ns",
    "reqs": "requests", "pkts": "packets", "errs": "errors", "drop": "drops",
    "allocation": "allocation_bytes", "capacity": "capacity_bytes", "physical": "physical_bytes",
}  # fmt: skip
"""Last words of libvirt's names, with their units."""
_BALLOON = {
    "last-update": "updated_s", "major_fault": "major_faults", "minor_fault": "minor_faults", "hugetlb_pgalloc": "hugetlb_pgalloc",
    "hugetlb_pgfail": "hugetlb_pgfail",
}  # fmt: skip
"""What of the balloon is no amount of memory in KiB; the time is in seconds since 1970."""


def nested(parameters: t.Mapping[str, t.Any], groups: t.Iterable[str]) -> dict[str, t.Any]:
    """Return `{group: {name: value}}`, of block, interface and vcpu `{group: [{name: value}]}`.

    :param groups: of GROUPS.
    """
    return {group: _group(parameters, group) for group in groups}


def _group(parameters: t.Mapping[str, t.Any], group: str) -> t.Any:
    if group in _LISTS:
        return [_named(entry) for entry in typed_parameters.listed(parameters, _LISTS[group])]
    found = typed_parameters.group(parameters, group)
    if group == "balloon":
        return {_BALLOON.get(name, f"{name.replace('-', '_')}_kib"): value for name, value in found.items()}
    return _named(found)


def _named(entry: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {_name(name): value for name, value in entry.items()}


def _name(name: str) -> str:
    words = name.split(".")
    words[-1] = _WORDS.get(words[-1], words[-1])
    return "_".join(words).replace("-", "_")
