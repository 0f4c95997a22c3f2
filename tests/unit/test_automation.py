# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What checks a change by itself, workflows and pre-commit, does so by the targets of the Makefile that everybody has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def called(command: str) -> set[str]:
    """The targets in a call of make, also those that an expression chooses from."""
    _make, _space, words = command.partition("make ")
    return set(re.findall(r"(?<![\w'=.-])'?([a-z-]+)'?(?![\w'=.])", re.sub(r"ARGS=.*|github\.\S+ == '\w+'", "", words)))


def commands() -> list[str]:
    workflows = [load(path) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    steps = [step for flow in workflows for job in flow["jobs"].values() for step in job["steps"]]
    hooks = [hook for repo in load(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    said = [step.get("run", "") for step in steps] + [hook["entry"] for hook in hooks]
    return [command for command in said if command.startswith("make ")]


@pytest.mark.parametrize("command", commands())
def test_every_target_that_is_called_exists(command: str) -> None:
    assert called(command)
    assert called(command) - TARGETS == set()


def test_workflows_and_hooks_call_make() -> None:
    assert {"lint", "test-unit", "test", "test-full", "galaxy"} <= {
        name for command in commands() for name in called(command)
    }
