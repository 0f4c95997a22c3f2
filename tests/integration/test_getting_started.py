# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide's way for hosts that are hypervisors already, to the letter: its inventory, its commands, and then an upgrade.

The hosts have libvirt from Debian and a VM that `virsh` has made, and nothing of this collection.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.ecosystem import guides
from ansible_collections.evergreen.virt.tests.ecosystem.project import Project, installed
from ansible_collections.evergreen.virt.tests.lab.cluster import ADDRESSES, CLUSTER, RUN, fresh_lab, ssh
from ansible_collections.evergreen.virt.tests.lab.guests import odd_memory
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, offer

pytestmark = pytest.mark.slow

GUIDE = guides.guide("getting_started")
THERE = dict(zip(("192.0.2.11", "192.0.2.12", "192.0.2.13"), (ADDRESSES[host] for host in CLUSTER)))
"""An address of the guide -> that of a host of the lab."""
HYPERVISOR = (
    "apt-get -qq update && apt-get -qq -y install libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils"
)
MEMORY_MIB = 32
VM = f"""\
<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
<name>own</name><memory unit="MiB">{MEMORY_MIB}</memory><vcpu>1</vcpu><os><type machine="pc-q35-7.2">hvm</type></os>
<cpu mode="custom"><model>qemu64</model></cpu>
<qemu:commandline>{"".join(f'<qemu:arg value="{argument}"/>' for argument in odd_memory(MEMORY_MIB))}</qemu:commandline>
</domain>
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Project]:
    """The guide's inventory, with the lab's addresses; all else that SSH has to know comes from outside, as if from ~/.ssh."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in guides.files(GUIDE).items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(with_addresses(text))
    with fresh_lab():
        for host in CLUSTER:
            ssh(host, HYPERVISOR, timeout=600)
        ssh(CLUSTER[0], "virsh define /dev/stdin && virsh start own", stdin=VM)
        yield installed(
            folder,
            ANSIBLE_PRIVATE_KEY_FILE=str(RUN / "id_ed25519"),
            ANSIBLE_SSH_COMMON_ARGS=f"-o UserKnownHostsFile={RUN / 'known_hosts'}",
        )


def with_addresses(text: str) -> str:
    for theirs, ours in THERE.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return text


def carried_out(title: str, project: Project) -> str:
    """Type what a section says, and return what the last command has said."""
    said = ""
    for command in guides.commands(guides.section(GUIDE, title)):
        done = project.run(*command)
        assert done.returncode == 0, done.stdout
        said = done.stdout
    return said


def running() -> list[str]:
    """Return the identity of each VM that runs, once for each host that runs it."""
    return [uuid for host in CLUSTER for uuid in ssh(host, "virsh list --uuid").split()]


def test_the_hosts_are_configured(project: Project) -> None:
    before = running()
    carried_out("Hosts that are hypervisors already", project)
    assert running() == before


def test_the_cluster_can_be_upgraded_and_is(project: Project) -> None:
    package, before = PACKAGES["empty"], running()
    for host in CLUSTER:
        ssh(host, "sh -s", stdin=offer(package))
    assert "Plan: 3 waves" in carried_out("Can the cluster be upgraded?", project)
    done = project.run("ansible-playbook", "-i", "inventory", "evergreen.virt.rolling_upgrade")
    assert done.returncode == 0, done.stdout
    assert before
    assert sorted(running()) == sorted(before)
    version = f"dpkg-query --show --showformat='${{Version}}' {package}"
    assert [ssh(host, version) for host in CLUSTER] == ["2"] * len(CLUSTER)
