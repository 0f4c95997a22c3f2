# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host says that would stop it."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _qemu_conf
from ansible_collections.evergreen.virt.plugins.modules import hypervisor_preflight_info
from tests.unit.plugins.modules.tasks import Module

look = Module(hypervisor_preflight_info, "read")


@pytest.mark.parametrize(("may_read", "ends", "lacks"), [(True, ["client"], 3), (True, [], 0), (False, ["client"], 0)])
def test_what_qemu_lacks_where_its_settings_say_that_it_has_it(
    may_read: bool, ends: list[str], lacks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = f'migrate_tls_x509_cert_dir = "{tmp_path}"\n' if may_read else None
    monkeypatch.setattr(_qemu_conf, "read", lambda: conf)
    told = "".join(look(tls_ends=ends)["problems"])
    assert told.count(f"{tmp_path}/") == lacks


@pytest.mark.parametrize(("late", "problems"), [(0, 0), (90, 1)])
def test_a_clock_that_is_wrong(late: int, problems: int) -> None:
    found: t.Any = look(controller_time=time.time() - late)["problems"]
    assert len([one for one in found if "the host's clock is" in one]) == problems
