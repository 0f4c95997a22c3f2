# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Who would lack libvirt's lock manager: VMs that are safe only with one, and a host whose update takes it away (pure).

With the setting and without the plugin libvirt's QEMU driver does not load: https://libvirt.org/kbase/locking-lockd.html.
Debian had the plugin in libvirt-daemon before libvirt 10.6, and has it in a package of its own since, which libvirt-daemon
only recommends: https://packages.debian.org/trixie/libvirt-daemon-plugin-lockd.
"""

from __future__ import annotations

import typing as t

from .._facts import Disk, Vm
from .._qemu_conf import setting

PLUGIN = "libvirt-daemon-plugin-lockd"


def unlocked(qemu_conf: str, vms: t.Iterable[Vm]) -> list[str]:
    """Return the names of the VMs that nothing keeps from being started on two hosts: with disks on shared files, and no lock manager.

    :param qemu_conf: the text of /etc/libvirt/qemu.conf.
    """
    if setting(qemu_conf, "lock_manager") not in (None, "", "nop"):
        return []
    return [vm.name for vm in vms if any(map(_is_shared_file, vm.disks))]


def _is_shared_file(disk: Disk) -> bool:
    return disk.shared and not disk.readonly and (disk.source or "").startswith("/")


def problems(qemu_conf: str, offered: t.Collection[str]) -> list[str]:
    """Return why libvirt would lack its lock manager after the update, none if it would not.

    :param qemu_conf: the text of /etc/libvirt/qemu.conf.
    :param offered: the packages that the repositories have and that are not installed after the update. That the plugin
        is among them is how one knows that it is a package of its own.
    """
    if setting(qemu_conf, "lock_manager") != "lockd" or PLUGIN not in offered:
        return []
    sentence = (
        f'/etc/libvirt/qemu.conf has lock_manager = "lockd", and without the package {PLUGIN}, which the update does not'
        " bring, libvirt's QEMU driver would not load: name it in upgrade_packages (the option 'packages' of"
        " evergreen.virt.hypervisor_updates_info)."
    )
    return [sentence]
