# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import multiprocessing
import os
import time
import typing as t
from multiprocessing.connection import Connection

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.evergreen.virt.plugins.plugin_utils.patience import ask_patiently, asked

FORK = multiprocessing.get_context("fork")


def host(*answers: t.Any) -> t.Callable[[], dict[str, t.Any]]:
    left = iter(answers)

    def answer() -> dict[str, t.Any]:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return dict(found)

    return answer


def test_a_host_that_comes_back_has_answered() -> None:
    told: list[str] = []
    silent = [AnsibleConnectionFailure("no route"), {"unreachable": True, "msg": "refused"}]
    assert ask_patiently(host(*silent, {"rc": 0}), 60, told.append, pause=0) == {"rc": 0}
    assert told == ["no route", "refused"]


def test_a_host_that_stays_away_is_given_up() -> None:
    assert ask_patiently(host(AnsibleConnectionFailure("no route")), 0, print)["unreachable"]


def playbook(tells: Connection) -> None:
    """What `ansible-playbook` does: a task has a process of its own, in a session of its own."""
    FORK.Process(target=task, args=(os.getpid(), tells)).start()
    time.sleep(60)


def task(parent: int, tells: Connection) -> None:
    os.setsid()
    tells.send(asked(lambda: {"rc": 0}))
    while os.getppid() == parent:
        time.sleep(0.01)
    with pytest.raises(AnsibleError, match="ansible-playbook has ended"):
        ask_patiently(lambda: {"rc": 0}, 60, print)
    tells.send("asked nothing more")


def test_a_task_asks_nothing_more_when_its_playbook_was_killed() -> None:
    hears, tells = FORK.Pipe(duplex=False)
    process = FORK.Process(target=playbook, args=(tells,))
    process.start()
    assert hears.poll(10)
    assert hears.recv() == {"rc": 0}
    process.kill()
    process.join()
    assert hears.poll(10)
    assert hears.recv() == "asked nothing more"
