# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock manager keeps a VM from running on two hosts that share its disk as a file."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ssh

HOSTS = ("h1", "h2")
VM = "locked"
DISK = "/srv/shared/locked.img"
# QEMU itself locks a disk, and would refuse before libvirt's lock manager is asked: share-rw lets it share this one. libvirt
# is not told so (<shareable/>).
DEFINITION = f"""
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>{VM}</name>
  <uuid>6c6f636b-6564-4000-8000-000000000001</uuid>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='{DISK}'/>
      <target dev='vda' bus='virtio'/>
      <alias name='ua-locked'/>
    </disk>
  </devices>
  <qemu:override>
    <qemu:device alias='ua-locked'>
      <qemu:frontend>
        <qemu:property name='share-rw' type='bool' value='true'/>
      </qemu:frontend>
    </qemu:device>
  </qemu:override>
</domain>
"""

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture
def shared_disk() -> t.Iterator[None]:
    """One disk, and a VM of it that both hosts know."""
    try:
        ssh("h1", "truncate", "--size=16M", DISK)
        for host in HOSTS:
            ssh(host, "virsh", "define", "/dev/stdin", stdin=DEFINITION)
        yield
    finally:
        for host in HOSTS:
            ssh(host, f"virsh destroy {VM}; virsh undefine {VM}; rm -f {DISK}")


def running(host: str) -> bool:
    return VM in ssh(host, "virsh", "list", "--name", "--state-running").split()


def test_a_vm_runs_on_one_of_two_hosts_that_share_its_disk(shared_disk: None) -> None:
    ssh("h1", "virsh", "start", VM)
    with pytest.raises(RuntimeError, match=f"Lockspace resource '{DISK}' is locked"):
        ssh("h2", "virsh", "start", VM)
    assert (running("h1"), running("h2")) == (True, False)
    ssh("h1", "virsh", "destroy", VM)
    ssh("h2", "virsh", "start", VM)
    assert (running("h1"), running("h2")) == (False, True)
