# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._probe.icmp import Echo, answer, checksum, request

NONCE = b"12345678"


def reply(version: int, packet: bytes, options: int = 0) -> bytes:
    """Return what a raw socket gives for the answer to a request."""
    header = bytes([0x40 | (5 + options)]) + bytes(19 + 4 * options) if version == 4 else b""
    return header + bytes([{4: 0, 6: 129}[version]]) + packet[1:]


@given(st.sampled_from([4, 6]), st.integers(0, 65535), st.integers(0, (1 << 32) - 1), st.integers(0, 10))
def test_an_answer_names_its_request(version: int, target: int, number: int, options: int) -> None:
    packet = request(version, 7, NONCE, Echo(target, number))
    assert answer(version, NONCE, reply(version, packet, options)) == Echo(target, number)


@pytest.mark.parametrize("version", [4, 6])
def test_what_is_no_answer_to_this_probe(version: int) -> None:
    packet = request(version, 7, NONCE, Echo(1, 2))
    assert answer(version, b"someoneX", reply(version, packet)) is None
    assert answer(version, NONCE, reply(version, packet)[:-1]) is None
    assert answer(version, NONCE, b"") is None
    header = bytes([0x45]) + bytes(19) if version == 4 else b""
    assert answer(version, NONCE, header + packet) is None, "a request is no answer"


def test_checksum_of_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF ^ 0xDDF2


@given(st.integers(0, 65535), st.integers(0, 1 << 40))
def test_a_request_sums_up_to_nothing(target: int, number: int) -> None:
    packet = request(4, 99, NONCE, Echo(target, number))
    assert checksum(packet) == 0
    assert struct.unpack("!BB", packet[:2]) == (8, 0)
