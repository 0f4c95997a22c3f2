# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirt's flat statistics, nested and with units."""

from __future__ import annotations

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.typed_parameters import group, listed
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_stats import GROUPS, nested

STATS = {
    "state.state": 1,
    "cpu.time": 3,
    "cpu.user": 2,
    "cpu.system": 1,
    "balloon.current": 65536,
    "balloon.maximum": 131072,
    "balloon.last-update": 1795633676,
    "balloon.major_fault": 7,
    "vcpu.current": 1,
    "vcpu.maximum": 2,
    "vcpu.0.state": 1,
    "vcpu.0.time": 5,
    "net.count": 1,
    "net.0.name": "vnet0",
    "net.0.rx.bytes": 10,
    "net.0.rx.pkts": 1,
    "net.0.tx.errs": 0,
    "net.0.tx.drop": 2,
    "block.count": 2,
    "block.0.name": "vda",
    "block.0.rd.reqs": 4,
    "block.0.rd.times": 9,
    "block.0.capacity": 8,
    "block.1.name": "vdb",
    "block.1.path": "/b",
}


def test_nested() -> None:
    assert nested(STATS, GROUPS) == {
        "cpu": {"time_ns": 3, "user_ns": 2, "system_ns": 1},
        "balloon": {"current_kib": 65536, "maximum_kib": 131072, "updated_s": 1795633676, "major_faults": 7},
        "vcpu": [{"state": 1, "time_ns": 5}],
        "interface": [{"name": "vnet0", "rx_bytes": 10, "rx_packets": 1, "tx_errors": 0, "tx_drops": 2}],
        "block": [
            {"name": "vda", "rd_requests": 4, "rd_time_ns": 9, "capacity_bytes": 8},
            {"name": "vdb", "path": "/b"},
        ],
    }


def test_a_vm_without_statistics() -> None:
    assert nested({}, ["cpu", "block"]) == {"cpu": {}, "block": []}


def test_lists_are_in_the_order_of_their_numbers() -> None:
    assert listed({"x.10.a": "last", "x.9.a": "first", "x.count": 2}, "x") == [{"a": "first"}, {"a": "last"}]
    assert group({"x.a.b": 1, "xy.a": 2}, "x") == {"a.b": 1}
