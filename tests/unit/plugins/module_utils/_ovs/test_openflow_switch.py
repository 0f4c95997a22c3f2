# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    NotFoundError,
    UnavailableError,
    UnsupportedError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.openflow_switch import connect

from .fake_switch import FakeSwitch, agreeable

CHANGES = [of.Message(of.OF15, of.FLOW_MOD, 0, bytes([number]) * 8) for number in range(3)]


def error(message: of.Message) -> of.Message:
    return of.Message(message.version, of.ERROR, message.xid, b"\0\2\0\4" + message.encoded()[:64])


@pytest.mark.parametrize(("offered", "version"), [([5], 5), ([1, 4, 5], 5), ([5, 6], 6), ([1, 5, 6, 7], 6)])
def test_the_newest_common_version_is_spoken(tmp_path: Path, offered: list[int], version: int) -> None:
    with FakeSwitch(tmp_path, agreeable, offered), connect("br0", tmp_path, 5) as switch:
        assert switch.version == version


def test_without_bundles_the_way_out_is_told(tmp_path: Path) -> None:
    said = pytest.raises(UnsupportedError, match=r"1\.0, 1\.3 only")
    with FakeSwitch(tmp_path, agreeable, [1, 4]), said as caught, connect("br0", tmp_path, 5):
        pass
    assert "protocols" in caught.value.hint


def test_no_socket_is_no_bridge(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no bridge 'br0'"), connect("br0", tmp_path, 5):
        pass


def test_a_dead_socket_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(tmp_path / "br0.mgmt"))
    with pytest.raises(UnavailableError, match="refused"), connect("br0", tmp_path, 5):
        pass


def test_silence_is_told(tmp_path: Path) -> None:
    with (
        FakeSwitch(tmp_path, lambda _: []),
        connect("br0", tmp_path, 0.1) as switch,
        pytest.raises(UnavailableError, match="timed out"),
    ):
        switch.all_of(of.FLOWS)


def test_a_closed_connection_is_told(tmp_path: Path) -> None:
    def closes(message: of.Message) -> list[of.Message]:
        if message.type == of.MULTIPART_REQUEST:
            raise ConnectionAbortedError
        return []

    with (
        FakeSwitch(tmp_path, closes),
        connect("br0", tmp_path, 5) as switch,
        pytest.raises(UnavailableError, match="closed the connection"),
    ):
        switch.all_of(of.FLOWS)


def test_answers_come_in_parts_among_other_messages(tmp_path: Path) -> None:
    def talks(message: of.Message) -> list[of.Message]:
        if message.type != of.MULTIPART_REQUEST:
            return []
        bodies = of.parts(of.FLOWS, [b"x" * 60_000, b"y" * 60_000])
        answers = [of.Message(6, of.MULTIPART_REPLY, message.xid, body) for body in bodies]
        return [of.Message(6, of.ECHO_REQUEST, 99, b"?"), answers[0], of.Message(6, 12, 0, bytes(40)), *answers[1:]]

    with FakeSwitch(tmp_path, talks) as fake, connect("br0", tmp_path, 5) as switch:
        assert switch.all_of(of.FLOWS) == [b"x" * 60_000, b"y" * 60_000]
    assert of.Message(6, of.ECHO_REPLY, 99, b"?") in fake.told


def test_what_is_not_told_is_unsupported(tmp_path: Path) -> None:
    def refuses(message: of.Message) -> list[of.Message]:
        return [error(message)] if message.type == of.MULTIPART_REQUEST else []

    with (
        FakeSwitch(tmp_path, refuses),
        connect("br0", tmp_path, 5) as switch,
        pytest.raises(UnsupportedError, match="does not tell its meters"),
    ):
        switch.all_of(of.METERS)


def test_all_changes_go_in_one_bundle(tmp_path: Path) -> None:
    with FakeSwitch(tmp_path, agreeable) as fake, connect("br0", tmp_path, 5) as switch:
        assert switch.commit(CHANGES) is None
    kinds = [message.type for message in fake.told[1:]]
    assert kinds == [of.BUNDLE_CONTROL, *[of.BUNDLE_ADD] * 3, of.BUNDLE_CONTROL]
    added = [of.unbundled(message.body) for message in fake.told[2:5]]
    assert [message.body for message in added] == [change.body for change in CHANGES]
    assert len({message.xid for message in fake.told}) == len(fake.told)


def test_the_change_that_is_refused_is_told(tmp_path: Path) -> None:
    refused: list[of.Message] = []

    def refuses(message: of.Message) -> list[of.Message]:
        if message.type == of.BUNDLE_ADD and of.unbundled(message.body).body == CHANGES[1].body:
            refused.append(of.unbundled(message.body))
        if refused and message.type == of.BUNDLE_CONTROL:  # the commit, as Open vSwitch answers it
            return [error(refused[0]), error(message)]
        return agreeable(message)

    with FakeSwitch(tmp_path, refuses), connect("br0", tmp_path, 5) as switch:
        refusal = switch.commit(CHANGES)
    assert refusal is not None
    assert refusal.index == 1
    assert refusal.error.type == of.ERROR


def test_a_bundle_that_is_refused_as_a_whole_is_told(tmp_path: Path) -> None:
    def refuses(message: of.Message) -> list[of.Message]:
        return [error(message)] if message.type == of.BUNDLE_CONTROL else []

    with FakeSwitch(tmp_path, refuses), connect("br0", tmp_path, 5) as switch:
        refusal = switch.commit(CHANGES)
    assert refusal is not None
    assert refusal.index is None


def test_single_changes_end_with_the_first_that_is_refused(tmp_path: Path) -> None:
    def refuses(message: of.Message) -> list[of.Message]:
        return [error(message)] if message.body == CHANGES[1].body else agreeable(message)

    with FakeSwitch(tmp_path, refuses) as fake, connect("br0", tmp_path, 5) as switch:
        assert switch.carry_out(CHANGES[:1]) is None
        refusal = switch.carry_out(CHANGES[1:])
    assert refusal is not None
    assert refusal.index == 0
    assert [message.body for message in fake.told if message.type == of.FLOW_MOD] == [CHANGES[0].body, CHANGES[1].body]
