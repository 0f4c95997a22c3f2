# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Lease, Maintenance, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._metrics import families
from ansible_collections.evergreen.virt.plugins.module_utils._metrics.text import Metric
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_model import Bridge, Interface, Port

SINCE = "2026-11-26T07:00:00+00:00"
SINCE_SECONDS = 1795676400.0


def values(metrics: list[Metric]) -> dict[str, object]:
    """Name -> value, or label sets -> values where there are labels."""
    return {
        metric.name: metric.samples[0][1]
        if len(metric.samples) == 1 and not metric.samples[0][0]
        else {tuple(labels.values()): value for labels, value in metric.samples}
        for metric in metrics
    }


@pytest.mark.parametrize(
    ("record", "damaged", "expected"),
    [
        (None, False, {"evergreen_maintenance": 0}),
        (None, True, {"evergreen_maintenance": 1}),
        (
            Maintenance(owner="evergreen-run-1", reason="upgrade", since=SINCE, run_id="1", stage="updated"),
            False,
            {
                "evergreen_maintenance": 1,
                "evergreen_maintenance_info": {("evergreen-run-1", "upgrade", "1", "updated"): 1},
                "evergreen_maintenance_since_timestamp_seconds": SINCE_SECONDS,
            },
        ),
    ],
    ids=["none", "damaged", "of a run"],
)
def test_maintenance(record: Maintenance | None, damaged: bool, expected: dict[str, object]) -> None:
    assert values(families.maintenance(record, damaged=damaged)) == expected


def test_a_host_that_no_run_was_on_has_none() -> None:
    assert families.run(None) == []


def test_the_newest_run_is_named() -> None:
    lease = Lease(run_id="r1", epoch=3, since=SINCE, seen=SINCE, controller=None)
    assert values(families.run(lease)) == {
        "evergreen_run_info": {("r1", "3", ""): 1},
        "evergreen_run_seen_timestamp_seconds": SINCE_SECONDS,
    }


def test_pending_updates_have_one_impact() -> None:
    manifest = {"a": "1", "b": "2"}
    pending = Updates(manager="apt", impact="empty", manifest=manifest, removed=["c"], download_mib=3)
    assert values(families.updates(pending, ["held: a"], 5.0)) == {
        "evergreen_updates_pending": 2,
        "evergreen_updates_removed": 1,
        "evergreen_updates_download_bytes": 3145728,
        "evergreen_updates_problems": 1,
        "evergreen_updates_impact": {("none",): 0, ("restart",): 0, ("empty",): 1, ("reboot",): 0},
        "evergreen_package_lists_timestamp_seconds": 5.0,
    }


def test_lists_that_were_never_fetched_have_no_time() -> None:
    names = [metric.name for metric in families.updates(Updates(manager="apt", impact="none"), [], None)]
    assert "evergreen_package_lists_timestamp_seconds" not in names


def test_interfaces_that_do_not_work_are_named_with_the_reason() -> None:
    works = Port("a", interfaces=(Interface("a", status={"ofport": 1}),))
    broken = Port("b", interfaces=(Interface("b", status={"error": "no such device", "ofport": -1}),))
    found = families.switch([Bridge("br1"), Bridge("br0", ports={"a": works, "b": broken})], applied=False)
    assert values(found) == {
        "evergreen_ovs_applied": 0,
        "evergreen_ovs_ports": {("br0",): 2, ("br1",): 0},
        "evergreen_ovs_interface_problem": {("br0", "b", "no such device"): 1},
    }
