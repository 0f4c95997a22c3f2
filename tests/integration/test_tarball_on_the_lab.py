# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook as somebody runs it who has no checkout: installed from the tarball, with an inventory of his own.

Each is run in check mode, which changes nothing, in earnest, and again, which changes nothing either. They come in the order in which one
needs what the other leaves: from bare hosts to hosts that are upgraded, hardened and watched.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.ecosystem.project import Project, installed
from ansible_collections.evergreen.virt.tests.lab.audit import first_audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, GUESTS, OBSERVER, changed, fresh_lab, ssh
from ansible_collections.evergreen.virt.tests.lab.elsewhere import copied_inventory
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, offer

pytestmark = pytest.mark.slow

HOST = CLUSTER[0]
LOOK = """
dpkg-query --show
find /etc/apt /etc/libvirt /etc/pki /var/lib/evergreen.virt -type f ! -name '*.lock' -printf '%p %s %T@\\n' 2>/dev/null | sort
virsh list --name 2>/dev/null | sort
"""
"""What check mode leaves as it is."""


@dataclasses.dataclass(frozen=True)
class Step:
    """A playbook, and what is promised of it.

    :param changes: whether it has something to do.
    :param again: how many tasks change something when there is nothing left to do; None for as many as they like.
    :param refuses: what it says when it refuses to do anything, which it then does each time.
    :param before: what each host of the cluster is told before.
    """

    playbook: str
    arguments: tuple[str, ...] = ()
    variables: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    changes: bool = False
    again: int | None = 0
    refuses: str = ""
    before: str = "true"

    def __str__(self) -> str:
        return "-".join([self.playbook, *re.findall(r"\w+$", " ".join(self.arguments))])


BACK = ("--limit", HOST, "-e", "maintenance_state=disabled")
# One vCPU more than the mean is too many, so that the host that was emptied gets a VM. The lab's hosts have the processors of this machine.
EVEN = {"rebalance_by": "vcpus", "rebalance_vcpus_tolerance": 100 / (os.cpu_count() or 1) + 0.1}
UPDATE: dict[str, t.Any] = {"upgrade_repositories": [], "upgrade_packages": []}
"""Not the next release, which another test brings, but what is pending in this one."""
STEPS = [
    Step("install", changes=True),
    Step("configure", changes=True),
    Step("site", changes=True),
    Step("deploy"),
    Step("health"),
    Step("evacuate", ("--limit", HOST), changes=True),
    Step("evacuate", BACK, changes=True),
    Step("rebalance", variables=EVEN, changes=True),
    Step("preflight", variables=UPDATE, before=offer(PACKAGES["empty"])),
    Step("rolling_upgrade", variables=UPDATE, changes=True),
    Step("report"),
    Step("harden", changes=True),
    Step("observe", changes=True),
    # Each time it takes the hosts from whatever run there may be, which shuts the gate of a run that nobody knows of.
    Step("cancel", changes=True, again=None),
    # No host is in the middle of its update. That hosts go back is tried in test_rollback.py.
    Step(
        "rollback",
        refuses="Nothing was changed, because none of these hosts is known to be in the middle of its update",
    ),
]
LEFT_OUT = {"awx": "it needs an AWX, and no host: tests/ecosystem/test_awx.py runs it against a stand-in"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Project]:
    """The collection beside an inventory of bare hosts."""
    folder = tmp_path_factory.mktemp("project")
    with fresh_lab():
        copied_inventory(folder)
        yield installed(folder)


def look() -> dict[str, str]:
    return {host: ssh(host, "sh -s", stdin=LOOK) for host in (*CLUSTER, OBSERVER)}


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_playbook_in_check_mode_in_earnest_and_again(step: Step, project: Project) -> None:
    for host in CLUSTER:
        ssh(host, "sh -s", stdin=step.before)
    argv = ["ansible-playbook", "-i", "inventory", f"evergreen.virt.{step.playbook}", *step.arguments]
    argv += ["-e", json.dumps(step.variables)]
    before = look()
    checked = project.run(*argv, "--check")
    assert look() == before, checked.stdout
    for done in (checked, project.run(*argv), again := project.run(*argv)):
        assert done.returncode == (2 if step.refuses else 0), done.stdout
        assert step.refuses in done.stdout
    assert (look() != before) == step.changes
    assert step.again in (None, changed(again.stdout)), again.stdout


def test_every_guest_runs_once_and_answers_afterwards(project: Project) -> None:
    found = first_audit()
    assert {vm: len(found.places("running", vm)) for vm in GUESTS} == dict.fromkeys(GUESTS, 1)


def test_nothing_came_from_the_checkout(project: Project) -> None:
    done = project.run("ansible-galaxy", "collection", "list", "evergreen.virt")
    found = re.findall(r"^# (.+)$", done.stdout, re.MULTILINE)
    assert [Path(place) for place in found] == [project.folder / "collections" / "ansible_collections"]
