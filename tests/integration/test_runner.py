# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, by ansible-runner: their events and artifacts, cancel and relaunch, limit, slices."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ansible_runner
import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ADDRESSES, INVENTORY, OBSERVER, RUN, ssh

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]

FOLDER = "/var/lib/libvirt/images/it-runner"
# Many steps that are quick, on each host for itself.
VOLUMES = 12
POOL = "it-{{ inventory_hostname }}"
PLAYBOOK = json.dumps(
    [
        {
            "hosts": "all",
            "gather_facts": False,
            "roles": [{"role": "evergreen.virt.storage"}],
            "vars": {
                "storage_pools": [{"name": POOL, "type": "dir", "path": FOLDER + "/{{ inventory_hostname }}"}],
                "storage_volumes": [
                    {"pool": POOL, "name": f"{number}.img", "format": "raw", "size_gib": 0.001}
                    for number in range(VOLUMES)
                ],
            },
        }
    ]
)
UPGRADE = "- ansible.builtin.import_playbook: evergreen.virt.rolling_upgrade\n"
# Three names of one host, each with a pool of its own.
NAMES = ("runner-a", "runner-b", "runner-c")
Event = dict[str, t.Any]


class Jobs:
    """A project of AWX, and the events of its last job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self, playbook: str, inventory: t.Any, until: t.Callable[[Event], bool] | None = None, **options: t.Any
    ) -> t.Any:
        """Run a job to its end, or cancel it when an event is the one that is waited for."""
        project = self.folder / f"job-{len(list(self.folder.iterdir()))}"
        (project / "project").mkdir(parents=True)
        (project / "project" / "job.yml").write_text(playbook)
        seen: list[Event] = []

        def keep(event: Event) -> bool:
            seen.append(event)
            return True

        job = ansible_runner.run(
            private_data_dir=str(project),
            playbook="job.yml",
            inventory=inventory,
            event_handler=keep,
            cancel_callback=lambda: until is not None and any(until(event) for event in seen),
            quiet=True,
            **options,
        )
        job.seen = seen
        return job


def end_what_outlived(folder: Path) -> None:
    """A task that is under way when its job is cancelled has a session of its own; in AWX it ends with its container."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder) in (process / "cmdline").read_text():
                os.kill(int(process.name), signal.SIGKILL)


@pytest.fixture
def jobs(tmp_path: Path) -> t.Iterator[Jobs]:
    yield Jobs(tmp_path)
    end_what_outlived(tmp_path)
    for name in NAMES:
        ssh(OBSERVER, f"virsh pool-destroy it-{name}; virsh pool-undefine it-{name}; rm -rf {FOLDER}; true")


def hosts(*names: str) -> dict[str, t.Any]:
    """An inventory in which some names mean the lab's observer."""
    options = f"-o UserKnownHostsFile={RUN / 'known_hosts'} -o StrictHostKeyChecking=no -o ControlMaster=no"
    variables = {
        "ansible_host": ADDRESSES[OBSERVER],
        "ansible_user": "root",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_remote_tmp": "~/.ansible/tmp",
        "ansible_ssh_private_key_file": str(RUN / "id_ed25519"),
        "ansible_ssh_args": options,
    }
    return {"all": {"hosts": {name: {} for name in names}, "vars": variables}}


def volumes(name: str) -> int:
    """How many volumes a host of the inventory has."""
    return int(ssh(OBSERVER, f"ls {FOLDER}/{name} 2>/dev/null | wc -l"))


def touched(job: t.Any) -> set[str]:
    return {event["event_data"]["host"] for event in job.seen if event["event"] == "runner_on_ok"}


def made_a_volume(event: Event) -> bool:
    data = event.get("event_data", {})
    return (event["event"], data.get("task")) == ("runner_item_on_ok", "Converge the volumes")


def artifacts(job: t.Any) -> dict[str, t.Any]:
    """What a workflow gives to its next nodes as variables."""
    (last,) = [event for event in job.seen if event["event"] == "playbook_on_stats"]
    left: dict[str, t.Any] = last["event_data"]["artifact_data"]
    return left


def test_a_run_leaves_its_result_as_artifacts(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> None:
    report = tmp_path_factory.mktemp("report")
    job = jobs.run(
        UPGRADE, str(INVENTORY), extravars={"upgrade_cluster": "observers", "upgrade_report_directory": str(report)}
    )
    assert job.status == "successful", job.stdout.read()
    result = artifacts(job)["evergreen_virt_run"]
    assert (result["result"], result["moves"], result["worst_gap_ms"]) == ("nothing_to_do", 0, None)
    assert Path(result["report"]).read_text().startswith("<!DOCTYPE html>")


def test_what_was_approved_is_what_runs(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> None:
    answers = {"upgrade_cluster": "observers", "upgrade_report_directory": str(tmp_path_factory.mktemp("report"))}
    plan = jobs.run(UPGRADE, str(INVENTORY), extravars=answers, cmdline="--check")
    assert plan.status == "successful", plan.stdout.read()
    approved = answers | artifacts(plan)
    done = jobs.run(UPGRADE, str(INVENTORY), extravars=approved)
    assert done.status == "successful", done.stdout.read()
    refused = jobs.run(UPGRADE, str(INVENTORY), extravars=approved | {"upgrade_max_hosts_per_wave": 2})
    assert refused.status == "failed"
    assert "max_hosts_per_wave: 1 -> 2" in refused.stdout.read()


def test_a_job_that_is_cancelled_goes_on_when_it_is_launched_again(jobs: Jobs) -> None:
    name = NAMES[0]
    job = jobs.run(PLAYBOOK, hosts(name), until=made_a_volume)
    assert job.status == "canceled"
    assert 0 < volumes(name) < VOLUMES
    assert jobs.run(PLAYBOOK, hosts(name)).status == "successful"
    assert volumes(name) == VOLUMES
    again = jobs.run(PLAYBOOK, hosts(name))
    assert (again.status, again.stats["changed"]) == ("successful", {})


def test_limit_chooses_hosts(jobs: Jobs) -> None:
    job = jobs.run(PLAYBOOK, hosts(*NAMES), limit=f"{NAMES[0]},{NAMES[2]}")
    assert job.status == "successful", job.stdout.read()
    assert touched(job) == {NAMES[0], NAMES[2]}
    assert [volumes(name) for name in NAMES] == [VOLUMES, 0, VOLUMES]


def test_slices_do_the_work_of_one_job(jobs: Jobs) -> None:
    """AWX gives each slice every n-th host of the inventory, and nothing of the others."""
    slices = [NAMES[0::2], NAMES[1::2]]
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda names: jobs.run(PLAYBOOK, hosts(*names)), slices))
    assert [job.status for job in done] == ["successful", "successful"]
    assert [touched(job) for job in done] == [set(names) for names in slices]
    assert [volumes(name) for name in NAMES] == [VOLUMES] * 3
