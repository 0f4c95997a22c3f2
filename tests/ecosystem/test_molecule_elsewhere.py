# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenario that the guide shows for a repository of one's own: Molecule finds it, with its inventory and its playbooks."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.evergreen.virt.tests.ecosystem import guides
from ansible_collections.evergreen.virt.tests.lab.cluster import run

_PLACES = {"config.yml": ".config/molecule/config.yml"}
"""Where the guide's drawing puts a file that is not one of the scenario's."""


def test_the_guides_own_scenario(tmp_path: Path) -> None:
    files = guides.files(guides.guide("test_roles_with_molecule"))
    assert sorted(files) == ["config.yml", "hypervisors/converge.yml", "hypervisors/verify.yml"]
    files["hypervisors/molecule.yml"] = "{}\n"
    for name, text in files.items():
        file = tmp_path / _PLACES.get(name, f"molecule/{name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text("hypervisors: {hosts: {kvm1: {}}}\n")
    run(["git", "init", "--quiet", "."], cwd=tmp_path)
    done = run(
        ["molecule", "syntax", "--scenario-name", "hypervisors"], cwd=tmp_path, ANSIBLE_NOCOLOR="1", NO_COLOR="1"
    )
    assert done.returncode == 0, done.stdout
    assert _PLACES["config.yml"] in done.stdout
    assert "Unable to parse" not in done.stdout, "the inventory"
