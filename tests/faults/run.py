# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the rolling upgrade, and the ways in which tests break it."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_collections.evergreen.virt.tests.faults.chance import Chance
from ansible_collections.evergreen.virt.tests.faults.story import Story, a_move_from, stage, wait_until
from ansible_collections.evergreen.virt.tests.lab import cluster
from ansible_collections.evergreen.virt.tests.lab.cluster import ADDRESSES, LARGE, host_py, ssh
from ansible_collections.evergreen.virt.tests.lab.guests import odd_memory, say
from ansible_collections.evergreen.virt.tests.lab.updates import PAYLOAD, Updates

THIRD = "third"
"""A VM of somebody who knows nothing of the upgrade."""
_THIRD_MIB = 32
_THIRD_XML = f"""\
<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
<name>{THIRD}</name><memory unit="MiB">{_THIRD_MIB}</memory><vcpu>1</vcpu><os><type machine="pc-q35-7.2">hvm</type></os>
<cpu mode="custom"><model>qemu64</model></cpu>
<qemu:commandline>{"".join(f'<qemu:arg value="{argument}"/>' for argument in odd_memory(_THIRD_MIB))}</qemu:commandline>
</domain>
"""
_MOVES_IN_S = 30
"""Seconds within which a host that is being emptied begins its next move."""
_LIBVIRTD = "systemctl kill --signal=KILL --kill-whom=main libvirtd"


@dataclasses.dataclass
class Run:
    """A run under way.

    :param host: the host that it upgrades.
    :param next_host: another one, which it upgrades after that if it was asked to.
    :param arguments: of the playbook, without those that slow it down for the fault.
    :param chance: what was drawn for the fault that strikes it.
    """

    story: Story
    updates: Updates
    host: str
    next_host: str
    arguments: tuple[str, ...]
    chance: Chance
    process: subprocess.Popen[bytes]
    controller: Path
    rivals: list[subprocess.Popen[bytes]] = dataclasses.field(default_factory=list)

    def in_stage(self, name: str) -> bool:
        """Whether the host has come to a stage."""
        return stage(self.controller, self.host) == name

    def at_its_boundary(self) -> bool:
        """Whether as many tasks have begun as was drawn."""
        return (self.controller / "output").read_bytes().count(b"\nTASK [") > self.chance.boundary

    def moves(self) -> bool:
        """Whether a VM leaves the host at this moment; it is not asked before, which would take time of the run's."""
        return self.in_stage("evacuate") and a_move_from(self.host)

    def updates_packages(self) -> bool:
        """Whether a package is being set up at this moment."""
        return self.in_stage("update") and bool(ssh(self.host, "pgrep --full [l]ab.*postinst || true").strip())

    def moving(self) -> tuple[str, str] | None:
        """Return a VM that leaves the host at this moment, and where it goes to: it has a QEMU on both."""
        hosts = (self.host, *(name for name in LARGE.cluster if name != self.host))
        with ThreadPoolExecutor() as pool:
            here, *there = pool.map(_emulated, hosts)
        return next(((vm, host) for host, vms in zip(hosts[1:], there) for vm in sorted(here & vms)), None)

    def move(self) -> tuple[str, str]:
        """Return the same as soon as there is one."""
        return wait_until(self.moving, "move whose target is known", self.process, seconds=_MOVES_IN_S)

    def report(self) -> dict[str, t.Any] | None:
        """Return what the run tells of itself, None if it has not come to the hosts."""
        path = self.controller / "report.json"
        return json.loads(path.read_text()) if path.exists() else None

    def ended(self, seconds: float) -> int:
        """Wait for the end of this run and its rivals, and return its own exit code."""
        end = time.monotonic() + seconds
        for process in (self.process, *self.rivals):
            process.wait(timeout=max(end - time.monotonic(), 1))
        return int(self.process.returncode)

    def end(self) -> None:
        """Kill what still lives of it and its rivals: it would be in the way of the next."""
        for process in (self.process, *self.rivals):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _emulated(host: str) -> set[str]:
    """Return the VMs that have a QEMU on a host."""
    files = ssh(host, "cd /run/libvirt/qemu && ls *.xml 2>/dev/null || true").split()
    return {file.removesuffix(".xml") for file in files}


# --- what breaks ----------------------------------------------------------------------------------------------------


def kill_controller(run: Run) -> None:
    """Kill the whole run on the controller."""
    os.killpg(run.process.pid, signal.SIGKILL)


def kill_source_libvirtd(run: Run) -> None:
    """Kill libvirtd where the VM comes from; systemd starts it again."""
    ssh(run.host, _LIBVIRTD)


def kill_target_libvirtd(run: Run) -> None:
    """Kill libvirtd where the VM goes to; systemd starts it again."""
    _vm, target = run.move()
    ssh(target, _LIBVIRTD)


def kill_target_qemu(run: Run) -> None:
    """Kill the QEMU that a VM is on its way to."""
    vm, target = run.move()
    ssh(target, f"kill -KILL $(cat /run/libvirt/qemu/{vm}.pid)")


def restart_libvirtd(run: Run) -> None:
    """Restart libvirtd on the host in maintenance."""
    ssh(run.host, "systemctl restart libvirtd")


def crash_host(run: Run) -> None:
    """Cut the host's power."""
    host_py("crash", run.host)


def crash_for_a_moment(run: Run) -> None:
    """Cut the host's power, and give it back."""
    crash_host(run)
    power_on(run)


def power_on(run: Run) -> None:
    """Start the host again."""
    host_py("start", run.host)


def cut_migration_network(run: Run) -> None:
    """Let nothing get from the host to the others for a while."""
    others = ",".join(ADDRESSES[name] for name in LARGE.cluster if name != run.host)
    ssh(run.host, f"iptables --insert OUTPUT --destination {others} --jump DROP")
    try:
        time.sleep(20)
    finally:
        ssh(run.host, f"iptables --delete OUTPUT --destination {others} --jump DROP")


def lose_ssh_for_a_minute(run: Run) -> None:
    """Cut the cable of the host's management for a minute."""
    host_py("unplug", run.host)
    try:
        time.sleep(60)
    finally:
        host_py("plug", run.host)


def unplug(run: Run) -> None:
    """Cut the cable of the host's management."""
    host_py("unplug", run.host)


def plug(run: Run) -> None:
    """Mend it."""
    host_py("plug", run.host)


def fill_disk(run: Run) -> None:
    """Leave no room for what the packages bring."""
    ssh(run.host, f"mount -t tmpfs -o size=64k none {PAYLOAD}")


def free_disk(run: Run) -> None:
    """Give it back."""
    ssh(run.host, f"umount {PAYLOAD}")


def hold_package_lock(run: Run) -> None:
    """Let somebody else have the package manager for a while."""
    script = "import fcntl,time; fcntl.lockf(open('/var/lib/dpkg/lock-frontend','w'), fcntl.LOCK_EX); time.sleep(30)"
    ssh(run.host, f'systemd-run --quiet --unit=lock-holder python3 -c "{script}"')


def break_package(run: Run) -> None:
    """Let the package's own script fail."""
    run.updates.broken.touch()


def mend_package(run: Run) -> None:
    """Let it succeed again."""
    run.updates.broken.unlink()


def take_repository_away(run: Run) -> None:
    """Take away where the packages come from."""
    run.updates.vanish()


def bring_repository_back(run: Run) -> None:
    """Bring it back."""
    run.updates.come_back()


def make_a_guest_restless(run: Run) -> None:
    """Let a VM of the host change its memory faster than it can be sent."""
    say(_guest(run), "d")


def calm_it(run: Run) -> None:
    """Let every VM be calm again."""
    with ThreadPoolExecutor(4) as pool:  # the observer lets in no more than ten at a time
        list(pool.map(lambda address: say(address, "c"), LARGE.guests.values()))


def _guest(run: Run) -> str:
    return next(LARGE.guests[vm] for vm in ssh(run.host, "virsh list --name").split() if vm in LARGE.guests)


def define_third(host: str) -> None:
    """Let somebody have a VM on a host, and try to start it there."""
    ssh(host, f"virsh define /dev/stdin && (virsh start {THIRD} || true)", stdin=_THIRD_XML)


def start_third(run: Run) -> None:
    """Let somebody define a VM on the host, and try to start it there."""
    define_third(run.host)


def stop_third(run: Run) -> None:
    """Let somebody end their VM, wherever it is by now."""
    _everywhere(f"virsh destroy {THIRD} 2>/dev/null || true")


def delete_third(run: Run) -> None:
    """Let somebody end and delete their VM, wherever it is by now."""
    stop_third(run)
    _everywhere(f"virsh undefine {THIRD} 2>/dev/null || true")


def _everywhere(script: str) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: ssh(host, script), LARGE.cluster))


def maintain_next_host(run: Run) -> None:
    """Let an operator take the run's second host out of service."""
    maintenance(run.next_host, "enabled")


def end_maintenance_of_next_host(run: Run) -> None:
    """Let the operator give it back."""
    maintenance(run.next_host, "disabled")


def maintenance(host: str, state: str) -> None:
    """Let an operator take a host out of service, or give it back."""
    arguments = json.dumps({"owner": "operator", "reason": "of their own", "state": state})
    done = cluster.run(
        ["ansible", *LARGE.sources, host, "-m", "evergreen.virt.hypervisor_maintenance", "-a", arguments]
    )
    assert done.returncode == 0, done.stdout


def start_a_rival(run: Run) -> None:
    """Start the same command once more, from another controller."""
    run.rivals.append(run.story.start(*run.arguments)[0])
