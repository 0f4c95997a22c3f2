# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make versions`: what it tries, and how it tells what came of it; and the versions that more than one file has to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.tools import versions
from ansible_collections.evergreen.virt.tests.tools.versions import Version

ROOT = Path(__file__).resolve().parents[2]
LISTED = versions.listed(versions.LISTED.read_text(encoding="utf-8"))
COLLECTION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
MAJOR = int(COLLECTION.partition(".")[0])
CORES = [version.core for version in LISTED if version.core]
OLDEST_PYTHON = next(version.python for version in LISTED if not version.core)
DEBIANS_PYTHON = "3.11"
NEWEST_THERE = [version.core for version in LISTED if version.core and version.python == DEBIANS_PYTHON][-1]


def test_the_oldest_of_all_that_is_promised_is_tried() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "tests" / "config.yml").read_text(encoding="utf-8"))
    assert f">={CORES[0]}.0" == runtime["requires_ansible"]
    assert f">={OLDEST_PYTHON}" == config["modules"]["python_requires"]
    pinned = re.search(r"^ansible-core==(\d+\.\d+)", versions.PINS.read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned
    assert pinned[1] == NEWEST_THERE


def following(minor: str) -> str:
    """The next minor version."""
    major, _dot, number = minor.partition(".")
    return f"{major}.{int(number) + 1}"


# Each file that says a version again, with a pattern of what it says, and what that has to be.
REPEATED = [
    *((f"roles/{path.name}/meta/main.yml", r'min_ansible_version: "(.+)"', CORES[0]) for path in ROOT.glob("roles/*")),
    ("README.md", r"ansible-core (\S+) or newer", CORES[0]),
    ("README.md", r"'ansible-core(>=\S+)'", f">={CORES[0]},<{following(NEWEST_THERE)}"),
    ("README.md", r"# (\S+ is the last for Python \S+)\n", f"{NEWEST_THERE} is the last for Python {DEBIANS_PYTHON}"),
    (
        "README.md",
        r"runs all of it with ansible-core (\S+ and Python \S+) on",
        f"{NEWEST_THERE} and Python {DEBIANS_PYTHON}",
    ),
    ("README.md", r'version: "(>=\S+)"', f">={MAJOR}.0.0,<{MAJOR + 1}.0.0"),
    ("extensions/ee/requirements.yml", r'version: "(>=\S+)"', f">={MAJOR}.0.0,<{MAJOR + 1}.0.0"),
    ("extensions/ee/execution-environment.yml", r"ansible-core(>=\S+)", f">={CORES[0]},<{following(CORES[-1])}"),
    ("inventories/example/group_vars/awx/objects.yml", r"-ee:(\S+)", COLLECTION),
    ("docs/docsite/rst/awx.rst", r"-ee:(\S+)", COLLECTION),
    ("docs/docsite/rst/awx.rst", r"evergreen-virt-(\S+)\.tar\.gz", COLLECTION),
    ("pyproject.toml", r'target-version = "py(\d+)"', OLDEST_PYTHON.replace(".", "")),
    ("tests/tools/lint.py", r'"python-(\S+)":', OLDEST_PYTHON),
    ("tests/tools/lint.py", r'"--target=(\S+)-"', OLDEST_PYTHON),
]


@pytest.mark.parametrize(("name", "pattern", "version"), REPEATED)
def test_a_version_that_is_said_again_is_the_one_of_its_place(name: str, pattern: str, version: str) -> None:
    assert set(re.findall(pattern, (ROOT / name).read_text(encoding="utf-8"))) == {version}


def test_the_readme_names_what_is_tried() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"^`make versions` [\s\S]+?(?=\n\n)", readme, re.MULTILINE)
    tried = {name for version in LISTED for name in (version.core, version.python) if name}
    assert set(re.findall(r"\d+\.\d+", said)) == tried


def test_a_line_that_is_none_is_refused() -> None:
    assert versions.listed("# said\n\ncontroller 2.19 3.11\ntarget 3.9\n") == [
        Version("2.19", "3.11"),
        Version("", "3.9"),
    ]
    with pytest.raises(ValueError, match=r"neither 'controller ANSIBLE-CORE PYTHON' nor 'target PYTHON': target new"):
        versions.listed("target new\n")


@pytest.mark.parametrize(
    ("output", "failed", "told"),
    [
        ("....\n3 passed, 1 skipped in 2.00s\n", False, "3 passed, 1 skipped"),
        ("F.\n1 failed, 3 passed in 2.00s\n", True, "FAILED 1 failed, 3 passed"),
        ("passed  ansible-test sanity: 24 tests, everything they said: x.log\n", False, "24 tests"),
        ("Traceback\n", True, "FAILED no count"),
    ],
)
def test_counts_are_those_of_the_last_line(output: str, failed: bool, told: str) -> None:
    assert versions.counts(output, failed=failed) == told


def test_a_python_that_is_missing_has_a_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    row = versions.tried(Version("2.99", "3.99"))
    assert versions.table([row]).splitlines()[1] == "2.99          3.99    missing: `pyenv install 3.99` brings it"


MISSING = ("2.99", "3.99", "missing: this machine has no such Python", "", "")


@pytest.mark.parametrize(
    ("rows", "wanted", "fails"),
    [
        ([("2.19", "3.11", "24 tests", "3 passed", "9"), MISSING], [], False),
        ([("2.19", "3.11", "24 tests", "3 passed", "9"), MISSING], ["2.19", "2.99"], False),
        ([("2.19", "3.11", "24 tests", "FAILED 1 failed", "9")], [], True),
        ([MISSING], [], False),
        ([MISSING], ["2.99"], True),
    ],
)
def test_what_was_named_and_could_not_be_tried_fails(
    rows: list[tuple[str, ...]], wanted: list[str], fails: bool
) -> None:
    assert versions.failed(rows, wanted) is fails


def test_an_interpreter_of_pyenv_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in (("3.99.1", "exit 1"), ("3.99.2", "exit 0")):
        program = tmp_path / "versions" / name / "bin" / "python3.99"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert versions.interpreter("3.99") == str(tmp_path / "versions" / "3.99.2" / "bin" / "python3.99")


def test_a_version_that_is_not_listed_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["versions.py", "2.99"])
    monkeypatch.setattr(versions, "tried", lambda _version: ())
    with pytest.raises(SystemExit):
        versions.main()
    assert "2.99" in capsys.readouterr().err
