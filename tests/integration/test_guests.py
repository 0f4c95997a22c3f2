# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin `guests` asks the real hosts of an inventory over SSH, and one in vain."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, GUESTS, INVENTORY, ROOT, RUN, ssh

pytestmark = pytest.mark.usefixtures("lab")

VMS = {name: address for name, address in GUESTS.items() if name != "control"}
"""The VMs of CLUSTER; the observer has the other one."""


@pytest.fixture
def ssh_command(tmp_path: Path) -> Path:
    """What libvirt runs as ssh: its qemu+ssh takes a key of its own, but the host keys from SSH's own configuration."""
    path = tmp_path / "ssh"
    options = f"-o UserKnownHostsFile={RUN / 'known_hosts'} -o StrictHostKeyChecking=yes -o BatchMode=yes"
    path.write_text(f'#!/bin/sh\nexec ssh {options} "$@"\n', encoding="utf-8")
    path.chmod(0o700)
    return path


@pytest.fixture
def listed(tmp_path: Path, ssh_command: Path) -> dict[str, t.Any]:
    """What ansible-inventory --list prints; host `dead` has no SSH server on its port."""
    uri = f"qemu+ssh://root@{{address}}/system?keyfile={RUN / 'id_ed25519'}&command={ssh_command}"
    config = {
        "plugin": "evergreen.virt.guests",
        "host_groups": ["cluster"],
        "uri": uri.format(address="{{ ansible_host }}"),
        "hosts": {"dead": uri.format(address="127.0.0.1:9")},
        "timeout": 10,
        "group_by": ["host", "state", "labels.tier"],
    }
    file = tmp_path / "lab.guests.yml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    done = subprocess.run(
        ["ansible-inventory", "-i", str(INVENTORY), "-i", str(file), "--list"],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "the VMs of host 'dead' are not known" in done.stderr
    return t.cast(
        "dict[str, t.Any]",
        json.loads(done.stdout, object_hook=lambda value: value.get("__ansible_unsafe", value)),
    )


def test_the_vms_of_the_cluster_with_their_hosts_and_addresses(listed: dict[str, t.Any]) -> None:
    found = listed["_meta"]["hostvars"]
    assert {name: found[name]["ansible_host"] for name in VMS} == VMS
    assert set(VMS) <= set(listed["state_running"]["hosts"])
    assert {"vm1", "vm2"} <= set(listed["label_tier_web"]["hosts"])
    assert {found[name]["virt_vm"]["emulator_stale"] for name in VMS} == {None}
    assert set(found["h1"]["virt_unreachable"]) == {"dead"}
    for host in CLUSTER:
        names = set(ssh(host, "virsh", "list", "--name", "--all").split())
        assert set(listed.get(f"host_{host}", {}).get("hosts", ())) == names
        assert {found[name]["virt_host"] for name in names} <= {host}
