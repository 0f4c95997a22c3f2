# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done to a run, and when."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.evergreen.virt.tests.faults import run as runs
from ansible_collections.evergreen.virt.tests.faults.run import Run
from ansible_collections.evergreen.virt.tests.lab.updates import COPIED

Moment = t.Callable[[Run], bool]
Deed = t.Callable[[Run], None]


@dataclasses.dataclass(frozen=True)
class Fault:
    """One row of the table.

    :param moment: what has to be seen before it strikes; None strikes as soon as the run was started.
    :param within: it strikes up to so many seconds after that.
    :param mend: makes it good, once the run has ended.
    :param impact: what the update asks of its host.
    :param crashes: the host's power is cut with VMs on it. They stay off until the same command starts them.
    :param survived: whether the run itself gets over it; None where it may or may not.
    :param hosts: how many hosts are upgraded.
    :param third: whether somebody else's VM runs on the host.
    :param options: variables of the run beside the usual ones.
    """

    name: str
    moment: Moment | None
    strike: Deed
    mend: Deed | None = None
    within: float = 3.0
    impact: str = "empty"
    crashes: bool = False
    survived: bool | None = None
    hosts: int = 1
    third: bool = False
    options: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


def _in_stage(name: str) -> Moment:
    return lambda run: run.in_stage(name)


def _whatever_it_does(run: Run) -> bool:
    return True


MOVES, UPDATES, BOOTS, VERIFIES = Run.moves, Run.updates_packages, _in_stage("reboot"), _in_stage("verify")
BEGINS, EMPTY = _in_stage("evacuate"), _in_stage("update")

FAULTS = (
    Fault("controller killed at any moment", _whatever_it_does, runs.kill_controller, within=60, impact="reboot"),
    Fault("controller killed between two tasks", Run.at_its_boundary, runs.kill_controller, within=0, impact="reboot"),
    Fault("controller killed in a move", MOVES, runs.kill_controller, within=15),
    Fault("controller killed in an update", EMPTY, runs.kill_controller, within=10),
    Fault("controller killed at a boot", BOOTS, runs.kill_controller, within=15, impact="reboot"),
    Fault("controller killed at the end", VERIFIES, runs.kill_controller, within=8),
    Fault("libvirtd of the source killed in a move", MOVES, runs.kill_source_libvirtd),
    Fault("libvirtd of the target killed in a move", MOVES, runs.kill_target_libvirtd),
    Fault("QEMU of the target killed in a move", MOVES, runs.kill_target_qemu),
    Fault("libvirtd restarted in maintenance", BEGINS, runs.restart_libvirtd, within=20),
    Fault("host crashed while it is emptied", MOVES, runs.crash_host, runs.power_on, crashes=True, survived=False),
    Fault(
        "host crashed while it is emptied, and is back at once",
        MOVES,
        runs.crash_for_a_moment,
        crashes=True,
        survived=True,
        options={"upgrade_retries": 1, "upgrade_retry_delay": 10},
    ),
    Fault("host crashed while it is empty", EMPTY, runs.crash_host, runs.power_on, within=1, survived=False),
    Fault("host crashed in its update", UPDATES, runs.crash_host, runs.power_on, within=2, survived=False),
    Fault(
        "host does not come back",
        BOOTS,
        runs.crash_host,
        runs.power_on,
        impact="reboot",
        options={"upgrade_reboot_timeout": 40},
        survived=False,
    ),
    Fault("migration network cut and healed", MOVES, runs.cut_migration_network),
    Fault("SSH lost for a minute", MOVES, runs.lose_ssh_for_a_minute),
    Fault("SSH lost for good", MOVES, runs.unplug, runs.plug, survived=False),
    Fault("no room on the disk for the packages", BEGINS, runs.fill_disk, runs.free_disk, survived=False),
    Fault("package lock held by somebody", BEGINS, runs.hold_package_lock),
    Fault("package that cannot be set up", BEGINS, runs.break_package, runs.mend_package, survived=False),
    Fault("repository gone", BEGINS, runs.take_repository_away, runs.bring_repository_back),
    Fault(
        "repository gone that all was downloaded from",
        BEGINS,
        runs.take_repository_away,
        runs.bring_repository_back,
        survived=True,
        options={"upgrade_repositories": [COPIED]},
    ),
    Fault(
        "VM faster than the link",
        None,
        runs.make_a_guest_restless,
        runs.calm_it,
        options={"upgrade_move_timeout": 30},
    ),
    Fault("VM started by somebody", MOVES, runs.start_third, runs.delete_third),
    Fault("VM stopped by somebody", MOVES, runs.stop_third, runs.delete_third, third=True),
    Fault("VM deleted by somebody", MOVES, runs.delete_third, third=True),
    Fault(
        "maintenance set by an operator",
        BEGINS,
        runs.maintain_next_host,
        runs.end_maintenance_of_next_host,
        hosts=2,
        survived=False,
    ),
    Fault("two runs started at once", None, runs.start_a_rival),
)
