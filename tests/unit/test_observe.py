# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metrics that the code writes are those that the README describes, and alerts ask for no others."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "observe"
NAME = re.compile(r"\b(evergreen_[a-z_]+)\b")
WRITTEN = set(
    NAME.findall((ROOT / "plugins" / "module_utils" / "_metrics" / "families.py").read_text(encoding="utf-8"))
)
RULES = yaml.safe_load((ROLE / "files" / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]


def test_the_readme_describes_every_metric() -> None:
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    table = text[text.index("## Metrics") : text.index("## Who may ask")]
    assert set(NAME.findall(table)) == WRITTEN


def test_alerts_ask_for_metrics_that_there_are() -> None:
    asked = {name for rule in RULES for name in NAME.findall(rule["expr"])}
    assert asked - WRITTEN == set()
    assert len(asked) > 5


def test_every_alert_names_its_host() -> None:
    assert [rule["alert"] for rule in RULES if "$labels.host" not in rule["annotations"]["summary"]] == []
