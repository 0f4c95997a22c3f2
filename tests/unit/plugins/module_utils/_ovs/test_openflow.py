# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of

MESSAGES = st.builds(
    of.Message, st.sampled_from(of.SPOKEN), st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=200)
)


@given(MESSAGES)
def test_a_message_is_read_as_it_was_written(message: of.Message) -> None:
    data = message.encoded()
    assert of.decoded(data) == message
    assert of.length_of(data[: of.HEADER_SIZE]) == len(data)


@given(MESSAGES, st.integers(0, 2**32 - 1))
def test_a_message_comes_out_of_a_bundle_as_it_went_in(message: of.Message, bundle: int) -> None:
    added = of.bundled(bundle, message)
    assert (added.type, added.xid) == (of.BUNDLE_ADD, message.xid)
    assert of.unbundled(added.body) == message


@pytest.mark.parametrize(
    ("greeting", "versions"),
    [
        (of.hello(1), {of.OF14, of.OF15}),
        (of.hello(1, [1, 4]), {1, 4}),
        (of.Message(4, of.HELLO, 1), {1, 2, 3, 4}),
        (of.Message(6, of.HELLO, 1, struct.pack("!HHI", 9, 8, 7) + struct.pack("!HHI", 1, 8, 0b110000)), {4, 5}),
        (of.Message(2, of.HELLO, 1, struct.pack("!HHI", 9, 0, 7)), {1, 2}),
    ],
)
def test_a_greeting_offers_versions(greeting: of.Message, versions: set[int]) -> None:
    assert of.offered_versions(greeting) == versions


@given(st.lists(st.binary(min_size=1, max_size=30_000), max_size=8))
def test_entries_that_are_too_long_for_one_message_go_in_several(entries: list[bytes]) -> None:
    bodies = of.parts(of.FLOWS, entries)
    read = [of.part(body) for body in bodies]
    assert all(len(body) + of.HEADER_SIZE <= 0xFFFF for body in bodies)
    assert {each[0] for each in read} == {of.FLOWS}
    assert [each[1] for each in read] == [True] * (len(bodies) - 1) + [False]
    assert b"".join(each[2] for each in read) == b"".join(entries)


def test_a_bundle_is_answered_with_the_next_number() -> None:
    for request in (of.OPEN, of.COMMIT):
        bundle, answer, flags = struct.unpack("!IHH", of.bundle_reply(of.bundle_control(5, request)))
        assert (bundle, answer, flags) == (5, request + 1, 3)


@pytest.mark.parametrize("version", of.SPOKEN)
@pytest.mark.parametrize("kind", [of.FLOWS, of.GROUPS, of.METERS])
def test_a_question_has_its_kind_and_whole_words(version: int, kind: int) -> None:
    body = of.question(version, kind)
    assert of.part(body)[:2] == (kind, False)
    assert len(body) % 8 == 0
