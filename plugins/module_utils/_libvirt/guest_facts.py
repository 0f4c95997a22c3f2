# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What libvirt hands over from a guest agent, as plain data. Pure.

Sources: virDomainGetGuestInfo (names and types of its parameters), virDomainInterfaceAddresses.
"""

from __future__ import annotations

import typing as t

from . import typed_parameters

Parameters = t.Mapping[str, t.Any]


def read(parameters: Parameters) -> dict[str, t.Any]:
    """Return `hostname`, `os`, `timezone`, `users`, `filesystems`; what the guest does not tell is None or empty."""
    offset = parameters.get("timezone.offset")
    return {
        "hostname": parameters.get("hostname"),
        "os": {name.replace("-", "_"): value for name, value in typed_parameters.group(parameters, "os").items()}
        or None,
        "timezone": None if offset is None else {"name": parameters.get("timezone.name"), "offset_s": offset},
        "users": [_user(user) for user in typed_parameters.listed(parameters, "user")],
        "filesystems": [_filesystem(filesystem) for filesystem in typed_parameters.listed(parameters, "fs")],
    }


def _user(user: Parameters) -> dict[str, t.Any]:
    return {"name": user.get("name"), "domain": user.get("domain"), "login_ms": user.get("login-time")}


def _filesystem(filesystem: Parameters) -> dict[str, t.Any]:
    return {
        "name": filesystem.get("name"),
        "mountpoint": filesystem.get("mountpoint"),
        "type": filesystem.get("fstype"),
        "total_bytes": filesystem.get("total-bytes"),
        "used_bytes": filesystem.get("used-bytes"),
        "disks": [disk["alias"] for disk in typed_parameters.listed(filesystem, "disk") if "alias" in disk],
    }


def addresses(interfaces: t.Mapping[str, t.Any], source: str) -> list[dict[str, t.Any]]:
    """Return one entry for each address that is not of the loopback interface.

    :param interfaces: `{name: {"hwaddr": ..., "addrs": [{"addr": ..., "prefix": ..., "type": ...}]}}`
    """
    return [
        {
            "mac": interface.get("hwaddr"),
            "name": name,
            "address": address["addr"],
            "prefix": address["prefix"],
            "source": source,
        }
        for name, interface in interfaces.items()
        if name != "lo" and interface.get("hwaddr") != "00:00:00:00:00:00"
        for address in interface.get("addrs") or ()
    ]
