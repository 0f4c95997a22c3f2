# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate that every module which changes a host passes, with a lease in a folder of the test's own."""

from __future__ import annotations

import functools
import json
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.evergreen.virt.plugins.module_utils import _module
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._deps import Dependency
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease

Options = dict[str, t.Any]
MISSING = Dependency("no_such_library", package="no-such-package")
MISSING.error = ImportError("no_such_library")
OLDER = {"run_id": "r1", "epoch": 1}
SAME = {"run_id": "r2", "epoch": 2}
RIVAL = {"run_id": "r3", "epoch": 2}
NEWER = {"run_id": "r3", "epoch": 3}


class Host:
    """A host that run r2 of epoch 2 has, and a module that notes on it when it is called."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.calls = 0
        self._capsys = capsys
        lease.admit("r2", 2, directory=folder)

    def task(self, options: Options, spec: ArgSpec = RUN, **how: t.Any) -> Options:
        """Run the module with these options, and return its result."""
        with patch_module_args(options), pytest.raises(SystemExit):
            _module.run(spec, self._change, **how)
        return dict(json.loads(self._capsys.readouterr().out))

    @property
    def epoch(self) -> int | None:
        """The newest epoch that the host knows."""
        known = lease.read(self.folder)
        return known.epoch if known else None

    def _change(self, _task: _module.Task) -> Options:
        self.calls += 1
        return {"changed": True}


@pytest.fixture
def host(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(lease, "admit", functools.partial(lease.admit, directory=tmp_path))
    return Host(tmp_path, capsys)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("run", [OLDER, RIVAL])
def test_a_superseded_run_changes_nothing(host: Host, run: Options, check_mode: bool) -> None:
    result = host.task({**run, "_ansible_check_mode": check_mode}, requires=[MISSING])
    assert (result["failed"], result["error"]["code"], host.calls, host.epoch) == (True, "conflict", 0, 2)
    assert result["msg"].startswith(f"run {run['run_id']} (epoch {run['epoch']}) may not change this host: run r2")


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("run", "known"), [({}, 2), (SAME, 2), (NEWER, 3)], ids=["of no run", "the run that has the host", "a newer run"]
)
def test_others_pass_and_a_newer_run_takes_the_host(host: Host, run: Options, known: int, check_mode: bool) -> None:
    result = host.task({**run, "_ansible_check_mode": check_mode})
    assert (result["changed"], host.calls, host.epoch) == (True, 1, 2 if check_mode else known)


@pytest.mark.parametrize("half", [{"run_id": "r2"}, {"epoch": 2}])
def test_a_run_is_named_with_its_epoch(host: Host, half: Options) -> None:
    assert host.task(half)["failed"]
    assert host.calls == 0


def test_what_belongs_to_no_run_is_not_asked(host: Host) -> None:
    assert host.task({}, spec=ArgSpec())["changed"]


def test_the_module_that_gives_a_host_to_a_run_asks_by_itself(host: Host) -> None:
    assert host.task(NEWER, gated=False)["changed"]
    assert host.epoch == 2


def test_what_a_module_calls_a_secret_is_in_no_result(host: Host) -> None:
    spec = ArgSpec(options={"options": {"type": "dict"}})
    options = {"options": {"psk": "swordfish", "key": "7"}}
    shown = host.task(options, spec, secrets=lambda params: [params["options"]["psk"]])["invocation"]["module_args"]
    assert shown["options"] == {"psk": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "key": "7"}
