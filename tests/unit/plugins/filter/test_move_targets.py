# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts that VMs of a host are to move to."""

from __future__ import annotations

from ansible_collections.evergreen.virt.plugins.filter.move_targets import FilterModule

MOVES = [
    {"wave": 1, "vm": "a", "source": "h1", "target": "h3"},
    {"wave": 1, "vm": "b", "source": "h1", "target": "h2"},
    {"wave": 2, "vm": "c", "source": "h2", "target": "h1"},
    {"wave": 3, "vm": "a", "source": "h3", "target": "h1"},
    {"wave": 4, "vm": "d", "source": "h1", "target": "h3"},
    {"wave": 4, "vm": "e", "source": "h1", "target": "nameless"},
    {"wave": 4, "vm": "f", "source": "h1", "target": "gone"},
]
HOSTVARS = {
    "h2": {"ansible_host": "192.0.2.2", "configure_migration_port_min": "50000"},
    "h3": {"ansible_host": "192.0.2.3", "configure_migration_address": "198.51.100.3"},
    "nameless": {},
}


def test_each_target_once_at_its_migration_address() -> None:
    targets = FilterModule().filters()["move_targets"]
    assert targets(MOVES, "h1", HOSTVARS) == [
        {"name": "h3", "address": "198.51.100.3", "ports": [49152]},
        {"name": "h2", "address": "192.0.2.2", "ports": [50000]},
    ]
    assert [target["ports"] for target in targets(MOVES, "h1", HOSTVARS, [49300])] == [[49300]] * 2
    assert targets(MOVES, "h9", HOSTVARS) == []
