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
    - V(absent) shuts it down and removes its definition, with its NVRAM, TPM, saved state and the records of its snapshots.
      Its disks are removed only with O(ignore:remove_storage).
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
    - Cut the VM's power if it has not shut down in time, be it that it could not be asked to. Without it the task fails, and the VM goes on.
  type: bool
  default: false
shutdown_mode:
  description:
    - How a VM is asked to shut down. V(acpi) presses its power button, V(agent) asks its guest agent, and fails without one;
      V(auto) leaves that to libvirt, which asks the agent if it is connected, and else presses the button.
    - A guest that was asked has until C(timeout) is over, also if its agent ends before that.
    - With C(force_off) a VM that cannot be asked, as its agent is not connected, is asked again until C(timeout) is over.
  type: str
  choices: [auto, acpi, agent]
  default: auto
cloud_init:
  description:
    - What cloud-init in the guest reads, as a NoCloud seed. It is made on the host, by the Python library C(pycdlib), as a volume that only
      its owner can read, and is put into a CD-ROM drive of its own.
    - Another content is another medium. It is changed in the running VM where that has the drive already, and the earlier volume is
      removed. cloud-init looks at it when the guest boots; what it does only once for an instance it does again when the
      C(instance-id) of the meta data has changed.
  type: dict
  suboptions:
    state:
      description:
        - V(absent) takes the seed out of its drive and removes it.
      type: str
      choices: [present, absent]
      default: present
    user_data:
      description:
        - The user data as it is, with its first line, such as C(#cloud-config). Neither shown nor logged. Without it there is none.
        - It is a text and no dictionary, because Ansible would hide each single value of a secret dictionary wherever it appears.
      type: str
    meta_data:
      description:
        - The meta data. C(instance-id) and C(local-hostname) are the VM's name unless they are named.
      type: dict
    network_config:
      description:
        - The network configuration. Without it cloud-init uses DHCP.
      type: dict
    pool:
      description:
        - The storage pool of the seed; by default that of the VM's first disk that is in one.
        - A seed in a pool that other hosts do not share keeps its VM from moving to them, like any such medium. libvirt writes none into pools
          of the types V(rbd), V(iscsi), V(iscsi-direct), V(gluster), V(scsi) and V(mpath).
      type: str
    target:
      description:
        - The name of the drive in the VM; by default the first of V(sda), V(sdb) and so on that is free.
      type: str
remove_storage:
  description:
    - Whether the volumes of the VM's disks are deleted when O(ignore:state=absent) has removed it. Check mode and diff list them.
    - A disk stays if it is a medium that can be taken out, can only be read, is meant to be shared, is no volume of an active
      storage pool, or if another VM, a snapshot of one or another volume needs it; RV(ignore:kept_storage) says which and why.
      The images below an overlay stay as well.
    - What VMs of other hosts use in a shared pool is not known here, nor what lies below the overlay of a VM that is off if that overlay is in
      no active pool.
  type: bool
  default: false
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
  choices: [disks, cdroms, interfaces, hostdevs, consoles, inputs, memory_devices]
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
    - What O(ignore:memory_devices) add does not count here, nor in O(ignore:memory_max_mib).
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
      counts as equal. A VM that shall move to hosts with an older QEMU needs the version of the oldest, which it gets with the
      task's O(ignore:cluster).
    - A new VM on x86 gets V(q35), with eight spare ports for devices that are added while it runs.
  type: str
firmware:
  description:
    - What the VM boots by. libvirt selects the file; a VM whose definition names files keeps them until another firmware is
      asked for.
    - V(uefi-secure) is UEFI that starts signed systems only. Of a named file, C(secure="yes") counts as that.
    - From one UEFI to the other, the VM gets a new file for its variables, next to the old one. That one is never removed,
      and a VM that comes back to UEFI from V(bios) finds it again. Only O(ignore:state=absent) removes the file then in use.
  type: str
  choices: [bios, uefi, uefi-secure]
features:
  description:
    - Features of the machine. What is not named is left to the hypervisor.
  type: dict
  suboptions:
    smm:
      description:
        - System management mode. Secure boot turns it on by itself.
      type: bool
    vmport:
      description:
        - The I/O port of VMware, which some guests are confused by.
      type: bool
    pmu:
      description:
        - The performance counters of the processor.
      type: bool
    kvm_hidden:
      description:
        - Whether KVM hides from the guest, which some drivers want.
      type: bool
hyperv:
  description:
    - What Windows knows from Hyper-V, and runs faster with. Each is off unless somebody turned it on.
    - They need KVM. Without it, QEMU does not start with O(ignore:hyperv.vpindex), and ignores the others.
  type: dict
  suboptions:
    relaxed:
      description:
        - No watchdog timeouts while the host is busy.
      type: bool
    vapic:
      description:
        - A faster interrupt controller.
      type: bool
    vpindex:
      description:
        - The virtual processor's own number.
      type: bool
    runtime:
      description:
        - The time that the processor spent running the guest.
      type: bool
    synic:
      description:
        - A synthetic interrupt controller. Needs O(ignore:hyperv.vpindex).
      type: bool
    stimer:
      description:
        - Synthetic timers. Need O(ignore:hyperv.synic), and the timer V(hypervclock).
      type: bool
    reset:
      description:
        - A reset of the VM.
      type: bool
    frequencies:
      description:
        - The frequencies of timers.
      type: bool
    reenlightenment:
      description:
        - Word of a move to a host whose clock has another frequency.
      type: bool
    tlbflush:
      description:
        - A faster flush of the TLB of other processors.
      type: bool
    ipi:
      description:
        - Faster interrupts between processors.
      type: bool
    evmcs:
      description:
        - Faster VMs inside the VM, on Intel.
      type: bool
    avic:
      description:
        - Interrupts by the processor's own APIC.
      type: bool
    stimer_direct:
      description:
        - Synthetic timers that interrupt directly. Needs O(ignore:hyperv.stimer).
      type: bool
    spinlocks:
      description:
        - How often a lock is tried before the host is told; V(0) for never, else V(4095) and more. V(8191) is usual.
      type: int
    vendor_id:
      description:
        - The name of the hypervisor, at most 12 characters. The empty text removes it.
      type: str
clock:
  description:
    - Its clock.
  type: dict
  suboptions:
    offset:
      description:
        - What its hardware clock shows at the start. Windows expects V(localtime).
      type: str
      choices: [utc, localtime, timezone]
    timezone:
      description:
        - The time zone for offset V(timezone), which it implies, such as V(Europe/Berlin).
      type: str
    timers:
      description:
        - Its timers, found by their name. Those that are not named are left alone.
      type: list
      elements: dict
      suboptions:
        name:
          description:
            - Which timer.
          type: str
          choices: [armvtimer, hpet, hypervclock, kvmclock, pit, platform, rtc, tsc]
          required: true
        present:
          description:
            - Whether the guest has it.
          type: bool
        tickpolicy:
          description:
            - What becomes of ticks that the guest missed.
          type: str
          choices: [catchup, delay, discard, merge]
        track:
          description:
            - What the timer follows.
          type: str
          choices: [boot, guest, realtime, wall]
memory_backing:
  description:
    - What its memory is made of on the host.
  type: dict
  suboptions:
    hugepages:
      description:
        - Whether it is made of huge pages, which the host must have set aside.
      type: bool
    hugepage_kib:
      description:
        - Their size in KiB, such as V(2048) or V(1048576). Implies O(ignore:memory_backing.hugepages).
        - Without it, they have the host's default size.
      type: int
    locked:
      description:
        - Whether it is never swapped out. The host then needs all that memory, and some more.
      type: bool
    shared:
      description:
        - Whether other processes of the host can share it, as virtiofs and vhost-user need.
      type: bool
    source:
      description:
        - Where it comes from.
      type: str
      choices: [anonymous, file, memfd]
numa:
  description:
    - The NUMA cells that the guest sees, and the host's nodes that its memory comes from.
  type: dict
  suboptions:
    nodeset:
      description:
        - The host's NUMA nodes for all of the memory, such as V(0-1). The empty text removes it.
        - A running VM's is changed where libvirt can.
      type: str
    mode:
      description:
        - Whether memory comes from those nodes only, preferably, or in turn. V(strict) where nothing else is said.
      type: str
      choices: [strict, preferred, interleave, restrictive]
    cells:
      description:
        - The cells, which replace all that the VM has; an empty list removes them. What is not named of a cell is kept.
        - Together they have all CPUs and all memory of the VM. The only cell of a VM follows O(ignore:memory_mib) and O(ignore:vcpus).
      type: list
      elements: dict
      suboptions:
        id:
          description:
            - Its number, from 0 on.
          type: int
          required: true
        cpus:
          description:
            - The VM's CPUs in it, such as V(0-3,8).
          type: str
          required: true
        memory_mib:
          description:
            - Its memory.
          type: int
          required: true
        nodeset:
          description:
            - The host's nodes that this cell's memory comes from. The empty text removes it.
          type: str
memory_hotplug:
  description:
    - How far the VM's memory can grow by O(ignore:memory_devices). QEMU needs to know it at the start.
    - A VM without NUMA cells gets one with all its CPUs and memory, because memory is plugged into cells.
  type: dict
  suboptions:
    max_mib:
      description:
        - The memory of the VM with all devices that may be plugged in. V(0) takes the possibility away.
      type: int
    slots:
      description:
        - How many modules (V(dimm)) there may be at a time; V(16) where nothing else is said.
      type: int
memory_devices:
  description:
    - Memory beside O(ignore:memory_mib), which is plugged into a running VM, and taken out with O(ignore:purge). It needs O(ignore:memory_hotplug).
    - A guest with Linux on x86 takes modules whose size is a multiple of 128 MiB, and gives back what it has not filled for good;
      C(memhp_default_state=online_movable) on its command line keeps them free.
  type: list
  elements: dict
  suboptions:
    name:
      description:
        - Its name; libvirt has it as the alias C(ua-NAME).
      type: str
      required: true
    model:
      description:
        - V(dimm) is a module, which the guest has whole. Of V(virtio-mem) the guest is given O(ignore:memory_devices[].requested_mib); its
          kernel needs the driver.
        - V(dimm) for a new one.
      type: str
      choices: [dimm, virtio-mem]
    size_mib:
      description:
        - Its size, a multiple of 2. A new one needs it. It changes with the next start.
      type: int
    node:
      description:
        - The NUMA cell that it belongs to; V(0) for a new one.
      type: int
    requested_mib:
      description:
        - How much of a device of the model V(virtio-mem) the guest shall have, a multiple of 2; V(0) for a new one. A running VM's is changed.
      type: int
pinning:
  description:
    - Which of the host's CPUs it runs on; sets such as V(0-3,^2,8). A running VM's are changed, except O(ignore:pinning.cpuset).
  type: dict
  suboptions:
    cpuset:
      description:
        - The CPUs for all that is not pinned by itself. The empty text removes it.
      type: str
    vcpus:
      description:
        - The number of one of the VM's CPUs, and the host's CPUs that it runs on. The empty text removes a pin; those that are
          not named are left alone.
        - The pin of a CPU that a running VM cannot have yet, as its O(ignore:vcpus_max) grows too, waits for the next start.
      type: dict
    emulator:
      description:
        - The CPUs for QEMU's other threads. The empty text removes it.
      type: str
tpm:
  description:
    - Its TPM, emulated by swtpm. What the TPM keeps is removed with the VM, not with the device.
  type: dict
  suboptions:
    version:
      description:
        - The TPM's version; V(none) removes it. Each version keeps its own data.
        - A TPM of the host that is passed through is replaced.
      type: str
      choices: ["1.2", "2.0", none]
      required: true
    model:
      description:
        - How the guest reaches it. V(crb) is of version V(2.0).
      type: str
      choices: [crb, tis, spapr]
    persistent_state:
      description:
        - Whether its data stays on the host when the VM is removed.
      type: bool
cpu:
  description:
    - The processor that the guest sees. Left to libvirt, it is a very old one.
  type: dict
  suboptions:
    mode:
      description:
        - V(custom) is one named model, V(host-model) what comes nearest to the host's, V(host-passthrough) the host's own,
          V(maximum) all that the emulator can.
        - V(baseline) is the best CPU that all hosts of the task's O(ignore:cluster) can give, written as one model with each feature in
          which it differs from that. Features that it does not name are taken out of the VM, except those in O(ignore:cpu.features).
          When the hosts change, the next task makes the VM follow.
      type: str
      choices: [custom, host-model, host-passthrough, maximum, baseline]
    model:
      description:
        - The model, with mode V(custom), which it implies.
      type: str
    topology:
      description:
        - How its CPUs are built; their product is O(ignore:vcpus_max). What is not named is V(1); an empty dictionary removes it.
      type: dict
      suboptions:
        sockets:
          description:
            - Sockets of the machine.
          type: int
        dies:
          description:
            - Dies of a socket.
          type: int
        clusters:
          description:
            - Clusters of a die, with libvirt 10.1 and newer.
          type: int
        cores:
          description:
            - Cores of a cluster, or die.
          type: int
        threads:
          description:
            - Threads of a core.
          type: int
    features:
      description:
        - Names of features of the processor, each with V(require), V(disable), V(optional), V(force), V(forbid), or V(default) to
          leave it to the model again. Features that are not named are left alone.
      type: dict
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
iothreads:
  description:
    - The number of QEMU's threads that disks can be given for their input and output; V(0) for none.
    - A running VM is given more at once, and gives back those that no disk uses.
  type: int
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
        - The volume. One that does not exist is made, and needs a size or an image. Its name holds no slash.
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
        - In a pool of type V(logical) one that is up to 32 MiB larger is as it was asked, because LVM rounds it up to whole extents.
      type: int
    size_mib:
      description:
        - The same in MiB.
      type: int
    image:
      description:
        - What a volume that does not exist is made from. One that exists is never written to, and differs from no image.
        - Without a size it gets that of the image; one that is larger is grown, one that is smaller is refused.
        - The guide for VMs from images says what can be copied where.
      type: dict
      suboptions:
        pool:
          description:
            - The storage pool of the image.
          type: str
        volume:
          description:
            - The volume that is the image.
          type: str
        path:
          description:
            - A file on the host. One that is in no active storage pool is uploaded as it is, so the new volume gets its format.
          type: str
        format:
          description:
            - The format of the image. It must be named for a file that is in no active storage pool.
          type: str
          choices: [raw, qcow2]
        checksum:
          description:
            - Its kind and digest, such as V(sha256:9f86d0…). The content of the image must have it, which is checked whenever a volume is
              to be made from it, in check mode as well.
          type: str
        mode:
          description:
            - V(copy) makes a volume that stands for itself. In the format of the image, if that is raw or qcow2 and none is named.
            - V(backing) makes a V(qcow2) volume over the image, which keeps only what the VM writes. Nobody may write to the image or
              remove it from then on; an image that a VM has as a disk that it can write is refused.
          type: str
          choices: [copy, backing]
          default: copy
    format:
      description:
        - The format of the data. A new volume gets V(qcow2) in a pool of files, or what O(ignore:disks[].image) makes it, an existing one
          keeps its own, block devices and the network are V(raw); with a path to a file it must be named.
        - A disk that is put to another place gets the format of what is there in the same way; one that stays keeps its own.
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
    io:
      description:
        - How QEMU reads and writes it. V(native) needs the O(ignore:disks[].cache) V(none) or V(directsync).
      type: str
      choices: [native, threads, io_uring]
    discard:
      description:
        - Whether space that the guest gives back is given back by the host.
      type: str
      choices: [ignore, unmap]
    detect_zeroes:
      description:
        - Whether zeroes that the guest writes are written as such, as a hole, or given back.
      type: str
      choices: ["off", "on", unmap]
    shareable:
      description:
        - Whether other VMs use it at the same time. The guests must know how to do that.
      type: bool
    iothread:
      description:
        - The number of the thread, of O(ignore:iothreads), that drives it; V(0) for QEMU's own.
      type: int
    iotune:
      description:
        - Limits, changed while the VM runs too; V(0) for none. A limit for both directions replaces those for one, and
          the other way round.
      type: dict
      suboptions:
        total_bytes_sec:
          description:
            - Bytes in a second.
          type: int
        read_bytes_sec:
          description:
            - Bytes read in a second.
          type: int
        write_bytes_sec:
          description:
            - Bytes written in a second.
          type: int
        total_iops_sec:
          description:
            - Operations in a second.
          type: int
        read_iops_sec:
          description:
            - Reads in a second.
          type: int
        write_iops_sec:
          description:
            - Writes in a second.
          type: int
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
    - A new one needs a bridge, a network or a PCI address.
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
    portgroup:
      description:
        - The port group of that network. The empty text removes it.
      type: str
    pci:
      description:
        - The PCI address (V(0000:65:00.1)) of a function of the host's network card that it is, called SR-IOV. A network of
          libvirt with the forward mode V(hostdev) chooses one itself.
        - Such a VM cannot be migrated live, unless the interface is the V(transient) one of a pair.
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
    alias:
      description:
        - A name of the user's own for it, such as V(ua-backup).
      type: str
    teaming:
      description:
        - Makes it one of a pair that the guest sees as one, for a card that cannot move. The transient one is taken away before a
          move and given back after it; meanwhile the guest uses the persistent one, which is of model V(virtio).
        - Both have the same MAC address, by which the guest recognizes them, and are named with it.
      type: dict
      suboptions:
        type:
          description:
            - Which of both; V(none) if it is no part of a pair.
          type: str
          choices: [none, persistent, transient]
          required: true
        persistent:
          description:
            - The alias of the persistent one, at the transient one.
          type: str
    link:
      description:
        - Whether its cable is plugged in. Changed while the VM runs.
      type: str
      choices: [up, down]
    mtu:
      description:
        - The largest frame that the guest is told of; V(0) for what the bridge has.
      type: int
    queues:
      description:
        - The number of pairs of queues of a V(virtio) card, which lets as many CPUs of the guest work on it.
      type: int
    bandwidth:
      description:
        - Limits, changed while the VM runs too; V(0) for none.
      type: dict
      suboptions:
        inbound:
          description:
            - Of what the guest gets.
          type: dict
          suboptions: &bandwidth
            average_kib:
              description:
                - KiB in a second. V(0) takes off all limits of this direction.
              type: int
            peak_kib:
              description:
                - KiB in a second, at most.
              type: int
            burst_kib:
              description:
                - KiB that may go at that peak.
              type: int
        outbound:
          description:
            - Of what it sends.
          type: dict
          suboptions: *bandwidth
    filter:
      description:
        - libvirt's filter of what it sends and gets, changed while the VM runs too. Not with Open vSwitch.
      type: dict
      suboptions:
        name:
          description:
            - The filter, such as V(clean-traffic). The empty text removes it.
          type: str
          required: true
        parameters:
          description:
            - Its parameters, such as V(IP); a list for one that is given several times. They replace all that it has.
          type: dict
hostdevs:
  description:
    - Devices of the host that it has for itself, found by their name. Others are left alone. Plugged in and out while it runs.
    - Such a VM cannot be migrated live.
  type: list
  elements: dict
  suboptions:
    device:
      description:
        - V(0000:65:00.0) is a PCI device by its address, V(046d:c52b) a USB device by vendor and product, V(1.4) a USB device by
          bus and device, a UUID a mediated device that exists.
      type: str
      required: true
    managed:
      description:
        - Whether libvirt takes a PCI device from its driver on the host when the VM starts, and gives it back when it stops.
          V(true) for a new one.
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
video:
  description:
    - Its graphics card.
  type: dict
  suboptions:
    model:
      description:
        - The card that the guest sees.
      type: str
      choices: [none, vga, cirrus, virtio, qxl, bochs, ramfb]
      required: true
inputs:
  description:
    - Its input devices, found by their type, besides those that the machine has. Others are left alone. Plugged in and out while
      it runs.
  type: list
  elements: dict
  suboptions:
    type:
      description:
        - V(tablet) is a pointer that follows the one of the person who looks at its graphical console.
      type: str
      choices: [tablet, keyboard, mouse]
      required: true
    bus:
      description:
        - How the guest sees it; V(usb) for a new one.
      type: str
      choices: [usb, virtio]
watchdog:
  description:
    - A timer that the guest has to reset again and again.
  type: dict
  suboptions:
    model:
      description:
        - The timer; V(none) removes it. A newer libvirt gives each VM of machine V(q35) an V(itco), which stays.
      type: str
      choices: [none, i6300esb, itco, ib700, diag288]
      required: true
    action:
      description:
        - What happens when it runs out. It is the same for all watchdogs of a VM.
      type: str
      choices: [reset, shutdown, poweroff, pause, dump, inject-nmi, none]
panic:
  description:
    - Whether the guest can tell the host that its kernel panics.
  type: bool
tuning:
  description:
    - What it may take of its host, changed while it runs too. The host's control groups must offer it, else libvirt refuses the
      change or the start.
  type: dict
  suboptions:
    cpu:
      description:
        - Processor time. A quota is what may be used of each period.
      type: dict
      suboptions:
        shares:
          description:
            - Its weight beside others. What others have is V(100) with control groups of version 2, V(1024) with version 1.
          type: int
        period_us:
          description:
            - Microseconds, for each of its CPUs.
          type: int
        quota_us:
          description:
            - Microseconds, for each of its CPUs; V(0) for no limit, so with all quotas.
          type: int
        global_period_us:
          description:
            - Microseconds, for all together.
          type: int
        global_quota_us:
          description:
            - Microseconds, for all together.
          type: int
        emulator_period_us:
          description:
            - Microseconds, for QEMU's threads that are no CPU.
          type: int
        emulator_quota_us:
          description:
            - Microseconds, for QEMU's threads that are no CPU.
          type: int
        iothread_period_us:
          description:
            - Microseconds, for each of O(ignore:iothreads).
          type: int
        iothread_quota_us:
          description:
            - Microseconds, for each of O(ignore:iothreads).
          type: int
    memory:
      description:
        - The host's memory, QEMU's own use of it included; V(0) for no limit.
      type: dict
      suboptions:
        hard_limit_mib:
          description:
            - What it never gets more than. QEMU is killed when it needs more, and how much that is nobody can tell. It also locks
              as much memory as a VM with devices of the host needs.
          type: int
        soft_limit_mib:
          description:
            - What it is pushed back to when the host runs out of memory.
          type: int
        swap_hard_limit_mib:
          description:
            - What memory and swap together never are more than.
          type: int
    block_io:
      description:
        - Input and output of all its disks.
      type: dict
      suboptions:
        weight:
          description:
            - Its weight beside others, V(100) to V(1000), with newer kernels V(1) to V(10000).
          type: int
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
        - How it gets out of the way of a host that goes out of service. V(live) moves it while it runs, V(suspend) saves its memory to
          disk and restores it when that host is back, V(offline) shuts it down and starts it on another host, V(shutdown) shuts it down
          and starts it when that host is back, V(stay) does not touch it and keeps its host from being upgraded.
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
xml:
  description:
    - A C(<domain>) document with what no other option knows. What it names is written into the VM's definition after all other
      options, everything else stays. The guide for adopting VMs says how its elements are found among those of the VM.
    - C(remove="yes") in the namespace C(urn:evergreen.virt:xml:1) removes an element, C(remove-attributes="names") attributes.
    - It is refused if another option is named for the same and says something else, and if libvirt does not take all of it,
      which it shows by dropping it.
    - A running VM gets it at its next start. With O(ignore:apply=restart), the VM is restarted when its definition changes.
    - Passwords and the like are not shown, and the document is not logged.
  type: str
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
