# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.filter.deb822 import FilterModule
from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

DEBIAN: dict[str, t.Any] = {"name": "debian", "uris": ["file:/srv"], "suites": ["trixie"], "components": ["main"]}
STANZA = "Types: deb\nURIs: file:/srv\nSuites: trixie\nComponents: main\n"

deb822 = FilterModule().filters()["deb822"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, STANZA),
        ({"uris": "file:/srv", "suites": "trixie"}, STANZA),
        ({"architectures": ["amd64"], "signed_by": None}, f"{STANZA}Architectures: amd64\n"),
        ({"trusted": "true", "enabled": "false"}, f"{STANZA}Trusted: yes\nEnabled: no\n"),
    ],
)
def test_what_a_host_is_given(options: dict[str, t.Any], text: str) -> None:
    assert deb822({**DEBIAN, **options}) == text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"suite": ["trixie"]}, "repository 'debian'.*suite"),
        ({"enabled": "perhaps"}, "repository 'debian'.*enabled"),
        ({"components": []}, "'debian'.*do not fit"),
    ],
)
def test_what_makes_no_sense(options: dict[str, t.Any], says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says):
        deb822({**DEBIAN, **options})


@pytest.mark.programs
@pytest.mark.parametrize("role", ["install", "upgrade"])
def test_the_file_of_a_role(role: str, tmp_path: Path) -> None:
    file = tmp_path / "debian.sources"
    arguments = {"src": str(ROOT / "roles" / role / "templates" / "repository.sources.j2"), "dest": str(file)}
    argv = ["ansible", "localhost", "-m", "ansible.builtin.template", "-a", json.dumps(arguments)]
    done = run([*argv, "-e", json.dumps({"item": DEBIAN})])
    assert done.returncode == 0, done.stdout
    comment, lines = file.read_text().split("Types:", 1)
    assert all(line.startswith("#") for line in comment.splitlines())
    assert f"Types:{lines}" == STANZA
