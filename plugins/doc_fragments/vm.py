# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a VM, for the modules `vm` and `vms`."""

from __future__ import annotations

import textwrap

_OPTIONS = r"""
name:
  description:
    - The VM's name. A VM is found by its name, and is not renamed.
  type: str
  required: true
uuid:
  description:
    - The UUID of a new VM. One that exists must have it already.
  type: str
state:
  description:
    - V(present) defines the VM and leaves it running or not, as it is.
    - V(started) also lets it run, V(paused) keeps it in memory without running, V(stopped) shuts it down by its power button.
    - V(restarted) shuts down a VM that runs, and starts it; each task with it is a change.
    - V(absent) shuts it down and removes its definition, with its NVRAM, saved state and the records of its snapshots.
      Its disks are never removed.
  type: str
  choices: [present, started, stopped, paused, restarted, absent]
  default: present
apply:
  description:
    - When the options of a running VM take effect.
    - With V(live), what can be changed in the running VM is changed there and in its definition, the rest in the definition
      only, and RV(ignore:restart_required) names it.
    - Memory, CPUs, the connection of an interface and the medium of a CD-ROM drive need the help of the guest or of a newer
      libvirt. They are tried once, together with the change of the definition.
    - With V(next_start), the running VM is left alone.
    - With V(restart), it is shut down and started if anything cannot be changed while it runs. Never otherwise.
  type: str
  choices: [live, next_start, restart]
  default: live
timeout:
  description:
    - Seconds that the VM has to shut down, and to let a device go.
  type: int
  default: 120
force_off:
  description:
    - Cut the VM's power if it has not shut down in time. Without it the task fails, and the VM goes on.
  type: bool
  default: false
shutdown_mode:
  description:
    - How a VM is asked to shut down. V(acpi) presses its power button, V(agent) asks its guest agent, and fails without one;
      V(auto) leaves that to libvirt, which asks the agent if it is connected, and else presses the button.
  type: str
  choices: [auto, acpi, agent]
  default: auto
wait_for:
  description:
    - What is awaited of the guest of a VM that runs after the task. V(agent) is an answer of its guest agent, V(address) an
      address that others can reach, known from the agent, from a lease of libvirt, or from the host's ARP table.
    - With M(evergreen.virt.vms) all VMs are started before the first one is awaited.
  type: str
  choices: [none, agent, address]
  default: none
ready_timeout:
  description:
    - Seconds that the guest has to get ready. Then the task fails, and the VM goes on running.
  type: int
  default: 300
purge:
  description:
    - Lists whose devices are removed if they are not named. Only lists that are given are purged; volumes are kept.
  type: list
  elements: str
  choices: [disks, cdroms, interfaces, consoles]
  default: []
autostart:
  description:
    - Whether the VM starts with its host.
  type: bool
virt_type:
  description:
    - V(kvm) uses the processor's virtualization, V(qemu) emulates the processor.
    - A new VM gets V(kvm) where libvirt offers it on this host, else V(qemu).
  type: str
  choices: [kvm, qemu]
memory_mib:
  description:
    - The memory of the VM. A new VM needs it.
    - A running VM is given less, or as much as O(ignore:memory_max_mib), if its guest has a balloon driver.
  type: int
memory_max_mib:
  description:
    - The memory that a running VM can be given at most. Follows O(ignore:memory_mib) where the two are equal or it is less.
  type: int
vcpus:
  description:
    - The number of its CPUs; V(1) for a new VM.
    - A running VM can be given as many as O(ignore:vcpus_max).
  type: int
vcpus_max:
  description:
    - The number of CPUs that a running VM can be given at most. Follows O(ignore:vcpus) where the two are equal or it is less.
  type: int
machine:
  description:
    - The machine type, versioned (V(pc-q35-7.2)) or an alias (V(q35)).
    - libvirt replaces an alias by the newest version of this host when the VM is defined; any version of that machine then
      counts as equal. A VM that shall move to hosts with an older QEMU needs the version of the oldest.
    - A new VM on x86 gets V(q35), with eight spare ports for devices that are added while it runs.
  type: str
firmware:
  description:
    - What the VM boots by; libvirt selects the file.
  type: str
  choices: [bios, uefi]
cpu:
  description:
    - The processor that the guest sees. Left to libvirt, it is a very old one.
  type: dict
  suboptions:
    mode:
      description:
        - V(custom) is one named model, V(host-model) what comes nearest to the host's, V(host-passthrough) the host's own,
          V(maximum) all that the emulator can.
      type: str
      choices: [custom, host-model, host-passthrough, maximum]
    model:
      description:
        - The model, with mode V(custom), which it implies.
      type: str
description:
  description:
    - A text for people. The empty text removes it.
  type: str
boot:
  description:
    - The classes of devices that the VM boots from, in their order. Replaces an order that is written at single devices.
  type: list
  elements: str
  choices: [disk, cdrom, network]
kernel:
  description:
    - Path on the host of a kernel to start without boot loader. The empty text removes it; so with the next two.
  type: str
initrd:
  description:
    - Path on the host of the initial RAM disk to that kernel.
  type: str
cmdline:
  description:
    - The command line of that kernel.
  type: str
disks:
  description:
    - Its disks, found by their O(ignore:disks[].target). Those that are not named are left alone.
    - A new one needs a source, which is a volume of a pool, a path on the host, or an export in the network.
  type: list
  elements: dict
  suboptions:
    target:
      description:
        - The name of the disk in the VM, such as V(vda).
      type: str
      required: true
    pool:
      description:
        - The storage pool of the volume.
      type: str
    volume:
      description:
        - The volume. One that does not exist is made, and needs a size.
      type: str
    path:
      description:
        - A file, or a block device below C(/dev), that exists on the host.
      type: str
    network:
      description:
        - An export in the network.
      type: dict
      suboptions: &network
        protocol:
          description:
            - How it is reached.
          type: str
          choices: [nbd, rbd]
          required: true
        name:
          description:
            - The name of the export, for RBD of pool and image (V(pool/image)).
          type: str
        hosts:
          description:
            - Its servers.
          type: list
          elements: dict
          suboptions:
            host:
              description:
                - Name or address.
              type: str
              required: true
            port:
              description:
                - Its port, if it is not the protocol's own.
              type: int
        username:
          description:
            - The user, for Ceph.
          type: str
        secret_uuid:
          description:
            - The UUID of libvirt's secret that holds the user's key.
          type: str
    size_gib:
      description:
        - The size of the volume. It is made, or grown, to it, while the VM runs too; it is never shrunk.
      type: int
    size_mib:
      description:
        - The same in MiB.
      type: int
    format:
      description:
        - The format of the data. A new volume gets V(qcow2) in a pool of files, an existing one keeps its own, block devices
          and the network are V(raw); with a path to a file it must be named.
      type: str
      choices: [raw, qcow2]
    bus:
      description:
        - How the guest sees it. A new disk gets V(virtio), V(sata) or V(ide) for the targets V(vd), V(sd) and V(hd).
      type: str
      choices: [virtio, sata, scsi, ide, usb, fdc, sd]
    cache:
      description:
        - How the host caches it.
      type: str
      choices: [default, none, writethrough, writeback, directsync, unsafe]
    readonly:
      description:
        - Whether the guest can only read it.
      type: bool
    serial:
      description:
        - The serial number that the guest sees. The empty text removes it.
      type: str
cdroms:
  description:
    - Its CD-ROM drives, found by their O(ignore:cdroms[].target). Those that are not named are left alone.
  type: list
  elements: dict
  suboptions:
    target:
      description:
        - The name of the drive in the VM, such as V(sda).
      type: str
      required: true
    pool:
      description:
        - The storage pool of the medium.
      type: str
    volume:
      description:
        - The volume that is the medium.
      type: str
    path:
      description:
        - The image file that is the medium. The empty text takes the medium out.
      type: str
    network:
      description:
        - An export in the network.
      type: dict
      suboptions: *network
    bus:
      description:
        - How the guest sees it. A new drive gets V(sata) or V(ide) for the targets V(sd) and V(hd).
      type: str
      choices: [virtio, sata, scsi, ide, usb, fdc, sd]
interfaces:
  description:
    - Its network interfaces. An entry with O(ignore:interfaces[].mac) is the interface with that address; the entries without
      are, in their order, the interfaces whose addresses are not named. Others are left alone.
    - A new one needs a bridge or a network.
  type: list
  elements: dict
  suboptions:
    mac:
      description:
        - The MAC address. A new interface without gets one that follows from the VM's UUID.
      type: str
    bridge:
      description:
        - The bridge of the host that it is connected to.
      type: str
    type:
      description:
        - Whether that is an Open vSwitch bridge, V(ovs), or one of the kernel, V(linux), which is what a new interface gets.
      type: str
      choices: [linux, ovs]
    network:
      description:
        - The network of libvirt that it is connected to.
      type: str
    vlan:
      description:
        - The VLAN of the guest's untagged frames; V(0) for none.
      type: int
    trunks:
      description:
        - The VLANs whose tagged frames the guest may send and gets; an empty list for none.
      type: list
      elements: int
    model:
      description:
        - The card that the guest sees; V(virtio) for a new one.
      type: str
    offloads:
      description:
        - Whether host and guest leave checksums and segmentation to each other. V(false) is needed where frames go through
          something that expects them complete, such as a userspace datapath.
      type: bool
graphics:
  description:
    - The first graphical console.
  type: dict
  suboptions:
    type:
      description:
        - Its protocol; V(none) removes all graphical consoles.
      type: str
      choices: [none, vnc, spice]
      required: true
    listen:
      description:
        - The address of the host where it listens.
      type: str
    port:
      description:
        - Its port; V(0) for one that libvirt chooses.
      type: int
    password:
      description:
        - Its password. Neither shown nor logged.
      type: str
consoles:
  description:
    - Its serial ports, found by their number. A new VM gets port 0 of type V(pty).
  type: list
  elements: dict
  suboptions:
    port:
      description:
        - Its number.
      type: int
      required: true
    type:
      description:
        - What it is connected to on the host.
      type: str
      choices: [pty, file, unix, "null"]
    path:
      description:
        - The file or socket, for those types.
      type: path
    log:
      description:
        - A file on the host that gets a copy of what the guest writes. The empty text removes it.
      type: str
guest_agent:
  description:
    - Whether it has a channel for the QEMU guest agent.
  type: bool
rng:
  description:
    - Whether the host gives it random numbers. A new VM gets them.
  type: bool
labels:
  description:
    - Names and values of the user's own, kept in the VM's metadata. They replace all that it has.
  type: dict
policy:
  description:
    - How the VM may be moved, kept in its metadata. What is not named keeps its value.
  type: dict
  suboptions:
    evacuation:
      description:
        - How it leaves a host that goes out of service. V(live) moves it while it runs, V(suspend) saves and restores it,
          V(offline) moves it while it is off, V(shutdown) stops it and starts it as soon as that host is back, V(stay) keeps it.
      type: str
      choices: [live, suspend, offline, shutdown, stay]
    anti_affinity:
      description:
        - Names of groups whose members never share a host.
      type: list
      elements: str
    affinity:
      description:
        - Names of groups whose members are always on one host.
      type: list
      elements: str
    priority:
      description:
        - Higher ones are moved first.
      type: int
    max_downtime_ms:
      description:
        - The longest interruption that a move may cause.
      type: int
    post_copy:
      description:
        - Whether a move may end by post-copy, in which a VM is lost if either host fails.
      type: bool
    hosts:
      description:
        - Names of the hosts where it may run; an empty list for any.
      type: list
      elements: str
qemu_arguments:
  description:
    - Arguments that QEMU gets behind those that libvirt gives it, one word each. They replace all that it has so far.
    - libvirt does not know what they mean. It marks the VM as tainted, and a newer QEMU may refuse them.
  type: list
  elements: str
"""


class ModuleDocFragment:
    """Mirrors `_vm_spec.VM`; `ENTRIES` is the same as suboptions of O(vms)."""

    DOCUMENTATION: str = "options:\n" + textwrap.indent(_OPTIONS, "  ")

    ENTRIES: str = r"""
options:
  vms:
    description:
      - The VMs, each with the options of M(evergreen.virt.vm).
    type: list
    elements: dict
    required: true
    suboptions:
""" + textwrap.indent(_OPTIONS, "      ")
