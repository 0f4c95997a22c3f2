# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input ends before anything is changed, with one clear sentence and a status that is not 0."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, INVENTORY, host_py, play, run, ssh

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture(autouse=True)
def untouched() -> t.Iterator[None]:
    """Nothing on any host may be different afterwards."""
    before = state()
    yield
    assert state() == before


def state() -> dict[str, str]:
    """Return what runs on each host, and what it knows of runs."""
    script = "virsh list --all; cat /var/lib/evergreen.virt/maintenance.json /var/lib/evergreen.virt/lease.json || true"
    return {host: ssh(host, script) for host in CLUSTER}


def module(name: str, arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one module on h1."""
    return run(
        ["ansible", "-i", str(INVENTORY), "h1", "-m", f"evergreen.virt.{name}", "-a", arguments],
        ANSIBLE_NOCOLOR="1",
    )


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("vm", "name=web colour=red", "colour"),
        ("vm", "name=a/b memory_mib=128 state=present", "a/b"),
        ("ovs_bridge", "name=br9 database=unix:/nowhere.sock", "/nowhere.sock"),
        ("vm_info", "uri=qemu+unix:///nowhere", "qemu+unix:///nowhere"),
    ],
)
def test_a_module_refuses(name: str, arguments: str, sentence: str) -> None:
    done = module(name, arguments)
    assert done.returncode != 0
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-e", "upgrade_host_reserve_mib=999999"], "cannot leave host"),
        (["-e", "upgrade_max_hosts_per_wave=0"], "at least 1"),
        (["--limit", "watch"], "none of the hosts of 'cluster' is in --limit"),
        (["-e", '{"upgrade_packages": ["no-such-package"]}'], "no-such-package shall be installed with the update"),
    ],
    ids=["too little memory", "no wave", "limit outside", "unknown package"],
)
def test_a_run_refuses(arguments: list[str], sentence: str) -> None:
    done = play("evergreen.virt.rolling_upgrade", *arguments)
    assert done.returncode != 0
    assert sentence in done.stdout


def test_a_host_that_does_not_answer_is_named_before_the_run() -> None:
    host_py("unplug", "h3")
    try:
        done = play("evergreen.virt.rolling_upgrade")
    finally:
        host_py("plug", "h3")
    assert done.returncode != 0
    assert "Nothing was changed" in done.stdout
    assert "h3" in done.stdout.split("Nothing was changed")[1]
