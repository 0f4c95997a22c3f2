# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t
import xml.etree.ElementTree as ET

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, UnsupportedError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_order import Candidate, Terms, Wish, order
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_facts import VmRecord

TERMS = Terms(
    uri="qemu:///system",
    tls=True,
    bandwidth_mib=None,
    downtime_start_ms=30,
    max_downtime_ms=300,
    timeout_s=60,
    stall_s=10,
    post_copy=False,
)
WISH = Wish(vm="web", to="h2", address="h2.test", data_address="192.0.2.2")


def candidate(
    *,
    trouble: str = "",
    managed_save: bool = False,
    policy: dict[str, t.Any] | None = None,
    paths: dict[str, str] | None = None,
    state_files: tuple[str, ...] = (),
    **vm: t.Any,
) -> Candidate:
    facts = {"name": "web", "uuid": "u", "state": "running", "persistent": True, "memory_mib": 1, "vcpus": 1, **vm}
    record = VmRecord(Vm(**facts), None, ET.Element("domain"), managed_save=managed_save, trouble=trouble)
    return Candidate(record, policy or {}, paths or {}, state_files)


def test_an_order_has_everything_a_mover_needs() -> None:
    made = order(candidate(paths={"vdb": "/b", "vda": "/a"}, autostart=True), WISH, TERMS, "id")
    assert (made.attempt, made.vm, made.to, made.address, made.data_address) == (
        "id",
        "web",
        "h2",
        "h2.test",
        "192.0.2.2",
    )
    assert (made.copy_disks, made.leaves_behind) == (["vda", "vdb"], ["/a", "/b"])
    assert (made.offline, made.autostart, made.timeout_s, made.stall_s) == (False, True, 60, 10)
    assert type(made).from_dict(made.to_dict()) == made


@pytest.mark.parametrize(
    ("wish", "policy", "terms", "expected"),
    [
        ({}, {}, {}, (300, False)),
        ({}, {"max_downtime_ms": 500, "post_copy": True}, {}, (500, True)),
        ({}, {"post_copy": False}, {"post_copy": True}, (300, False)),
        ({"max_downtime_ms": 50, "post_copy": False}, {"max_downtime_ms": 500, "post_copy": True}, {}, (50, False)),
        ({"post_copy": True}, {"post_copy": False}, {}, (300, True)),
        ({}, {}, {"max_downtime_ms": 900, "post_copy": True}, (900, True)),
    ],
)
def test_whose_word_counts(
    wish: dict[str, t.Any], policy: dict[str, t.Any], terms: dict[str, t.Any], expected: tuple[int, bool]
) -> None:
    wished, said = Wish(**{**vars(WISH), **wish}), Terms(**{**vars(TERMS), **terms})
    made = order(candidate(policy=policy), wished, said, "id")
    assert (made.max_downtime_ms, made.post_copy) == expected


@pytest.mark.parametrize(
    ("vm", "error", "text"),
    [
        ({"trouble": "is paused by an I/O error", "state": "paused"}, ConflictError, "I/O error"),
        ({"state": "shutdown"}, ConflictError, "'shutdown'"),
        ({"state": "crashed"}, ConflictError, "'crashed'"),
        ({"obstacles": ["host device pci 0000:01:00.0 belongs to this host."]}, UnsupportedError, "0000:01:00.0"),
        ({"state": "shutoff", "paths": {"vda": "/a"}}, UnsupportedError, r"disk vda \(/a\)"),
        ({"state": "shutoff", "state_files": ("NVRAM",)}, UnsupportedError, "NVRAM"),
        ({"state": "shutoff", "managed_save": True}, UnsupportedError, "saved memory"),
    ],
)
def test_what_cannot_be_moved(vm: dict[str, t.Any], error: type[VirtError], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        order(candidate(**vm), WISH, TERMS, "id")
    assert caught.value.hint


def test_a_vm_that_is_shut_off_moves_as_a_definition() -> None:
    obstacle = "it has snapshots, and libvirt does not migrate a VM with snapshots."
    assert order(candidate(state="shutoff"), WISH, TERMS, "id").offline
    assert order(candidate(state="paused"), WISH, TERMS, "id").state == "paused"
    assert not order(candidate(persistent=False), WISH, TERMS, "id").persistent
    assert order(candidate(state="shutoff", obstacles=[obstacle]), WISH, TERMS, "id").offline


OFFLINE = dataclasses.replace(WISH, kind="offline")


@pytest.mark.parametrize(
    ("vm", "owed", "restart"),
    [
        ({}, False, True),
        ({"obstacles": ["it has snapshots."]}, False, True),
        ({"state": "shutoff"}, True, True),
        ({"state": "shutoff"}, False, False),
        ({"state": "shutdown"}, True, True),
        ({"state": "shutdown"}, False, False),
    ],
)
def test_who_is_shut_down_to_move_is_started_and_who_was_off_is_not(
    vm: dict[str, t.Any], owed: bool, restart: bool
) -> None:
    made = order(candidate(**vm), OFFLINE, TERMS, "id", owed=owed)
    assert (made.offline, made.restart, made.copy_disks) == (True, restart, [])


@pytest.mark.parametrize(
    ("vm", "error", "text"),
    [
        ({"tied": ["disk vda (/a) is on this host only."]}, UnsupportedError, "disk vda"),
        ({"persistent": False}, ConflictError, "transient"),
        ({"state": "paused"}, ConflictError, "while it is paused"),
    ],
)
def test_what_cannot_be_shut_down_to_move(vm: dict[str, t.Any], error: type[VirtError], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        order(candidate(**vm), OFFLINE, TERMS, "id")
    assert caught.value.hint
