# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that is about to be upgraded, anew for each file."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.faults.story import Story
from ansible_collections.evergreen.virt.tests.lab.audit import first_audit
from ansible_collections.evergreen.virt.tests.lab.cluster import fresh_lab, play


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Story]:
    with fresh_lab():
        done = play("evergreen.virt.site")
        assert done.returncode == 0, done.stdout
        yield Story(tmp_path_factory.mktemp("controllers"), first_audit())
