# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on a lab host and prints what is there as JSON, asking neither the collection nor Ansible."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path("/")
OF_A_RUN = (
    "etc/apt/preferences.d/evergreen-virt-manifest",
    "run/openvswitch/evergreen.virt-flows.json",
    "run/systemd/system/*.service.d/evergreen-*.conf",
)


def run(*argv: str) -> str:
    """Return what a program prints; empty when it fails or is missing."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""


def version(*argv: str) -> str:
    """Return the first dotted number that a program prints."""
    found = re.search(r"\d+\.\d+(\.\d+)?", run(*argv))
    return found.group() if found else ""


def stale_emulators() -> list[str]:
    """Return the VMs whose QEMU binary was replaced on disk."""
    stale = []
    for path in ROOT.glob("run/libvirt/qemu/*.pid"):
        exe = ROOT / f"proc/{path.read_text().strip()}/exe"
        if exe.is_symlink() and str(exe.readlink()).endswith(" (deleted)"):
            stale.append(path.stem)
    return stale


def moving(active: list[str]) -> list[str]:
    """Return which of the active VMs are on their way from or to this host."""
    return [vm for vm in active if not re.search(r"Job type:\s+None", run("virsh", "domjobinfo", vm))]


def stray_ports() -> list[str]:
    """Return the ports of VMs on the switch that no VM has."""
    owned = {word for path in ROOT.glob("run/libvirt/qemu/*.xml") for word in re.findall(r"vnet\d+", path.read_text())}
    return sorted(set(re.findall(r"^vnet\d+$", run("ovs-vsctl", "list-ports", "br0"), re.MULTILINE)) - owned)


def emulators() -> dict[str, str]:
    """Return the VM of each QEMU that runs, by its process."""
    found = {}
    for path in ROOT.glob("proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # the process has ended meanwhile
            if match := re.search(r"\0-name\0guest=([^,\0]+)", path.read_text(errors="replace")):
                found[path.parent.name] = match.group(1)
    return found


def stray_emulators(before: dict[str, str], active: list[str]) -> list[str]:
    """Return the VMs of QEMUs that libvirt does not know, and that have not ended since it was asked.

    :param before: those that ran before it was asked.
    """
    known = {path.read_text().strip() for path in ROOT.glob("run/libvirt/qemu/*.pid") if path.stem in active}
    return sorted(vm for process, vm in before.items() & emulators().items() if process not in known)


def files_of_a_run() -> list[str]:
    """Return the files that are there only while an upgrade is under way."""
    return sorted(f"/{path.relative_to(ROOT)}" for pattern in OF_A_RUN for path in ROOT.glob(pattern))


def look() -> dict[str, object]:
    """Return all that is told of the host."""
    emulated = emulators()
    active = run("virsh", "list", "--name").split()
    defined = run("virsh", "list", "--all", "--persistent", "--name").split()
    return {
        "os": re.findall(r'VERSION_ID="?([\d.]+)', (ROOT / "etc/os-release").read_text())[0],
        "libvirt": version("libvirtd", "--version"),
        "qemu": version("qemu-system-x86_64", "--version"),
        "ovs": version("ovs-vswitchd", "--version"),
        "failed_units": run("systemctl", "--failed", "--plain", "--no-legend").split("\n")[:-1],
        "in_maintenance": (ROOT / "var/lib/evergreen.virt/maintenance.json").exists(),
        "running": run("virsh", "list", "--name", "--state-running").split(),
        "active": active,
        "defined": defined,
        "stale": stale_emulators(),
        "moving": moving(active),
        "stray_ports": stray_ports(),
        # which an upgrade makes to try something, and removes again: no other VM is called so
        "helpers": sorted(vm for vm in {*active, *defined} if vm.startswith("evergreen-")),
        "stray_emulators": stray_emulators(emulated, active),
        "files_of_a_run": files_of_a_run(),
    }


if __name__ == "__main__":
    print(json.dumps(look()))
