# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import socket
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    OperationError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._probe import prober
from ansible_collections.evergreen.virt.plugins.module_utils._probe.folder import Folder
from ansible_collections.evergreen.virt.plugins.module_utils._probe.probe import (
    apply,
    plan,
    read,
    refresh,
    wanted_probe,
)

NOTHING: dict[str, t.Any] = {"interval_ms": 0, "targets": []}


def target(**options: t.Any) -> dict[str, t.Any]:
    plain = {"name": "a", "address": "192.0.2.1", "icmp": True, "tcp_port": None, "tcp_request": "q\n", "track": []}
    return {**plain, **options}


def paths(settings: dict[str, t.Any] | None, **options: t.Any) -> list[str]:
    """Return what a task would change.

    :param settings: of a running probe; None if none runs.
    """
    params = {"state": "started", "targets": None, "interval_ms": None, "gap_ms": None, "since": None, "until": None}
    running = settings is not None
    wanted = wanted_probe({**params, **options}, settings or NOTHING, running=running)
    return [change.path for change in plan(wanted, settings or NOTHING, running=running)]


RUNNING = {"interval_ms": 20, "targets": [target()]}


@pytest.mark.parametrize(
    ("settings", "options", "changes"),
    [
        (None, {"targets": [target()]}, ["state", "targets[a]"]),
        (RUNNING, {}, []),
        (RUNNING, {"targets": [target()], "interval_ms": 20}, []),
        (RUNNING, {"targets": [target(name="b")]}, ["targets[b]"]),
        (RUNNING, {"state": "stopped"}, ["state"]),
        ({**RUNNING, "interval_ms": 100}, {"state": "stopped"}, ["state"]),
        ({**RUNNING, "interval_ms": 100}, {}, []),
        (None, {"state": "stopped"}, []),
    ],
)
def test_changes(settings: dict[str, t.Any] | None, options: dict[str, t.Any], changes: list[str]) -> None:
    assert paths(settings, **options) == changes


@pytest.mark.parametrize(
    ("settings", "options", "error"),
    [
        (None, {}, InvalidInputError),
        (None, {"targets": [target(), target()]}, InvalidInputError),
        (None, {"targets": [target(address="vm.example.org")]}, InvalidInputError),
        (None, {"targets": [target(icmp=False)]}, InvalidInputError),
        (None, {"targets": [target(tcp_port=0)]}, InvalidInputError),
        (None, {"targets": [target(tcp_request="", tcp_port=1)]}, InvalidInputError),
        (None, {"targets": [target()], "interval_ms": 0}, InvalidInputError),
        (None, {"targets": [target()], "interval_ms": 60, "gap_ms": 100}, InvalidInputError),
        (RUNNING, {"gap_ms": 30}, InvalidInputError),
        (RUNNING, {"since": "yesterday"}, InvalidInputError),
        (RUNNING, {"interval_ms": 10}, ConflictError),
        (RUNNING, {"targets": [target(address="192.0.2.2")]}, ConflictError),
    ],
)
def test_refused(settings: dict[str, t.Any] | None, options: dict[str, t.Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        paths(settings, **options)


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00", "2026-01-31T13:00:00.000+01:00"])
def test_times(text: str) -> None:
    params = {"state": "stopped", "targets": None, "interval_ms": None, "gap_ms": None, "since": text, "until": None}
    since = wanted_probe(params, NOTHING, running=False).question.since
    assert since is not None
    assert since.timestamp() == 1_769_860_800


@pytest.mark.parametrize(("interval", "told", "gap"), [(10, None, 100), (100, None, 200), (100, 300, 300)])
def test_from_which_length_on_gaps_are_listed(interval: int, told: int | None, gap: int) -> None:
    params = {
        "state": "started",
        "targets": None,
        "interval_ms": interval,
        "gap_ms": told,
        "since": None,
        "until": None,
    }
    assert wanted_probe(params, NOTHING, running=False).question.gap_ms == gap


@pytest.mark.parametrize("name", ["", "..", "a/b", ".a", "a" * 65])
def test_names_that_are_no_folder(name: str) -> None:
    with pytest.raises(InvalidInputError):
        Folder(name)


def test_a_folder_is_locked_by_its_probe_only(tmp_path: Path) -> None:
    folder = Folder("p", root=tmp_path)
    assert not folder.running()
    folder.create(RUNNING)
    assert (folder.settings(), folder.running()) == (RUNNING, False)
    assert folder.lock() is not None
    assert folder.running()
    assert folder.lock() is None


def test_a_probe_lives_on_by_itself_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = {version: socket.socketpair() for version in (4, 6)}  # only root may open a raw one
    for pair in silent.values():
        pair[0].setblocking(False)
    monkeypatch.setattr(prober, "_raw_socket", lambda version: silent[version][0])
    monkeypatch.setattr(prober, "_be_punctual", lambda: None)
    folder = Folder("p", root=tmp_path)
    here = {"icmp": False, "address": "127.0.0.1", "tcp_port": 9}
    for state, options in (("started", [target(**here)]), ("started", [target(**here, name="b")]), ("stopped", None)):
        params = {"state": state, "targets": options, "interval_ms": 20, "gap_ms": 100, "since": None, "until": None}
        wanted = wanted_probe(params, folder.settings(), running=folder.running())
        apply(folder, wanted, plan(wanted, folder.settings(), running=folder.running()))
        assert folder.running() == (state == "started")
    status = folder.status()
    assert (status["stopped"], status["pid"] != os.getpid(), folder.errors()) == (True, True, "")
    assert read(folder, wanted.question, name="p")["running"] is False
    assert [one["name"] for one in folder.settings()["targets"]] == ["a", "b"]
    for one in (*silent[4], *silent[6]):
        one.close()


@pytest.mark.parametrize("locked", [False, True])
def test_a_probe_that_has_died_is_told_and_nobody_else_is_signalled(
    locked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder("p", root=tmp_path)
    folder.create(RUNNING)
    folder.write_status({"pid": os.getpid(), "heartbeat": 1, "stopped": False, "answers": {}})
    (folder.path / "errors").write_text("no memory\n")
    signalled: list[int] = []

    def kill(pid: int, _number: int) -> None:
        signalled.append(pid)
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", kill)
    lock = folder.lock() if locked else None
    with pytest.raises(OperationError, match="has died: no memory"):
        refresh(folder)
    assert signalled == [os.getpid()] * locked
    if lock is not None:
        os.close(lock)
