# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.daemons import Daemons

UNITS = "run/systemd/system"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system with an ovs-vswitchd that runs as process 7, and a systemctl that notes what it is asked for."""
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n', encoding="ascii")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    (tmp_path / "proc" / "7").mkdir(parents=True)
    (tmp_path / "proc" / "7" / "exe").symlink_to("/usr/lib/openvswitch-switch/ovs-vswitchd")
    (tmp_path / "ovs-vswitchd.pid").write_text("7\n", encoding="ascii")
    return tmp_path


def test_a_program_that_was_replaced_is_told(host: Path) -> None:
    daemons = Daemons(host, host)
    assert (daemons.running, daemons.replaced) == (True, [])
    (host / "proc" / "7" / "exe").unlink()
    (host / "proc" / "7" / "exe").symlink_to("/usr/lib/openvswitch-switch/ovs-vswitchd (deleted)")
    assert daemons.replaced == ["ovs-vswitchd"]
    (host / "proc" / "7" / "exe").unlink()
    assert (daemons.running, daemons.replaced) == (False, [])


@pytest.mark.parametrize("text", ["", "x\n"])
def test_a_broken_pid_file_is_nothing_that_runs(host: Path, text: str) -> None:
    (host / "ovs-vswitchd.pid").write_text(text, encoding="ascii")
    assert not Daemons(host, host).running


def test_nobody_stops_what_is_held(host: Path) -> None:
    daemons = Daemons(host, host)
    other = host / UNITS / "ovs-vswitchd.service.d" / "other.conf"
    other.parent.mkdir(parents=True)
    other.write_text("[Service]\n", encoding="ascii")
    assert not daemons.held
    daemons.hold()
    units = ("openvswitch-switch", "ovs-record-hostname", "ovs-vswitchd", "ovsdb-server")
    files = sorted((host / UNITS).glob("*/evergreen-hold.conf"))
    assert [file.parent.name for file in files] == [f"{unit}.service.d" for unit in units]
    assert {file.read_text() for file in files} == {"[Unit]\nRefuseManualStop=yes\n"}
    assert Daemons(host, host).held
    daemons.release()
    assert [path.name for path in (host / UNITS).rglob("*")] == ["ovs-vswitchd.service.d", "other.conf"]
    assert (host / "asked").read_text() == "daemon-reload\n" * 2


def test_a_daemon_that_does_not_come_up_is_told(host: Path) -> None:
    (host / "bin" / "systemctl").write_text("#!/bin/sh\necho 'Job failed.' >&2\nexit 1\n", encoding="ascii")
    with pytest.raises(OperationError, match=r"restart ovs-vswitchd\.service: Job failed"):
        Daemons(host, host).restart("ovs-vswitchd")
