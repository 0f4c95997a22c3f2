# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checks a change by itself, workflows and pre-commit, does so by the targets of the Makefile that everybody has."""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.tools import versions

ROOT = Path(__file__).resolve().parents[2]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
# What a step may be besides a call of make: what has to be there before make can be called.
BEFORE_MAKE = {"apt-get update -qq && apt-get install -qq -y git make", "actions/checkout@v4"}
CALL = re.compile(r"make(?P<targets>(?: [a-z-]+)+)(?: '?ARGS=(?P<arguments>[^']+)'?)?")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def variants(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The combinations of a job's matrix."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    included = matrix.pop("include", [{}])
    for chosen in itertools.product(*matrix.values()):
        for more in included:
            yield dict(zip(matrix, chosen)) | more


def filled(text: str, values: dict[str, Any]) -> str:
    """What a step says, with the values of the matrix."""
    for name, value in values.items():
        text = text.replace(f"${{{{ matrix.{name} }}}}", str(value))
    return text


def steps(workflow: str) -> list[str]:
    """What the jobs of a workflow do."""
    return [
        filled(step.get("run") or step["uses"], values)
        for job in load(ROOT / ".github" / "workflows" / workflow)["jobs"].values()
        for values in variants(job)
        for step in job["steps"]
    ]


WORKFLOWS = sorted(path.name for path in (ROOT / ".github" / "workflows").glob("*.yml"))
HOOKS = [hook["entry"] for repo in load(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
STEPS = sorted({*HOOKS, *(step for name in WORKFLOWS for step in steps(name))} - BEFORE_MAKE)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_calls_targets_that_exist_and_nothing_else(step: str) -> None:
    call = CALL.fullmatch(step)
    assert call, "neither a call of make nor what has to come before it"
    assert set(call["targets"].split()) - TARGETS == set()


def called(workflow: str) -> list[str]:
    """The targets that a workflow calls."""
    calls = [CALL.fullmatch(step) for step in steps(workflow)]
    return [target for call in calls if call for target in call["targets"].split()]


def test_a_release_is_what_the_importer_has_looked_at() -> None:
    assert called("release.yml") == ["publish"]


def selected(target: str) -> set[tuple[Path, bool]]:
    """The files of tests that a target starts pytest with, each with whether it is for its slow tests."""
    options = argparse.ArgumentParser(exit_on_error=False)
    for name in ("-m", "--ignore", "-n", "--dist"):
        options.add_argument(name, default="not slow" if name == "-m" else "")
    options.add_argument("-v", action="store_true")
    options.add_argument("folders", nargs="*")
    said = subprocess.run(
        ["make", "--dry-run", target],
        cwd=ROOT,
        env=os.environ | {"MAKEFLAGS": "", "ARGS": ""},
        text=True,
        check=True,
        capture_output=True,
    ).stdout
    found = set()
    for arguments in re.findall(r"^.*; pytest (.+)$", said, re.MULTILINE):
        chosen = options.parse_args(shlex.split(arguments))
        kinds = {"": (False, True), "slow": (True,), "not slow": (False,)}.get(chosen.m, ())
        given = [ROOT / name for name in chosen.folders]
        files = {file for path in given for file in ([path] if path.is_file() else path.rglob("test_*.py"))}
        found |= set(itertools.product(files - {ROOT / chosen.ignore}, kinds))
    return found


def test_what_runs_each_night_is_every_test() -> None:
    nightly = set().union(*(selected(target) for target in called("test.yml") if target != "versions"))
    every = {path for path in (ROOT / "tests").glob("*/**/test_*.py") if path.parent.name != "targets"}
    assert selected("test-full") == nightly == set(itertools.product(every, (False, True)))


def test_every_python_that_is_promised_is_tried_each_night() -> None:
    listed = versions.listed(versions.LISTED.read_text(encoding="utf-8"))
    tried = [call["arguments"] for step in steps("test.yml") if (call := CALL.fullmatch(step)) and call["arguments"]]
    assert sorted(tried) == sorted({version.python for version in listed})


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_job_has_an_end_within_what_runners_grant(workflow: str) -> None:
    for name, job in load(ROOT / ".github" / "workflows" / workflow)["jobs"].items():
        minutes = [values.get("minutes", job["timeout-minutes"]) for values in variants(job)]
        assert all(0 < number < 360 for number in minutes), name
