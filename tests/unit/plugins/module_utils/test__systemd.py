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

Answers = t.Callable[..., None]
COUNT = "SoftRebootsCount={}\nActiveEnterTimestampMonotonic=5000000\n"


@pytest.fixture
def answers(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    def say(text: str, status: int = 0) -> None:
        (tmp_path / "answer").write_text(text, encoding="utf-8")
        program = tmp_path / "systemctl"
        program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {tmp_path}/answer\nexit {status}\n')
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return say


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
    assert (_systemd.show(["Id"]), _systemd.soft_reboots(), _systemd.soft_rebooted()) == ([], None, None)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    assert (_systemd.show(["Id"]), _systemd.soft_reboots(), _systemd.soft_rebooted()) == ([], None, None)


@pytest.mark.parametrize(
    ("answer", "count", "rebooted"),
    [
        (COUNT.format(0), 0, False),
        (COUNT.format(2), 2, True),
        ("ActiveEnterTimestampMonotonic=5000000\n", None, False),
        ("\n", None, False),
    ],
    ids=["booted", "soft-rebooted", "systemd 252", "systemd 252, asked for nothing else"],
)
def test_soft_reboots(answers: Answers, answer: str, count: int | None, rebooted: bool) -> None:
    answers(answer)
    assert _systemd.soft_reboots() == count
    when = _systemd.soft_rebooted()
    booted = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    assert when == (pytest.approx(booted + 5, abs=1) if rebooted else None)
