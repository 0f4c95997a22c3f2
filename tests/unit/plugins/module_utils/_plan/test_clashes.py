# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs that are off on a host, and what cannot come there because of them."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Pool, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._plan.clashes import clashes
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node

from .checker import violations
from .clusters import RULES, node, planned, vm

POOLS = [Pool("p", "dir", True, "local:2", "/p", 1000, 1000)]


def with_disk(name: str, path: str, backend: str = "local:1", **more: t.Any) -> Vm:
    return vm(name, disks=[Disk("vda", path, backend, size_mib=5)], **more)


def off(one: Vm, **more: t.Any) -> Vm:
    return dataclasses.replace(one, state="shutoff", **more)


@pytest.mark.parametrize(
    ("leaving", "left", "reason"),
    [
        (vm("web"), off(vm("web"), uuid="another"), "VM 'web' (UUID another), which is off there, has the same name"),
        (vm("web"), off(vm("web"), name="old"), "VM 'old' (UUID uuid-web), which is off there, has the same UUID"),
        (with_disk("web", "/p/d"), off(with_disk("db", "/p/d")), "VM 'db', which is off there, uses /p/d"),
        (with_disk("web", "/p/d"), off(with_disk("web", "/p/d")), None),
        (with_disk("web", "/p/d"), off(with_disk("db", "/p/e")), None),
        (with_disk("web", "/n/d", "nfs:s:/e"), off(with_disk("db", "/n/d", "nfs:s:/e")), None),
        (vm("web"), vm("db"), None),
    ],
)
def test_who_is_in_the_way(leaving: Vm, left: Vm, reason: str | None) -> None:
    found = clashes({"h1": node("h1", leaving), "h2": node("h2", left)})
    assert found == {} if reason is None else found["web"]["h2"].startswith(reason)


def hosts(*more: Node) -> list[Node]:
    stale = off(vm("web"), uuid="another")
    return [node("h1", vm("web")), node("h2", stale, pools=POOLS), *more]


def test_a_vm_goes_where_nobody_is_in_its_way() -> None:
    cluster = hosts(node("h3", vm("db", 8000)))
    plan = planned(*cluster, scope=["h1"])
    assert [(move["vm"], move["target"]) for move in plan["moves"]] == [("web", "h3")]
    assert violations(cluster, RULES, plan) == []
    assert violations(cluster, RULES, {**plan, "moves": [{**plan["moves"][0], "target": "h2"}]}) == [
        "web on h2: web is defined there"
    ]


def test_who_is_in_the_way_is_told_and_nothing_that_would_not_help() -> None:
    with pytest.raises(ImpossiblePlanError, match=r"h2: VM 'web' .* rename or remove one of the two") as caught:
        planned(*hosts(), scope=["h1"])
    assert caught.value.details["remedies"] == ["stop web on h1"]
