# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts for the tasks of roles that are made up: what answers for a module there is a program in the place of their interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

Answer = t.Mapping[str, t.Any]
SILENT: dict[str, t.Any] = {"failed": True, "msg": "libvirt does not answer"}


def noted(file: Path, value: t.Any) -> str:
    """Return a template that has this value, and adds a line to the file each time that it is evaluated."""
    content = file.with_suffix(".value")
    content.write_text(json.dumps(value), encoding="utf-8")
    return f"{{{{ lookup('ansible.builtin.pipe', 'echo >> {file}; cat {content}') | from_json }}}}"


class Hosts:
    """An inventory of made-up hosts.

    :param folder: for its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._variables: dict[str, dict[str, t.Any]] = {}

    def add(self, name: str, answers: t.Mapping[str, t.Sequence[Answer]] | None = None, **variables: t.Any) -> None:
        """Add a host.

        :param answers: module -> what it returns there, one after another, the last again and again; None: modules run in fact.
        """
        python = sys.executable if answers is None else str(self._interpreter(name, answers))
        self._variables[name] = {"ansible_python_interpreter": python, **variables}

    def _interpreter(self, name: str, answers: t.Mapping[str, t.Sequence[Answer]]) -> Path:
        for module, given in answers.items():
            for number, answer in enumerate(given):
                (self._folder / f"{name}.{module}.{number}").write_text(json.dumps(answer), encoding="utf-8")
        program = self._folder / f"python_{name}"
        program.write_text(
            f"#!/bin/sh\nmodule=${{1##*AnsiballZ_}}\nnext={self._folder}/{name}.${{module%.py}}\n"
            "set -- $(ls $next.* | sort)\ncat $1\n[ $# -eq 1 ] || rm $1\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        return program

    def play(self, on: str, tasks: t.Sequence[t.Mapping[str, t.Any]], *arguments: str, **variables: t.Any) -> str:
        """Run tasks on one of the hosts and return what Ansible says.

        :param arguments: of `ansible-playbook`.
        """
        inventory, playbook = self._folder / "hosts.json", self._folder / "play.json"
        hosts = {"hosts": self._variables, "vars": {"ansible_connection": "local"}}
        inventory.write_text(json.dumps({"all": hosts}), encoding="utf-8")
        play = {"hosts": on, "gather_facts": False, "tasks": tasks, "vars": variables}
        playbook.write_text(json.dumps([play]), encoding="utf-8")
        argv = ["ansible-playbook", "-i", str(inventory), *arguments, str(playbook)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
