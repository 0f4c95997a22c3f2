# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make docs`: the guides and the reference of everything, as HTML."""

from __future__ import annotations

import shutil

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

pytestmark = pytest.mark.slow
HTML = ROOT / "build" / "docs" / "html"


def test_everything_has_its_page() -> None:
    shutil.rmtree(HTML, ignore_errors=True)  # a page of an earlier build is none of this one
    # Not with the options of the make that this test may be part of.
    done = run(["make", "docs"], MAKEFLAGS="", ARGS="")
    assert done.returncode == 0, done.stdout
    modules = {f"{path.stem}_module.html" for path in ROOT.glob("plugins/modules/[!_]*.py")}
    roles = {f"{path.name}_role.html" for path in ROOT.glob("roles/*")}
    guides = {f"docsite/{path.stem}.html" for path in ROOT.glob("docs/docsite/rst/*.rst")}
    pages = {str(path.relative_to(HTML)) for path in HTML.rglob("*.html")}
    assert {"index.html", "guests_inventory.html", *modules, *roles, *guides} - pages == set()
