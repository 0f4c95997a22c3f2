# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metrics that the code writes are those that the READMEs describe, and alerts ask for no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\b(evergreen_[a-z_]+)\b")
RULES = yaml.safe_load((ROOT / "roles/observe/files/alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
# What writes them, and the role whose README has them in a table.
WRITERS = {"plugins/module_utils/_metrics/families.py": "observe", "roles/report/templates/metrics.prom.j2": "report"}


def names(path: str) -> set[str]:
    return set(NAME.findall((ROOT / path).read_text(encoding="utf-8")))


@pytest.mark.parametrize("writer", WRITERS)
def test_the_readme_describes_every_metric(writer: str) -> None:
    text = (ROOT / "roles" / WRITERS[writer] / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `evergreen_")]
    assert {name for row in rows for name in NAME.findall(row)} == names(writer)


def test_alerts_ask_for_metrics_that_there_are() -> None:
    asked = {name for rule in RULES for name in NAME.findall(rule["expr"])}
    assert asked - {name for writer in WRITERS for name in names(writer)} == set()
    assert len(asked) > 5


def test_every_alert_names_its_host_or_cluster() -> None:
    silent = [
        rule["alert"] for rule in RULES if not re.search(r"labels\.(host|cluster)", rule["annotations"]["summary"])
    ]
    assert silent == []
