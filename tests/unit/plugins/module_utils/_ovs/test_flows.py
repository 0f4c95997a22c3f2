# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import flow_model as m
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flows import Result, Told, converge

from .fake_switch import FakeSwitch, agreeable

SLOW: dict[str, t.Any] = {
    "id": 1,
    "state": "present",
    "unit": "kbps",
    "stats": False,
    "bands": [{"type": "drop", "rate": 10, "burst_size": None, "prec_level": None}],
}
METER = m.Meter(1, 1, (m.Band(1, 10),))


@pytest.fixture(autouse=True)
def no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a program that does nothing be in the place of ovs-ofctl: meters need none, but their errors."""
    program = tmp_path / "ovs-ofctl"
    program.write_text("#!/bin/sh\necho 'OFPT_ERROR (OF1.5) (xid=0x1): OFPMMFC_BAD_RATE'\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))


def options(tmp_path: Path, **named: t.Any) -> dict[str, t.Any]:
    return {
        "bridge": "br0",
        "cookie": None,
        "flows": None,
        "groups": None,
        "meters": None,
        "allow_empty": False,
        "target": None,
        "private_key": None,
        "certificate": None,
        "ca_certificate": None,
        "run_dir": str(tmp_path),
        "timeout": 5.0,
        **named,
    }


def has_meters(*meters: m.Meter) -> t.Callable[[of.Message], list[of.Message]]:
    """A switch with meters that refuses a rate of 666."""

    def answers(message: of.Message) -> list[of.Message]:
        if message.type == of.MULTIPART_REQUEST and of.part(message.body)[0] == of.METERS:
            bodies = [m.meter_mod(of.OF15, m.ADD, meter).body for meter in meters]
            entries = [struct.pack("!H", len(body)) + body[2:] for body in bodies]
            return [of.Message(6, of.MULTIPART_REPLY, message.xid, body) for body in of.parts(of.METERS, entries)]
        if message.type == of.METER_MOD and struct.pack("!I", 666) in message.body:
            return [of.Message(6, of.ERROR, message.xid, b"")]
        return agreeable(message)

    return answers


def changes(fake: FakeSwitch) -> list[tuple[int, int]]:
    """The commands for meters and their numbers."""
    bodies = [message.body for message in fake.told if message.type == of.METER_MOD]
    return [(struct.unpack_from("!H", body)[0], struct.unpack_from("!I", body, 4)[0]) for body in bodies]


@pytest.mark.parametrize(
    ("present", "check_mode", "sent", "changed"),
    [
        ([], False, [(m.ADD, 1)], True),
        ([], True, [], True),
        ([METER], False, [], False),
        ([m.Meter(1, 2, METER.bands)], False, [(m.MODIFY, 1)], True),
        ([METER, m.Meter(2, 1, ())], False, [(m.DELETE, 2)], True),
        ([METER, m.Meter(2, 1, ())], True, [], True),
        ([METER, m.Meter(0xFFFFFFFE, 1, ())], False, [], False),
    ],
)
def test_meters_become_what_is_wanted(
    tmp_path: Path, present: list[m.Meter], check_mode: bool, sent: list[tuple[int, int]], changed: bool
) -> None:
    with FakeSwitch(tmp_path, has_meters(*present)) as fake:
        result = converge(options(tmp_path, meters=[SLOW]), check_mode=check_mode)
    assert changes(fake) == sent
    assert result.changed is changed


def test_what_is_refused_is_named_and_taken_back(tmp_path: Path) -> None:
    fast = {**SLOW, "id": 2, "bands": [{**SLOW["bands"][0], "rate": 666}]}
    with FakeSwitch(tmp_path, has_meters()) as fake, pytest.raises(OperationError, match="meter 2: OFPMMFC_BAD_RATE"):
        converge(options(tmp_path, meters=[SLOW, fast]), check_mode=False)
    assert changes(fake) == [(m.ADD, 1), (m.ADD, 2), (m.DELETE, 1), (m.DELETE, 2)]


def test_bad_options_ask_nobody(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="is empty"):
        converge(options(tmp_path, flows=[""]), check_mode=False)


def test_what_is_modified_is_in_the_same_place_of_both_sides() -> None:
    flows = Told(["new"], [("old", "changed")], ["gone"], 3)
    nothing = Told([], [], [], 0)
    assert Result(flows, nothing, nothing).diff() == {"before": "old\ngone\n", "after": "changed\nnew\n"}
    assert not Result(nothing, nothing, nothing).changed
