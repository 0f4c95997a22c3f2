# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs for the tests of _domain_xml."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, skeleton, tree

HOST = skeleton.Emulation("x86_64", ("qemu", "kvm"))
UUID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

ADOPTED = """
<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <name>old</name><uuid>6ba7b810-9dad-11d1-80b4-00c04fd430c8</uuid>
  <metadata><other:thing xmlns:other="urn:example:other">kept</other:thing></metadata>
  <memory unit="KiB">1048576</memory><currentMemory unit="KiB">524288</currentMemory>
  <vcpu placement="static" cpuset="0-1" current="1">2</vcpu>
  <os><type arch="x86_64" machine="pc-q35-7.2">hvm</type><bootmenu enable="yes"/></os>
  <cpu mode="custom" match="exact" check="none"><model fallback="forbid">qemu64</model><feature policy="require" name="aes"/></cpu>
  <on_crash>restart</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw" discard="unmap"/><source file="/srv/old.img"/><target dev="vda" bus="virtio"/>
      <boot order="1"/><alias name="virtio-disk0"/><address type="pci" bus="0x03"/>
    </disk>
    <disk type="file" device="cdrom"><target dev="sda" bus="sata"/><readonly/><alias name="sata0-0-0"/></disk>
    <interface type="bridge">
      <mac address="52:54:00:00:00:01"/><source bridge="br0"/><virtualport type="openvswitch"><parameters interfaceid="i1"/></virtualport>
      <vlan><tag id="10"/></vlan><bandwidth><inbound average="1000"/></bandwidth><model type="virtio"/><alias name="net0"/>
    </interface>
    <interface type="network"><mac address="52:54:00:00:00:02"/><source network="default"/><model type="e1000e"/><alias name="net1"/></interface>
    <serial type="pty"><target port="0"/></serial><console type="pty"><target type="serial" port="0"/></console>
    <watchdog model="i6300esb" action="reset"/><shmem name="kept"/>
    <graphics type="vnc" port="-1" autoport="yes" passwd="old"><listen type="address" address="127.0.0.1"/></graphics>
  </devices>
  <qemu:commandline><qemu:env name="KEPT" value="1"/></qemu:commandline>
</domain>
"""

SAMPLES = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).with_name("adopted").glob("*.xml"))
}
"""VMs of other tools, as libvirt returns them, by the tool."""


def adopted() -> tree.Element:
    """Return a VM that somebody else made."""
    return tree.parse(ADOPTED)


def created(params: t.Mapping[str, t.Any]) -> tree.Element:
    """Return the definition of a new VM with these options."""
    options = {**skeleton.defaults(HOST), **params}
    base = skeleton.skeleton("new", UUID, HOST, options.get("machine"))
    definition = convergence.create(base, options).definition
    assert definition is not None
    return tree.parse(definition)
