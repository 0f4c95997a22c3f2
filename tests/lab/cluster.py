# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as tests and demo use it: its hosts over SSH, playbooks against it, and hosts to be broken."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "inventories" / "lab"
RUN = ROOT / "build" / "lab"
CLUSTER = ("h1", "h2", "h3")
OBSERVER = "watch"
ADDRESSES = {f"h{number}": f"10.213.0.1{number}" for number in range(1, 5)} | {"watch": "10.213.0.9"}
GUESTS = {f"vm{number}": f"10.213.10.2{number}" for number in range(1, 7)} | {"control": "10.213.10.30"}
PARTED = (("vm1", "vm2"),)
"""Members of anti-affinity groups."""


@dataclasses.dataclass(frozen=True)
class Lab:
    """What a lab is made of.

    :param guests: VM -> address.
    """

    inventories: tuple[Path, ...]
    cluster: tuple[str, ...]
    guests: t.Mapping[str, str]

    @property
    def sources(self) -> list[str]:
        """The inventories as arguments of Ansible's programs."""
        return _sources(self.inventories)


def _sources(inventories: t.Iterable[Path]) -> list[str]:
    return [part for inventory in inventories for part in ("-i", str(inventory))]


SMALL = Lab((INVENTORY,), CLUSTER, GUESTS)
LARGE = Lab(
    (INVENTORY, ROOT / "inventories" / "large"),
    (*CLUSTER, "h4"),
    GUESTS | {f"vm{number}": f"10.213.10.3{number - 6}" for number in range(7, 13)},
)


def ssh_argv(host: str, *command: str) -> list[str]:
    """Return the argv that runs a command on a host, past Ansible and its kept connections."""
    return [
        *("ssh", "-i", str(RUN / "id_ed25519"), "-o", f"UserKnownHostsFile={RUN / 'known_hosts'}"),
        *("-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"),
        *("-o", "ServerAliveInterval=3", "-o", "ServerAliveCountMax=5"),
        *(f"root@{ADDRESSES[host]}", *command),
    ]


def ssh(host: str, *command: str, stdin: str | None = None, timeout: float = 60) -> str:
    """Run a command on a host and return what it prints.

    :raises RuntimeError: with what it said, when it fails.
    """
    done = subprocess.run(
        ssh_argv(host, *command), input=stdin or "", capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{host}: {' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def playbook_argv(playbook: str, *arguments: str, inventories: t.Iterable[Path] = SMALL.inventories) -> list[str]:
    """Return the argv of a playbook run against the lab; `playbook` is a path or a FQCN."""
    return ["ansible-playbook", *_sources(inventories), playbook, *arguments]


def play(playbook: str, *arguments: str, lab: Lab = SMALL, roles: str = "") -> subprocess.CompletedProcess[str]:
    """Run a playbook and return its status and everything it said.

    :param roles: a folder of roles for it.
    """
    argv = playbook_argv(playbook, *arguments, inventories=lab.inventories)
    return run(argv, ANSIBLE_NOCOLOR="1", ANSIBLE_ROLES_PATH=roles)


def run(argv: t.Sequence[str], *, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program and return its status and everything it said.

    It gets an input of its own: one that an ssh of the tests has left non-blocking is refused by Ansible.

    :param variables: of its environment, besides those that are there.
    """
    return subprocess.run(
        argv,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | variables,
    )


def host_py(verb: str, host: str) -> None:
    """Start, stop, crash, unplug or plug a host (tests/lab/host.py)."""
    subprocess.run([sys.executable, str(ROOT / "tests" / "lab" / "host.py"), verb, host], check=True)


@contextlib.contextmanager
def fresh_lab(lab: Lab = SMALL) -> t.Iterator[None]:
    """A lab of bare hosts for the length of the body."""
    for step in ("down", "up"):
        done = play(f"tests/lab/{step}.yml", lab=lab)
        if done.returncode:
            raise RuntimeError(f"the lab does not go {step}:\n{done.stdout}")
    try:
        yield
    finally:
        play("tests/lab/down.yml", lab=lab)


def changed(output: str) -> int:
    """Return how many tasks changed something, from a play's recap."""
    return sum(int(count) for count in re.findall(r"\bchanged=(\d+)", output))
