# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd tells, with a systemctl that prints what the test says."""

from __future__ import annotations

import os
import pathlib
import time
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _systemd
from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError

Answers = t.Callable[..., None]
COUNT = "Version=257.8-1~deb13u2\nSoftRebootsCount={}\nActiveEnterTimestampMonotonic=5000000\n"


@pytest.fixture
def answers(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    def say(text: str, status: int = 0, *, late: bool = False) -> None:
        (tmp_path / "answer").write_text(text, encoding="utf-8")
        if late:
            (tmp_path / "late").touch()
        program = tmp_path / "systemctl"
        program.write_text(
            f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nrm {tmp_path}/late 2>&- && exit 1\ncat {tmp_path}/answer\nexit {status}\n'
        )
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(_systemd, "_PAUSE_S", 0.01)
    return say


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """A host that systemd runs on."""
    (tmp_path / "root/run/systemd/system").mkdir(parents=True)
    return tmp_path / "root"


def test_properties_of_units(answers: Answers, tmp_path: pathlib.Path) -> None:
    answers("Id=a.service\nEnvironment=X=1\n\nId=b.service\n")
    assert _systemd.show(["Id", "Environment"], ["a", "b"]) == [
        {"Id": "a.service", "Environment": "X=1"},
        {"Id": "b.service"},
    ]
    assert (tmp_path / "asked").read_text() == "--no-pager show --property=Id,Environment a b\n"


def test_without_systemd_nothing_is_told(
    answers: Answers, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers("System has not been booted with systemd as init system\n", status=1)
    assert _systemd.show(["Id"]) == []
    assert (_systemd.soft_reboots(tmp_path), _systemd.soft_rebooted(tmp_path)) == (None, None)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    assert _systemd.show(["Id"]) == []
    assert (_systemd.soft_reboots(tmp_path), _systemd.soft_rebooted(tmp_path)) == (None, None)


@pytest.mark.parametrize(
    ("answer", "count", "rebooted"),
    [(COUNT.format(0), 0, False), (COUNT.format(2), 2, True), ("Version=252.39-1~deb12u1\n", None, False)],
    ids=["booted", "soft-rebooted", "systemd 252"],
)
def test_soft_reboots(answers: Answers, root: pathlib.Path, answer: str, count: int | None, rebooted: bool) -> None:
    answers(answer)
    assert _systemd.soft_reboots(root) == count
    when = _systemd.soft_rebooted(root)
    booted = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    assert when == (pytest.approx(booted + 5, abs=1) if rebooted else None)


def test_a_systemd_that_is_late_is_asked_again(answers: Answers, root: pathlib.Path) -> None:
    answers(COUNT.format(2), late=True)
    assert _systemd.soft_reboots(root) == 2


def test_a_systemd_that_does_not_answer_tells_nothing_of_soft_reboots(
    answers: Answers, root: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers("Failed to get properties: Connection timed out\n", status=1)
    monkeypatch.setattr(_systemd, "_PATIENCE_S", 0.05)
    for ask in (_systemd.soft_reboots, _systemd.soft_rebooted):
        with pytest.raises(UnavailableError, match="systemd does not answer"):
            ask(root)
