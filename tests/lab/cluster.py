# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as tests and demo use it: its hosts over SSH, playbooks against it, and hosts to be broken."""

from __future__ import annotations

import contextlib
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
ADDRESSES = {"h1": "10.213.0.11", "h2": "10.213.0.12", "h3": "10.213.0.13", "watch": "10.213.0.9"}
GUESTS = {f"vm{number}": f"10.213.10.2{number}" for number in range(1, 7)} | {"control": "10.213.10.30"}
PARTED = (("vm1", "vm2"),)
"""Members of anti-affinity groups."""


def ssh_argv(host: str, *command: str) -> list[str]:
    """Return the argv that runs a command on a host, past Ansible and its kept connections."""
    return [
        *("ssh", "-i", str(RUN / "id_ed25519"), "-o", f"UserKnownHostsFile={RUN / 'known_hosts'}"),
        *("-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"),
        *("-o", "ServerAliveInterval=2", "-o", "ServerAliveCountMax=2"),
        *(f"root@{ADDRESSES[host]}", *command),
    ]


def ssh(host: str, *command: str, stdin: str | None = None, timeout: float = 60) -> str:
    """Run a command on a host and return what it prints.

    :raises subprocess.CalledProcessError: when it fails.
    """
    done = subprocess.run(
        ssh_argv(host, *command), input=stdin, capture_output=True, text=True, timeout=timeout, check=True
    )
    return done.stdout


def playbook_argv(playbook: str, *arguments: str, inventory: Path = INVENTORY) -> list[str]:
    """Return the argv of a playbook run against the lab; `playbook` is a path or a FQCN."""
    return ["ansible-playbook", "-i", str(inventory), playbook, *arguments]


def play(playbook: str, *arguments: str, roles: str = "") -> subprocess.CompletedProcess[str]:
    """Run a playbook and return its status and everything it said.

    :param roles: a folder of roles for it.
    """
    return run(playbook_argv(playbook, *arguments), ANSIBLE_NOCOLOR="1", ANSIBLE_ROLES_PATH=roles)


def run(argv: t.Sequence[str], *, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program and return its status and everything it said.

    :param variables: of its environment, besides those that are there.
    """
    return subprocess.run(
        argv,
        cwd=cwd,
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
def fresh_lab() -> t.Iterator[None]:
    """A lab of bare hosts for the length of the body."""
    for step in ("down", "up"):
        done = play(f"tests/lab/{step}.yml")
        if done.returncode:
            raise RuntimeError(f"the lab does not go {step}:\n{done.stdout}")
    try:
        yield
    finally:
        play("tests/lab/down.yml")


def changed(output: str) -> int:
    """Return how many tasks changed something, from a play's recap."""
    return sum(int(count) for count in re.findall(r"\bchanged=(\d+)", output))
