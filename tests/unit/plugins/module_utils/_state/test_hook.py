# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import subprocess

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._state import hook, record

OTHERS = ("reconnect", "stopped", "release", "attach", "started", "", "unknown")
RECORD = Maintenance(
    owner="storage team", reason='it\'s a "disk"', since="2026-01-01T00:00:00+00:00", allow=["web", "a b"]
)


@pytest.fixture
def script(tmp_path: pathlib.Path) -> pathlib.Path:
    file = tmp_path / "hook"
    file.write_text(hook.text(record.path(tmp_path)), encoding="utf-8")
    file.chmod(0o755)
    return file


def ask(
    script: pathlib.Path, operation: str, name: str = "db", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call the hook as libvirt does."""
    return subprocess.run(
        [script, name, operation, "begin", "-"],
        input="<domain/>",
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize("operation", [*hook.REFUSED, *OTHERS])
def test_without_a_record_nothing_is_refused(script: pathlib.Path, operation: str) -> None:
    answer = ask(script, operation)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize("operation", hook.REFUSED)
def test_in_maintenance_a_vm_that_comes_is_refused_with_all_that_one_must_know(
    script: pathlib.Path, tmp_path: pathlib.Path, operation: str
) -> None:
    record.write(RECORD, tmp_path)
    answer = ask(script, operation)
    assert answer.returncode == 1
    assert answer.stdout == ""
    for text in (hook.MARK, "db", "storage team", 'it\'s a "disk"', RECORD.since, "state: disabled"):
        assert text in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("operation", OTHERS)
@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"allow": 1}'])
def test_nothing_else_is_ever_refused(
    script: pathlib.Path, tmp_path: pathlib.Path, operation: str, content: str | None
) -> None:
    record.write(RECORD, tmp_path)
    if content is not None:
        record.path(tmp_path).write_text(content, encoding="utf-8")
    assert ask(script, operation, environment={"PATH": "/nowhere"}).returncode == 0


@pytest.mark.parametrize(("name", "status"), [("web", 0), ("a b", 0), ("we", 1), ("", 1), ("*", 1), ("we'b", 1)])
def test_the_allowed_come_in(script: pathlib.Path, tmp_path: pathlib.Path, name: str, status: int) -> None:
    record.write(RECORD, tmp_path)
    assert ask(script, "start", name).returncode == status


@pytest.mark.parametrize("operation", hook.REFUSED)
@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"allow": null}', '{"owner": "a", "reason": "b", "since": "c", "allow": "db"}', "\udcff"],
)
def test_an_unreadable_record_refuses(
    script: pathlib.Path, tmp_path: pathlib.Path, operation: str, content: str
) -> None:
    record.path(tmp_path).write_bytes(content.encode("utf-8", "surrogateescape"))
    answer = ask(script, operation)
    assert answer.returncode == 1
    assert hook.MARK in answer.stderr


def test_without_python_it_still_refuses(script: pathlib.Path, tmp_path: pathlib.Path) -> None:
    record.write(RECORD, tmp_path)
    answer = ask(script, "start", environment={"PATH": "/nowhere"})
    assert answer.returncode == 1
    assert "python3 failed" in answer.stderr
