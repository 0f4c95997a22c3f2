# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""libvirt's flat parameters (`net.0.rx.bytes`) as nested data. Pure.

Sources: https://libvirt.org/html/libvirt-libvirt-domain.html (virConnectGetAllDomainStats, virDomainGetGuestInfo)
"""

from __future__ import annotations

import typing as t

Parameters = t.Mapping[str, t.Any]


def group(parameters: Parameters, name: str) -> dict[str, t.Any]:
    """Return what is below a name: `cpu.time` is `time` of the group `cpu`."""
    prefix = f"{name}."
    return {key[len(prefix) :]: value for key, value in parameters.items() if key.startswith(prefix)}


def listed(parameters: Parameters, name: str) -> list[dict[str, t.Any]]:
    """Return the entries of a list (`net.count`, `net.0.name`, `net.1.name`); numbers may be missing."""
    entries: dict[int, dict[str, t.Any]] = {}
    for key, value in group(parameters, name).items():
        number, dot, rest = key.partition(".")
        if dot and number.isdigit():
            entries.setdefault(int(number), {})[rest] = value
    return [entries[number] for number in sorted(entries)]
