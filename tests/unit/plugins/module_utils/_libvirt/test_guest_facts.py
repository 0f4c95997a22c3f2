# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a guest agent tells, as libvirt 9.0 hands it over."""

from __future__ import annotations

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import guest_facts

TOLD = {
    "user.count": 1,
    "user.0.name": "ann",
    "user.0.login-time": 1795633676000,
    "os.id": "debian",
    "os.pretty-name": "Debian GNU/Linux 12",
    "timezone.name": "CET",
    "timezone.offset": 3600,
    "hostname": "web1",
    "fs.count": 1,
    "fs.0.name": "vdb",
    "fs.0.mountpoint": "/mnt",
    "fs.0.fstype": "ext4",
    "fs.0.total-bytes": 2**33,
    "fs.0.used-bytes": 0,
    "fs.0.disk.count": 1,
    "fs.0.disk.0.alias": "vdb",
}


def test_read() -> None:
    assert guest_facts.read(TOLD) == {
        "hostname": "web1",
        "os": {"id": "debian", "pretty_name": "Debian GNU/Linux 12"},
        "timezone": {"name": "CET", "offset_s": 3600},
        "users": [{"name": "ann", "domain": None, "login_ms": 1795633676000}],
        "filesystems": [
            {
                "name": "vdb",
                "mountpoint": "/mnt",
                "type": "ext4",
                "total_bytes": 2**33,
                "used_bytes": 0,
                "disks": ["vdb"],
            }
        ],
    }


def test_a_guest_that_tells_nothing() -> None:
    assert guest_facts.read({}) == {"hostname": None, "os": None, "timezone": None, "users": [], "filesystems": []}


def test_addresses_leave_the_loopback_out() -> None:
    loopback = {"hwaddr": "00:00:00:00:00:00", "addrs": [{"addr": "127.0.0.1", "prefix": 8, "type": 0}]}
    card = {
        "hwaddr": "52:54:00:00:00:01",
        "addrs": [{"addr": "192.0.2.1", "prefix": 24}, {"addr": "fe80::1", "prefix": 64}],
    }
    found = guest_facts.addresses(
        {"lo": loopback, "eth0": card, "eth1": {"hwaddr": "52:54:00:00:00:02", "addrs": None}}, "agent"
    )
    common = {"mac": "52:54:00:00:00:01", "name": "eth0", "source": "agent"}
    assert found == [
        {**common, "address": "192.0.2.1", "prefix": 24},
        {**common, "address": "fe80::1", "prefix": 64},
    ]
