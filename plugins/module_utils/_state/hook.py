# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The hook that makes libvirt itself refuse VMs while the maintenance record lies on the host.

libvirt calls it as `<hook> <VM> <operation> <sub-operation> <extra>` with the VM's XML on stdin; what it prints to
stdout would replace that XML, what it prints to stderr becomes the error of whoever asked. `migrate` is asked on the
receiving host only, so a host in maintenance can still send its VMs away. `reconnect` is asked for every running VM
when the daemon restarts, and a VM whose hook fails then is killed.
Source: https://libvirt.org/hooks.html
"""

from __future__ import annotations

import pathlib

from . import record

HOOK_PATH = pathlib.Path("/etc/libvirt/hooks/qemu.d/evergreen-maintenance")

REFUSED = ("prepare", "start", "migrate", "restore")
"""The operations that bring a VM onto a host; every other one is answered 0, whatever happens."""

MARK = "evergreen.virt maintenance"
"""Every refusal of the hook holds it: whoever sees an error can tell that it was this hook."""

# The shell decides alone unless a VM comes while a record is there: it starts in a millisecond, and it works while
# Python is being upgraded underneath the VMs.
_TEMPLATE = r"""#!/bin/sh
# Written by the Ansible collection evergreen.virt (module maintenance_hook); changes here will be lost.
# Refuses VMs while this host is in maintenance. It must never fail for another operation than these.
case "$2" in
  @REFUSED@) ;;
  *) exit 0 ;;
esac
[ -e "@RECORD@" ] || exit 0
exec </dev/null >/dev/null
/usr/bin/env python3 -I -S -c '
import json, sys
path, name, mark = sys.argv[1:]
try:
    with open(path, encoding="utf-8") as stream:
        record = json.load(stream)
    if isinstance(record["allow"], list) and name in record["allow"]:
        sys.exit(0)
    owner, reason, since = (str(record[key]) for key in ("owner", "reason", "since"))
except FileNotFoundError:
    sys.exit(0)
except (OSError, ValueError, KeyError, TypeError) as error:
    problem = type(error).__name__ + " " + str(error)
    sys.exit(mark + ": this host takes no VM, " + name + " was refused: the record " + path + " is there but cannot"
             " be read (" + problem + "). Repair it; if nobody maintains this host, remove it.")
sys.exit(mark + ": this host takes no VM, " + name + " was refused: " + owner + " maintains it since " + since
         + ", reason: " + (reason or "none given") + ". Use another host, or let " + owner + " end it"
         " (evergreen.virt.hypervisor_maintenance with state: disabled).")
' "@RECORD@" "$1" "@MARK@"
status=$?
case $status in
  0) exit 0 ;;
  1) ;;
  *) echo "@MARK@: this host takes no VM, $1 was refused: the record @RECORD@ is there" \
       "and python3 failed with status $status while reading it." >&2 ;;
esac
exit 1
"""


def text(record_path: pathlib.Path) -> str:
    """Return the hook's script for a record that lies at `record_path`."""
    script = _TEMPLATE.replace("@REFUSED@", " | ".join(REFUSED)).replace("@MARK@", MARK)
    return script.replace("@RECORD@", str(record_path))


HOOK_TEXT = text(record.path())
