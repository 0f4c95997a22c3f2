# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import time
import typing as t
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import NotFoundError
from ansible_collections.evergreen.virt.plugins.plugin_utils.processes import Answer, ask_each


def obey(question: t.Callable[[], t.Any]) -> t.Any:
    return question()


def refuse() -> None:
    raise NotFoundError("there is none.", hint="Make one.")


def test_answers_are_in_the_order_of_the_questions() -> None:
    questions = {"slow": lambda: time.sleep(0.2), "big": lambda: "x" * 2**20, "refused": refuse}
    answers = ask_each(questions, obey, at_a_time=3, seconds=5)
    assert list(answers) == ["slow", "big", "refused"]
    assert (answers["slow"], answers["big"].value) == (Answer(), "x" * 2**20)
    assert answers["refused"] == Answer(problem="there is none.")
    assert ask_each({}, obey, at_a_time=1, seconds=1) == {}


def test_one_that_hangs_is_killed_with_what_it_has_started(tmp_path: Path) -> None:
    def hang() -> None:
        with subprocess.Popen(["sleep", "60"]) as child:
            (tmp_path / "pid").write_text(str(child.pid), encoding="utf-8")

    started = time.monotonic()
    answers = ask_each({"dead": hang, "alive": os.getpid}, obey, at_a_time=2, seconds=0.5)
    assert time.monotonic() - started < 5
    assert answers["dead"].problem == "it has not answered within 0.5 s."
    assert answers["alive"].value not in (None, os.getpid())
    child = int((tmp_path / "pid").read_text(encoding="utf-8"))
    with pytest.raises(ProcessLookupError):
        wait_until_gone(child)


def wait_until_gone(pid: int) -> None:
    """End with the ProcessLookupError of a process that is gone; its reaper may take a moment."""
    for _attempt in range(50):
        os.kill(pid, 0)
        if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError
        time.sleep(0.02)


def test_no_more_than_so_many_at_a_time(tmp_path: Path) -> None:
    """And as many as may: each question waits until it has met another one, or until others have met."""
    present, met = tmp_path / "present", tmp_path / "met"
    present.mkdir()

    def meet(name: str) -> int:
        (present / name).touch()
        patience = 250
        while (seen := len(list(present.iterdir()))) == 1 and not met.exists() and patience:
            patience -= 1
            time.sleep(0.02)
        met.touch()
        time.sleep(0.05)
        seen = max(seen, len(list(present.iterdir())))
        (present / name).unlink()
        return seen

    answers = ask_each({name: partial(meet, name) for name in "abcdef"}, obey, at_a_time=2, seconds=30)
    assert max(answer.value for answer in answers.values()) == 2


def test_time_counts_from_the_start_of_each_question() -> None:
    answers = ask_each(dict.fromkeys("abcd", lambda: time.sleep(0.4)), obey, at_a_time=1, seconds=1.2)
    assert set(answers.values()) == {Answer()}


def test_one_that_dies_is_no_answer() -> None:
    answers = ask_each({"crashed": lambda: os._exit(1), "well": lambda: 1}, obey, at_a_time=1, seconds=5)
    assert answers["crashed"].problem == "the process that asks ended without an answer."
    assert answers["well"].value == 1
