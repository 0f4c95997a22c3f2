# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.filter.may_pass import may_pass


@pytest.mark.parametrize(
    "reason",
    [
        "Enter | The host answered: the host was lost when maintenance began: no route",
        "Hook | Command of ceph: the host was lost while ceph ran on it, or before: no route. What was begun goes on by itself.",
        "Stop | Save them to disk, or shut them down: VMs are being stopped or started here just now by another task, and",
        "Evacuate | Prove the host empty: VMs went down with this host during its maintenance, and are off: db.",
        "Move | Move the VMs: VM 'vm12' went down with this host: moved now, it would stay off. Start it first",
        "Move | Move the VMs: 1 of 3 moves did not end as wanted. web -> h3: cancelled: too busy",
        "Reboot | Boot it, and wait for it: Timed out waiting for last boot time check (timeout=900)",
        "Packages | Bring them to the planned versions: apt-get ended with 100: E: Could not get lock /var/lib/dpkg/lock-frontend.",
        "Lists | Ask what the sources hold: Failed to update apt cache: unknown reason",
        "Again | The host answers, and is still this run's: Failed to connect to the host via ssh: no route",
        "Packages | Bring them: E: Failed to fetch http://mirror/x.deb  Temporary failure resolving 'mirror'",
        "Again | The host answers, and is still this run's: apt cannot read its repositories: no Release file.",
    ],
)
def test_what_may_pass(reason: str) -> None:
    assert may_pass(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "Move | Move the VMs: 1 of 1 moves did not end as wanted. a -> h3: failed: VM 'a' is running on 'h1' and running on 'h3' at the same time.",
        "Hook | Command of ceph: ceph ended with 1: mon.b does not answer",
        "Hook | It asks for it too late: the hook 'ceph' asked for the host to be left out",
        "Packages | Bring them: dpkg ended with 1: Errors were encountered while processing: qemu-system-x86",
        "Healthy | The host is proven healthy: the host is not healthy: br0 is missing",
        "Clock | Look at it, and at what else: libvirt at qemu:///system takes connections and does not answer within 60 s.",
        "Trial | The host takes no VM: did not come to run here: 1 of 1 moves did not end as wanted.",
        "Held | This run still has the host: run r1 (epoch 3) may not change this host: run r2 (epoch 4) has it",
        "Enter | Let nothing start: evergreen.virt cannot change the maintenance of this host: it is alice's since today",
        "Verify | The host is proven up to date: the host is not up to date after its upgrade: qemu 1 -> 2: empty",
    ],
)
def test_what_does_not(reason: str) -> None:
    assert not may_pass(reason)
