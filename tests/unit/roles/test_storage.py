# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order the role storage converges what belongs together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts

pytestmark = pytest.mark.programs


def test_a_volume_goes_before_its_pool_and_comes_after_it(tmp_path: Path) -> None:
    hosts = Hosts(tmp_path)
    pools = [{"name": "old", "state": "absent"}, {"name": "new"}]
    volumes = [{"pool": "old", "name": "a", "state": "absent"}, {"pool": "new", "name": "b"}]
    answers = {"storage_pool": [{"changed": True}], "storage_volume": [{"changed": True}]}
    hosts.add("h1", answers, storage_pools=pools, storage_volumes=volumes)
    said = hosts.play("all", [{"ansible.builtin.include_role": {"name": "evergreen.virt.storage"}}])
    assert re.findall(r"^changed: .*item=([^)]*)", said, re.MULTILINE) == ["new", "old/a", "new/b", "old"]
