# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder makes of the execution environment, up to the container that it would build."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

EE = ROOT / "extensions" / "ee"


def builder(*arguments: str) -> str:
    done = run(["ansible-builder", *arguments], cwd=EE)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_definition_becomes_a_context_to_build_in(tmp_path: Path) -> None:
    builder(
        "create",
        "--file",
        "execution-environment.yml",
        "--context",
        str(tmp_path),
        "--output-filename",
        "Containerfile",
    )
    recipe = (tmp_path / "Containerfile").read_text()
    definition = yaml.safe_load((EE / "execution-environment.yml").read_text())
    assert definition["images"]["base_image"]["name"] in recipe
    assert definition["dependencies"]["ansible_core"]["package_pip"] in recipe
    assert (tmp_path / "_build" / "requirements.yml").read_text() == (EE / "requirements.yml").read_text()


def test_ansible_builder_finds_what_the_collection_needs() -> None:
    found = yaml.safe_load(
        builder("introspect", "--sanitize", str(ROOT / ".cache" / "collections")).partition("---")[2]
    )
    python = "\n".join(found["python"])
    system = "\n".join(found["system"])
    for library in (ROOT / "meta" / "ee-requirements.txt").read_text().split():
        assert f"{library}  # from collection evergreen.virt" in python
    for line in (ROOT / "meta" / "ee-bindep.txt").read_text().splitlines():
        assert f"{line.split()[0]} " in system
