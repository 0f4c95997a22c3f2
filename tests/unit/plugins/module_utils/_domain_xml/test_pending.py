# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a running VM gets at its next start only."""

from __future__ import annotations

import re
import typing as t

import pytest
from hypothesis import given

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.pending import pending

from .samples import ADOPTED, adopted, created
from .test_convergence import EXAMPLES, WANTED
from .test_memory import DIMM, vm


def changed(params: dict[str, t.Any]) -> tree.Element:
    definition = convergence.converge(adopted(), None, params).definition
    assert definition is not None
    return tree.parse(definition)


@EXAMPLES
@given(WANTED)
def test_a_running_vm_that_equals_its_definition_awaits_nothing(params: dict[str, t.Any]) -> None:
    assert pending(created(params), created(params)) == []


@EXAMPLES
@given(WANTED)
def test_what_a_task_leaves_for_the_next_start_is_pending(params: dict[str, t.Any]) -> None:
    converged = convergence.converge(adopted(), adopted(), params, "next_start")
    definition = adopted() if converged.definition is None else tree.parse(converged.definition)
    unmodelled = {"xml"}  # no option says what an overlay changes
    assert options(converged.waiting) - unmodelled <= options(pending(adopted(), definition))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"memory_max_mib": 2048}, ["memory_max_mib"]),
        ({"cmdline": "quiet"}, ["cmdline"]),
        ({"cpu": {"model": "Nehalem"}}, ["cpu.model"]),
        ({"cpu": {"mode": "host-model"}}, []),
        ({"disks": [{"target": "vda", "cache": "none"}]}, ["disks[vda].cache"]),
        ({"disks": [{"target": "vdb", "path": "/srv/b.img", "format": "raw"}]}, ["disks[vdb]"]),
        ({"interfaces": [{"mac": "52:54:00:00:00:01", "vlan": 11}]}, ["interfaces[52:54:00:00:00:01].vlan"]),
        ({"cdroms": [], "purge": ["cdroms"]}, ["cdroms[sda]"]),
        ({"labels": {"tier": "web"}}, ["labels"]),
    ],
)
def test_it_is_named_like_restart_required(params: dict[str, t.Any], expected: list[str]) -> None:
    assert pending(adopted(), changed(params)) == expected


SMALL, LARGE = (f"<memory model='dimm'><target><size unit='MiB'>{mib}</size></target></memory>" for mib in (128, 256))
OURS = DIMM.replace("128", "512")


@pytest.mark.parametrize(
    ("running", "definition", "expected"),
    [
        (SMALL, SMALL, []),
        (SMALL + OURS + LARGE, OURS + SMALL + LARGE, []),
        (SMALL + LARGE, SMALL + SMALL, ["memory_devices[unnamed].size_mib"]),
        (OURS, OURS + SMALL, ["memory_devices[unnamed]"]),
        (SMALL + LARGE, SMALL, ["memory_devices[unnamed]"]),
        (OURS, SMALL, ["memory_devices[unnamed]", "memory_devices[m1]"]),
    ],
)
def test_memory_that_has_no_name_is_compared_in_its_order(running: str, definition: str, expected: list[str]) -> None:
    shown = running.replace("</target></memory>", "</target><alias name='dimm0'/></memory>")  # libvirt's own name
    found = pending(vm(shown), vm(definition))
    assert [name for name in found if name.startswith("memory_devices")] == expected


def options(names: t.Iterable[str]) -> set[str]:
    """A new interface is named by its place in the task, and by its address in the definition."""
    return {re.split(r"[\[.]", name)[0] for name in names}


def test_what_the_definition_no_longer_has() -> None:
    assert pending(changed({"kernel": "/vmlinuz"}), adopted()) == ["kernel"]


def test_what_libvirt_adds_to_a_running_vm_is_not_pending() -> None:
    running = ADOPTED.replace('port="-1"', 'port="5900"').replace(
        '<serial type="pty">', '<serial type="pty"><source path="/dev/pts/3"/><alias name="serial0"/>'
    )
    assert pending(tree.parse(running), adopted()) == []
