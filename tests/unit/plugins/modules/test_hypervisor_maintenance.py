# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module hypervisor_maintenance with a driver that asks no hook."""

from __future__ import annotations

import libvirt

from ansible_collections.evergreen.virt.plugins.module_utils._module import Task
from ansible_collections.evergreen.virt.plugins.modules.hypervisor_maintenance import prove

from .tasks import URI


def test_what_cannot_be_proven_is_told(host: libvirt.virConnect) -> None:
    warnings: list[str] = []
    assert not prove(Task({"uri": URI}, check_mode=False, warn=warnings.append))
    assert len(warnings) == 1
    assert f"asks no hook at {URI}" in warnings[0]
    assert host.listDefinedDomains() == []
