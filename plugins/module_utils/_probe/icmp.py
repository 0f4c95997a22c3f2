# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: ICMP echo messages, which carry the number of their target (RFC 792, RFC 4443)."""

from __future__ import annotations

import struct
import typing as t

_HEADER = struct.Struct("!BBHHH")
_PAYLOAD = struct.Struct("!8sHI")
_TYPES = {4: (8, 0), 6: (128, 129)}
"""IP version -> types of request and answer."""


class Echo(t.NamedTuple):
    """An answer: which request of which target it belongs to."""

    target: int
    number: int


def request(version: int, identifier: int, nonce: bytes, echo: Echo) -> bytes:
    """Return an echo request.

    :param version: of IP; for 6 the kernel fills in the checksum.
    :param nonce: 8 bytes that tell this probe's answers from those of others.
    """
    payload = _PAYLOAD.pack(nonce, echo.target, echo.number & 0xFFFFFFFF)
    fields = (_TYPES[version][0], 0, 0, identifier, echo.number & 0xFFFF)
    message = _HEADER.pack(*fields) + payload
    if version == 6:
        return message
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def answer(version: int, nonce: bytes, packet: bytes) -> Echo | None:
    """Return which request a received packet answers; None if it is none of this probe's.

    :param packet: as a raw socket gives it: with the IP header for version 4, without it for version 6.
    """
    offset = (packet[0] & 15) * 4 if version == 4 and packet else 0
    if len(packet) < offset + _HEADER.size + _PAYLOAD.size or packet[offset] != _TYPES[version][1]:
        return None
    found, target, number = _PAYLOAD.unpack_from(packet, offset + _HEADER.size)
    return Echo(target, number) if found == nonce else None


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
