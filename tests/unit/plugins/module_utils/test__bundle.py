# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import pathlib
import subprocess
import sys
import zipfile

from ansible_collections.evergreen.virt.plugins.module_utils._bundle import bundle
from ansible_collections.evergreen.virt.plugins.module_utils._metrics import program


def test_the_same_code_gives_the_same_bytes() -> None:
    assert bundle("_metrics.program") == bundle("_metrics.program")


def test_it_holds_the_code_and_no_other_collection() -> None:
    names = zipfile.ZipFile(io.BytesIO(bundle("_metrics.program"))).namelist()
    assert {"__main__.py", "evergreen_virt/__init__.py", "evergreen_virt/_metrics/program.py"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"__main__.py", "evergreen_virt"}


def test_it_runs_by_itself_and_does_what_the_code_does(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metrics.pyz"
    path.write_bytes(bundle("_metrics.program"))
    done = subprocess.run([sys.executable, "-I", path, tmp_path, "state"], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    program.main([str(tmp_path), "ovs"])
    assert sorted(file.name for file in tmp_path.glob("*.prom")) == ["evergreen_ovs.prom", "evergreen_state.prom"]
    assert "evergreen_maintenance " in (tmp_path / "evergreen_state.prom").read_text()


def test_it_says_what_it_takes(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metrics.pyz"
    path.write_bytes(bundle("_metrics.program"))
    done = subprocess.run([sys.executable, "-I", path, "--help"], capture_output=True, text=True, check=False)
    assert "{ovs,state,updates}" in done.stdout
