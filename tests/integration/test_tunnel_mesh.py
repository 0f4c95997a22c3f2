# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role `switch` joins bridges of all hosts by a mesh of tunnels: everybody reaches everybody, and no frame goes in circles."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ADDRESSES, CLUSTER, changed, play, ssh

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lab")]

NUMBER = "{{ ansible_host.split('.') | last }}"
# Tunnels of the userspace datapath end at an address that is on a bridge.
SWITCH = {
    "switch_tunnel_address": f"10.213.50.{NUMBER}",
    "switch_bridges": [
        {
            "name": "br0",
            "datapath_type": "netdev",
            "ports": [{"name": "trunk0"}, {"name": "it-tep", "type": "internal", "tag": 50}],
        },
        {"name": "it-lan", "datapath_type": "netdev", "ports": [{"name": "it-in", "type": "internal"}]},
    ],
    "switch_tunnels": [{"name": "it", "bridge": "it-lan", "key": 4711, "hosts": "{{ ansible_play_hosts_all }}"}],
    "switch_interfaces": [
        {"name": "it-tep", "addresses": [f"10.213.50.{NUMBER}/24"]},
        {"name": "it-in", "addresses": [f"192.0.2.{NUMBER}/24"]},
    ],
}
GONE = {
    "switch_bridges": [
        {"name": "br0", "ports": [{"name": "it-tep", "state": "absent"}]},
        {"name": "it-lan", "state": "absent"},
    ],
    "switch_interfaces": [{"name": name, "state": "absent"} for name in ("it-tep", "it-in")],
}


def switch(folder: Path, variables: dict[str, t.Any]) -> str:
    """Run the role on the cluster; extra variables are known of every host to every other one."""
    path = folder / "play.yml"
    path.write_text(f"- hosts: {','.join(CLUSTER)}\n  gather_facts: false\n  roles: [evergreen.virt.switch]\n")
    done = play(str(path), "-e", json.dumps(variables))
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def mesh(tmp_path: Path) -> t.Iterator[Path]:
    try:
        switch(tmp_path, SWITCH)
        yield tmp_path
    finally:
        switch(tmp_path, GONE)


def inside(host: str) -> str:
    """Return the host's address on the bridge that the tunnels join."""
    return f"192.0.2.{ADDRESSES[host].rpartition('.')[2]}"


def reach(host: str, address: str) -> bool:
    """Try to reach the SSH server at an address; its host is asked for by broadcast."""
    return ssh(host, f"timeout 3 bash -c ': < /dev/tcp/{address}/22' && echo yes || echo no") == "yes\n"


def received(host: str) -> int:
    """Return how many frames have come out of the bridge: the kernel's own count, as the switch's is seconds old."""
    return int(ssh(host, "cat /sys/class/net/it-in/statistics/rx_packets"))


def test_everybody_reaches_everybody_and_no_frame_goes_in_circles(mesh: Path) -> None:
    assert changed(switch(mesh, SWITCH)) == 0
    assert [(host, other) for host in CLUSTER for other in CLUSTER if not reach(host, inside(other))] == []
    before = {host: received(host) for host in CLUSTER}
    assert not reach(CLUSTER[0], "192.0.2.99")
    for host in CLUSTER[1:]:
        assert 1 <= received(host) - before[host] <= 20  # in a loop more than a thousand
