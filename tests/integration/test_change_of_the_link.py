# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role `switch` changes the very link that Ansible uses: rightly, wrongly, and with a crash in the middle.

The host gets a second link for that, with an address of its own; what happens is looked at by the first one.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import RUN, host_py, play, playbook_argv, run, ssh
from ansible_collections.evergreen.virt.tests.lab.host import load, running_init

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lab")]

HOST = "h3"
ADDRESS, OURS = "10.213.9.13", "10.213.9.1"
DISCARD = 9
"""A port that nobody listens on."""
TIMEOUT = 12
VM_PORT = "external_ids:vm-id=1 external_ids:iface-id=2 external_ids:attached-mac=52:54:00:00:00:01"
INSTALLED = "[Match]\nName=it0\n[Network]\nAddress={address}/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
STATE = "ovs-vsctl list-br; ovs-vsctl list-ports it-b0; ls /etc/systemd/network; ip -brief address show dev it0"
CLEAN = """
ovs-vsctl --if-exists del-br it-b0
rm -f /etc/systemd/network/10-it0.network /etc/systemd/network/05-evergreen-virt-it*
networkctl reload
ip link delete it-x || true
"""
Done = subprocess.CompletedProcess[str]


def must(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def plug_in() -> None:
    """Connect the second link, which the kernel takes away with the host's network, sooner or later."""
    pid = running_init(load(RUN, HOST))
    unplug()
    must("ip", "link", "add", "it-o", "type", "veth", "peer", "name", "it0", "netns", str(pid))
    must("ip", "address", "add", f"{OURS}/24", "dev", "it-o")
    must("ip", "link", "set", "it-o", "up")
    # As for the trunk: nobody else computes the checksums that Open vSwitch passes on (tests/lab/host.py).
    must("ethtool", "-K", "it-o", "tx", "off")
    must("nsenter", f"--net=/proc/{pid}/ns/net", "ethtool", "-K", "it0", "tx", "off")


def unplug() -> None:
    subprocess.run(["ip", "link", "delete", "it-o"], capture_output=True, check=False)


@pytest.fixture
def inventory(tmp_path: Path) -> t.Iterator[Path]:
    """The host as Ansible reaches it by its second link, with a bridge that nothing depends on."""
    plug_in()
    ssh(HOST, "cat > /etc/systemd/network/10-it0.network; networkctl reload", stdin=INSTALLED.format(address=ADDRESS))
    ssh(HOST, "ip link add it-x type veth peer name it-y; ip link set it-x up; ip link set it-y up")
    ssh(HOST, "ovs-vsctl add-br it-b0 -- set bridge it-b0 datapath_type=netdev")
    args = f"-o UserKnownHostsFile={RUN / 'known_hosts'} -o HostKeyAlias={HOST} -o ControlMaster=auto -o ControlPersist=60s"
    connection = {
        "ansible_host": ADDRESS,
        "ansible_user": "root",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_remote_tmp": "~/.ansible/tmp",
        "ansible_ssh_private_key_file": str(RUN / "id_ed25519"),
        "ansible_ssh_args": args,
    }
    path = tmp_path / "hosts.json"
    path.write_text(json.dumps({"all": {"hosts": {HOST: connection}}}), encoding="utf-8")
    (tmp_path / "play.yml").write_text("- hosts: all\n  gather_facts: false\n  roles: [evergreen.virt.switch]\n")
    try:
        yield path
    finally:
        ssh(HOST, CLEAN)
        unplug()


def switch(inventory: Path, *uplinks: str) -> Done:
    """Move the link's address to a bridge with these uplinks."""
    variables = {
        "switch_confirm_timeout": TIMEOUT,
        "switch_bridges": [
            {"name": "it-b0", "ports": [{"name": "it-m0", "type": "internal"}, *({"name": name} for name in uplinks)]}
        ],
        "switch_interfaces": [{"name": "it0"}, {"name": "it-m0", "addresses": [f"{ADDRESS}/24"]}],
    }
    return run(
        playbook_argv(str(inventory.parent / "play.yml"), "-e", json.dumps(variables), inventories=[inventory]),
        ANSIBLE_NOCOLOR="1",
    )


def answers() -> bool:
    """Whether the host refuses a connection: sshd would punish who comes again and again without saying anything."""
    try:
        socket.create_connection((ADDRESS, DISCARD), timeout=0.5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True


def eventually(condition: t.Callable[[], bool], seconds: float) -> float:
    """Return after how many seconds the condition held."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)
    return time.monotonic() - began


class Watch(threading.Thread):
    """Tries all the time to reach the host anew."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.failed, self._over = 0, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.2):
            self.failed += not answers()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self.join()


def test_the_link_goes_under_a_bridge_while_ansible_uses_it(inventory: Path) -> None:
    eventually(answers, 10)
    with Watch() as watch:
        done = switch(inventory, "it0")
    assert done.returncode == 0, done.stdout
    assert "changed=1" in done.stdout
    assert watch.failed <= 3
    assert ADDRESS in ssh(HOST, "ip -brief address show dev it-m0")
    assert ADDRESS not in ssh(HOST, "ip -brief address show dev it0")
    again = switch(inventory, "it0")
    assert again.returncode == 0, again.stdout
    assert "changed=0" in again.stdout


def test_a_wrong_uplink_is_undone_by_the_host(inventory: Path) -> None:
    eventually(answers, 10)
    before = ssh(HOST, STATE)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(switch, inventory, "it-x")
        eventually(lambda: not answers(), 20)
        ssh(HOST, f"ovs-vsctl add-port it-b0 it-vnet -- set interface it-vnet type=internal {VM_PORT}")
        second = play(
            str(inventory.parent / "play.yml"),
            *("-e", json.dumps({"switch_bridges": [{"name": "it-b9", "datapath_type": "netdev"}]}), "--limit", HOST),
        )
        eventually(answers, TIMEOUT + 5)
        done = running.result()
    assert done.returncode != 0
    assert f"The change of the network of host '{HOST}' was undone, and what was there before is back." in done.stdout
    assert f"nobody reached this host by a new connection within {TIMEOUT} s" in done.stdout
    assert second.returncode != 0
    assert "is being changed by another task" in second.stdout
    assert "it-vnet" in ssh(HOST, "ovs-vsctl list-ports it-b0")
    ssh(HOST, "ovs-vsctl del-port it-vnet")
    assert ssh(HOST, STATE) == before


def test_a_host_that_crashes_in_the_middle_comes_up_as_it_was(inventory: Path) -> None:
    eventually(answers, 10)
    before = ssh(HOST, "ovs-vsctl list-ports it-b0; ls /etc/systemd/network")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(switch, inventory, "it-x")
        eventually(lambda: not answers(), 20)
        host_py("crash", HOST)
        host_py("start", HOST)
        plug_in()
        done = running.result()
    assert done.returncode != 0
    assert "started anew before anybody confirmed the change" in done.stdout
    assert ssh(HOST, "ovs-vsctl list-ports it-b0; ls /etc/systemd/network") == before
    eventually(answers, 20)
    repaired = play("evergreen.virt.site")  # its VMs went with the host
    assert repaired.returncode == 0, repaired.stdout
