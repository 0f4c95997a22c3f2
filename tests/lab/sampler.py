# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks once a second, on every host, which QEMUs are there, to judge what held at every moment of a run."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import threading
import time
import types

from .cluster import CLUSTER, PARTED, ssh_argv

LOOP = "import os,time\nwhile True:\n print(*os.listdir('/run/libvirt/qemu'), flush=True); time.sleep(1)\n"


class Sampler:
    """A context: inside it, hosts are looked at; afterwards `together` says which VMs met that must not."""

    def __init__(self) -> None:
        self.samples = 0
        self.together: set[str] = set()
        self._over = threading.Event()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._threads = [threading.Thread(target=self._follow, args=(host,)) for host in CLUSTER]

    def __enter__(self) -> Sampler:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self._over.set()
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        for thread in self._threads:
            thread.join()

    def _follow(self, host: str) -> None:
        """Connect again whenever the host comes back: it reboots in the middle."""
        while not self._over.is_set():
            with subprocess.Popen(
                ssh_argv(host, "python3", "-u", "-"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            ) as process:
                self._processes[host] = process
                self._read(host, process)
            time.sleep(1)

    def _read(self, host: str, process: subprocess.Popen[str]) -> None:
        if process.stdin is None or process.stdout is None:
            return
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(LOOP)
            process.stdin.close()
        for line in process.stdout:
            self.samples += 1
            present = {name.removesuffix(".pid") for name in line.split() if name.endswith(".pid")}
            for group in PARTED:
                for one, other in itertools.combinations(group, 2):
                    if {one, other} <= present:
                        self.together.add(f"{one} and {other} on {host}")
