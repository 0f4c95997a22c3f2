# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, stop and break the lab's hosts.

A host is a systemd-nspawn container that a supervisor of its own starts again after each reboot. What a host consists of
was written to ``<run>/hosts/<name>/host.json`` by up.yml; its console goes to ``<run>/log/<name>.log``.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "build" / "lab"
REBOOT = 133  # nspawn's exit status when its host asked for a reboot
POWER_OFF = signal.SIGRTMIN + 4  # what systemd as init takes for `systemctl poweroff`


class LabError(Exception):
    """Something the caller has to know; shown without a traceback."""


@dataclass(frozen=True)
class Host:
    """One host: its settings (host.json) and where its files are."""

    name: str
    run: Path
    address: str
    base: str
    channels: str
    guest: str
    mgmt_bridge: str
    trunk_bridge: str

    @property
    def folder(self) -> Path:
        """Where the host's disk layer, lock and settings are."""
        return self.run / "hosts" / self.name

    @property
    def root(self) -> Path:
        """Where the host's whole disk is mounted."""
        return self.folder / "root"

    @property
    def layer(self) -> Path:
        """What the host's disk has beyond the base image."""
        return self.folder / "upper"

    @property
    def kept(self) -> Path:
        """A copy of that layer."""
        return self.folder / "kept"

    @property
    def to_boot(self) -> Path:
        """A copy that takes the layer's place at the next boot."""
        return self.folder / "to_boot"

    @property
    def cgroup(self) -> Path:
        """The cgroup that holds the host and its supervisor."""
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        return Path(next(mount[1] for mount in mounts if mount[2] == "cgroup2"), f"evg-{self.name}")

    @property
    def shared(self) -> Path:
        """A folder that all hosts see, and lock files in: they have one kernel."""
        return self.run / "shared"

    @property
    def log(self) -> Path:
        """What the host's console and its supervisor said."""
        return self.run / "log" / f"{self.name}.log"

    @property
    def mgmt_link(self) -> str:
        """The outer end of the management link (nspawn chooses this name)."""
        return f"vb-{self.name}"

    @property
    def trunk_link(self) -> str:
        """The outer end of the VM trunk."""
        return f"vt-{self.name}"


def load(run: Path, name: str) -> Host:
    """Read what up.yml wrote about a host."""
    try:
        settings = json.loads((run / "hosts" / name / "host.json").read_text())
    except FileNotFoundError:
        raise LabError(f"there is no host {name} in {run}: run lab-up first") from None
    return Host(name=name, run=run, **settings)


def command(*argv: str) -> None:
    """Run a command that has to succeed."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or done.returncode}")


def wait_for(what: str, condition: Callable[[], object], seconds: float) -> None:
    """Wait until the condition holds; the error says what did not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


# --- what runs now ---------------------------------------------------------------------------------------------------


def supervisor_pid(host: Host) -> int | None:
    """The supervisor's process, or None when the host is down. Its lock, not its pid file, tells that it lives."""
    with contextlib.suppress(FileNotFoundError), (host.folder / "supervisor").open(encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None


def is_down(host: Host) -> bool:
    """Whether nothing of the host runs and nobody starts it."""
    return supervisor_pid(host) is None


def children(pid: int) -> list[int]:
    """The direct children of a process, none if it is gone."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def network_of(pid: int | str) -> int:
    """The identity of a process's network namespace, 0 if the process is gone."""
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino
    except (FileNotFoundError, ProcessLookupError):
        return 0


def init_pid(nspawn: int) -> int | None:
    """The host's PID 1 as seen from outside: the child of nspawn that has a network of its own."""
    return next((pid for pid in children(nspawn) if network_of(pid) not in (0, network_of("self"))), None)


def running_init(host: Host) -> int | None:
    """The running host's PID 1, or None."""
    supervisor = supervisor_pid(host)
    return next((pid for nspawn in children(supervisor) if (pid := init_pid(nspawn))), None) if supervisor else None


def answers(host: Host) -> bool:
    """Whether the host's SSH server accepts connections."""
    try:
        socket.create_connection((host.address, 22), timeout=1).close()
    except OSError:
        return False
    return True


# --- the supervisor --------------------------------------------------------------------------------------------------


def nspawn_argv(host: Host) -> list[str]:
    """The command that boots the host."""
    return [
        *("systemd-nspawn", "--quiet", "--boot", "--keep-unit", "--register=no", "--link-journal=no"),
        *(f"--directory={host.root}", f"--machine={host.name}", "--resolv-conf=off", "--timezone=off"),
        *(f"--network-bridge={host.mgmt_bridge}", f"--network-veth-extra={host.trunk_link}:trunk0"),
        # libvirtd, QEMU and Open vSwitch's userspace datapath need these; /dev/kvm is left out on purpose.
        *("--capability=all", "--system-call-filter=userfaultfd bpf", "--bind=/dev/net/tun"),
        *(f"--bind-ro={host.channels}:/srv/channels", f"--bind-ro={host.guest}:/srv/guest"),
        f"--bind={host.shared}:/srv/shared",
    ]


def mount(host: Host) -> None:
    """Mount the host's disk: its own layer over the base image.

    `volatile`: the host waits for no disk when its programs sync. After a crash of this machine such a layer is not to
    be trusted, for which the kernel leaves a mark; the crash of a host loses nothing.
    """
    shutil.rmtree(host.folder / "work" / "work" / "incompat", ignore_errors=True)
    layers = f"lowerdir={host.base},upperdir={host.layer},workdir={host.folder}/work,volatile"
    command("mount", "-t", "overlay", "-o", layers, f"evg-{host.name}", str(host.root))


def exchange_disk(host: Host) -> None:
    """Let the host boot from what was kept, if somebody asked for that."""
    if host.to_boot.exists():
        command("umount", str(host.root))
        shutil.rmtree(host.layer)
        host.to_boot.rename(host.layer)
        mount(host)
        print(f"host.py: {host.name} has the disk that was kept", flush=True)


def enter_cgroup(host: Host) -> None:
    """Move this process to a cgroup of the host: hosts that share one would fight over the groups below it."""
    host.cgroup.mkdir(exist_ok=True)
    (host.cgroup / "cgroup.procs").write_text("0")


def leave_cgroup(host: Host) -> None:
    """Move this process out again, so that the group can go."""
    (host.cgroup.parent / "cgroup.procs").write_text("0")


def unwire(host: Host) -> None:
    """Remove the links of a boot that is over: the kernel takes them away with the last process in the host's network.

    That may come late, and then the next boot finds their names taken.
    """
    for name in (host.mgmt_link, host.trunk_link):
        if Path("/sys/class/net", name).exists():
            with contextlib.suppress(LabError):  # gone by itself meanwhile
                command("ip", "link", "delete", name)


def clear(host: Host) -> None:
    """Remove whatever is left of a host: processes, cgroup, links, mount. Needs nothing to be in order before."""
    if host.cgroup.exists():
        (host.cgroup / "cgroup.kill").write_text("1")
        empty = "populated 0"
        wait_for(f"end of {host.name}", lambda: empty in (host.cgroup / "cgroup.events").read_text(), 30)
        for found in os.walk(host.cgroup, topdown=False):
            Path(found[0]).rmdir()
    unwire(host)
    if host.root.is_mount():
        command("umount", str(host.root))


def wire(host: Host, nspawn: subprocess.Popen[bytes]) -> None:
    """Connect the trunk that nspawn has just made anew.

    Checksums are computed at once on both ends: Open vSwitch's userspace datapath reads raw packets, and would pass on
    those whose checksum was left to a network card that does not exist.
    """
    outer_end = Path("/sys/class/net", host.trunk_link)
    wait_for(f"trunk of {host.name}", lambda: (outer_end.exists() and init_pid(nspawn.pid)) or nspawn.poll(), 30)
    command("ip", "link", "set", host.trunk_link, "master", host.trunk_bridge, "up")
    command("ethtool", "-K", host.trunk_link, "tx", "off")
    command("nsenter", f"--net=/proc/{init_pid(nspawn.pid)}/ns/net", "ethtool", "-K", "trunk0", "tx", "off")


def boot(host: Host) -> int:
    """Boot the host once; returns how nspawn ended."""
    unwire(host)
    environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
    nspawn = subprocess.Popen(nspawn_argv(host), stdin=subprocess.DEVNULL, env=environment)
    try:
        wire(host, nspawn)
    except LabError as error:  # the host runs, but its VMs will reach nobody: said in its log
        print(f"host.py: {error}", flush=True)
    return nspawn.wait()


def supervise(host: Host) -> None:
    """Keep one host running until it powers off or crashes. The lock held meanwhile is what `status` looks at."""
    with (host.folder / "supervisor").open("a+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.truncate(0)
        print(os.getpid(), file=lock, flush=True)
        clear(host)
        mount(host)
        enter_cgroup(host)
        while (ended := boot(host)) == REBOOT:
            print(f"host.py: {host.name} boots again", flush=True)
            exchange_disk(host)
        print(f"host.py: {host.name} ended with {ended}", flush=True)
        leave_cgroup(host)
        clear(host)


# --- what a caller asks for ------------------------------------------------------------------------------------------


def launch(host: Host) -> subprocess.Popen[bytes]:
    """Start a host's supervisor in a session of its own: the host outlives whoever started it."""
    argv = [sys.executable, __file__, "--run", str(host.run), "supervise", host.name]
    with host.log.open("ab") as log:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def answered_or_died(host: Host, supervisor: subprocess.Popen[bytes]) -> bool:
    """Whether SSH answers on a host that is starting; an error as soon as that can no longer come."""
    if supervisor.poll() is not None:
        raise LabError(f"{host.name} did not start, see {host.log}")
    return answers(host)


def start(hosts: list[Host]) -> None:
    """Start the hosts that are down and wait until SSH answers on all of them."""
    launched = [(host, launch(host)) for host in hosts if is_down(host)]
    for host, supervisor in launched:
        wait_for(f"SSH of {host.name} (see {host.log})", partial(answered_or_died, host, supervisor), 60)
        print(f"{host.name}: started")


def stop(hosts: list[Host]) -> None:
    """Power the hosts off cleanly."""
    for pid in filter(None, map(running_init, hosts)):
        os.kill(pid, POWER_OFF)
    for host in hosts:
        wait_for(f"end of {host.name}", partial(is_down, host), 120)


def struck_down(host: Host) -> bool:
    """Kill the host's PID 1, and tell whether nothing of the host is left: one that boots just now has none for a moment, and then another one."""
    if pid := running_init(host):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return is_down(host)


def crash(hosts: list[Host]) -> None:
    """Let the hosts die as if their power was cut: everything on them ends at once, and they stay down."""
    names = ", ".join(host.name for host in hosts)
    wait_for(f"end of {names}", lambda: not [host for host in hosts if not struck_down(host)], 30)


def remove(hosts: list[Host]) -> None:
    """End the hosts, however broken they are, and take down what they hold on this machine. Their files stay."""
    for host in hosts:
        clear(host)


def keep(hosts: list[Host]) -> None:
    """Copy the hosts' disks as they are at this moment, as a snapshot does."""
    for host in hosts:
        shutil.rmtree(host.kept, ignore_errors=True)
        command("cp", "--archive", "--reflink=auto", str(host.layer), str(host.kept))


def bring_back(hosts: list[Host]) -> None:
    """Let the hosts boot from what was kept of their disks."""
    for host in hosts:
        host.kept.rename(host.to_boot)


def link(hosts: list[Host], state: str) -> None:
    """Set the outer end of the management link."""
    for host in hosts:
        command("ip", "link", "set", host.mgmt_link, state)


def status(hosts: list[Host]) -> None:
    """Show one line per host."""
    for host in hosts:
        pid = running_init(host)
        words = ["running" if pid else "down", f"pid {pid}" if pid else "", "" if answers(host) else "no SSH"]
        print(f"{host.name}: {', '.join(filter(None, words))}")


COMMANDS: dict[str, Callable[[list[Host]], None]] = {
    "start": start,
    "stop": stop,
    "crash": crash,
    "status": status,
    "remove": remove,
    "keep": keep,
    "bring-back": bring_back,
    "unplug": lambda hosts: link(hosts, "down"),
    "plug": lambda hosts: link(hosts, "up"),
    "supervise": lambda hosts: supervise(hosts[0]),
}


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--run", type=Path, default=RUN, help="the lab's runtime folder (%(default)s)")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="+", metavar="NAME")
    args = parser.parse_args()
    try:
        COMMANDS[args.command]([load(args.run.resolve(), name) for name in args.names])
    except LabError as error:
        sys.exit(f"host.py: {error}")


if __name__ == "__main__":
    main()
