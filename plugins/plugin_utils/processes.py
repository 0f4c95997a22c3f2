# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Many questions at a time, each in a process of its own: one that hangs is killed and holds up nobody else.

libvirt waits for a dead host as long as the operating system does, in C, where no thread can be ended.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import multiprocessing
import os
import signal
import time
import typing as t
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError

Question = t.TypeVar("Question")

_FORK = multiprocessing.get_context("fork")


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of one question: either a value or the reason why there is none."""

    value: t.Any = None
    problem: str | None = None


@dataclasses.dataclass(frozen=True)
class _Asked:
    name: str
    process: ForkProcess
    pid: int
    pipe: Connection
    deadline: float
    """On the clock of time.monotonic()."""

    def receive(self) -> Answer:
        try:
            return t.cast(Answer, self.pipe.recv())
        except (EOFError, OSError):
            return Answer(problem="the process that asks ended without an answer.")

    def end(self) -> None:
        """Kill it with what it has started (libvirt's ssh) and keep nothing of it."""
        self.process.kill()
        with contextlib.suppress(OSError):  # it has not come so far as to have a group
            os.killpg(self.pid, signal.SIGKILL)
        self.process.join()
        self.process.close()
        self.pipe.close()


def ask_each(
    questions: t.Mapping[str, Question], ask: t.Callable[[Question], t.Any], *, at_a_time: int, seconds: float
) -> dict[str, Answer]:
    """Return the answer to each question by its name, in their order.

    :param ask: runs in a fork of this process; what it returns is pickled, a VirtError that it raises becomes the problem.
    :param seconds: what each question has from its own start.
    """
    waiting = collections.deque(questions.items())
    running: dict[Connection, _Asked] = {}
    answers: dict[str, Answer] = {}
    try:
        while waiting or running:
            while waiting and len(running) < at_a_time:
                asked = _start(*waiting.popleft(), ask, seconds)
                running[asked.pipe] = asked
            for pipe, answer in _next(running, seconds):
                asked = running.pop(pipe)
                answers[asked.name] = answer
                asked.end()
    finally:
        for asked in running.values():
            asked.end()
    return {name: answers[name] for name in questions}


def _start(name: str, question: Question, ask: t.Callable[[Question], t.Any], seconds: float) -> _Asked:
    ours, theirs = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_answer, args=(ask, question, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Asked(name, process, t.cast(int, process.pid), ours, time.monotonic() + seconds)


def _answer(ask: t.Callable[[Question], t.Any], question: Question, pipe: Connection) -> None:
    os.setsid()  # a group to be killed as a whole, and no terminal on which ssh could wait for a password
    try:
        answer = Answer(ask(question))
    except VirtError as exc:
        answer = Answer(problem=exc.message)
    pipe.send(answer)


def _next(running: t.Mapping[Connection, _Asked], seconds: float) -> list[tuple[Connection, Answer]]:
    """Wait for the next answers, or until the time of one is over."""
    nearest = min(asked.deadline for asked in running.values())
    ready = wait(list(running), max(0.0, nearest - time.monotonic()))
    if ready:
        return [(pipe, asked.receive()) for pipe, asked in running.items() if pipe in ready]
    late = Answer(problem=f"it has not answered within {seconds:g} s.")
    return [(pipe, late) for pipe, asked in running.items() if asked.deadline <= time.monotonic()]
