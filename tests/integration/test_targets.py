# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's own integration target, against a real host."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import play

HERE = Path(__file__).parent
TARGETS = sorted(path.name for path in (HERE / "targets").iterdir())

pytestmark = pytest.mark.usefixtures("lab")


@pytest.mark.parametrize("target", TARGETS)
def test_target(target: str) -> None:
    done = play(str(HERE / "target.yml"), "-e", f"target={target}", roles=str(HERE / "targets"))
    assert done.returncode == 0, done.stdout
