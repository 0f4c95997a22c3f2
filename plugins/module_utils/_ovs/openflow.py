# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: OpenFlow's messages, as far as this collection needs them. Numbers are big-endian, lengths in bytes.

Source: include/openflow/openflow-1.1.h to openflow-1.5.h and nicira-ext.h of Open vSwitch, and the OpenFlow Switch Specification 1.4 and 1.5.
"""

from __future__ import annotations

import dataclasses
import struct
import typing as t

VERSIONS: t.Mapping[int, str] = {1: "1.0", 2: "1.1", 3: "1.2", 4: "1.3", 5: "1.4", 6: "1.5"}
"""Version on the wire -> its name."""

OF14, OF15 = 5, 6
SPOKEN = (OF14, OF15)
"""Those that have bundles."""

HELLO, ERROR, ECHO_REQUEST, ECHO_REPLY, EXPERIMENTER = 0, 1, 2, 3, 4
FLOW_MOD, GROUP_MOD = 14, 15
MULTIPART_REQUEST, MULTIPART_REPLY = 18, 19
BARRIER_REQUEST = 20
METER_MOD = 29
BUNDLE_CONTROL, BUNDLE_ADD = 33, 34

FLOWS, GROUPS, METERS, PORTS = 1, 7, 10, 13
"""Kinds of multipart messages: OFPMP_FLOW, OFPMP_GROUP_DESC, OFPMP_METER_CONFIG, OFPMP_PORT_DESC."""

OPEN, COMMIT = 0, 4
"""Requests of BUNDLE_CONTROL; the reply's number is one more."""

_HEADER = struct.Struct("!BBHI")
_MULTIPART = struct.Struct("!HH4x")
_PORT = struct.Struct("!IH2x6s2x16s")
_LOCAL = 0xFFFFFFFE
_BUNDLE = struct.Struct("!IHH")
_NICIRA = struct.Struct("!II")
_NICIRA_ID, _TLV_CHANGE, _TLV_QUESTION = 0x00002320, 24, 25
_TLV_ENTRY, _TLV_REPLY_HEAD = 8, 16
_MORE = 1
_ATOMIC_AND_ORDERED = 3
_ANY = 0xFFFFFFFF
_ALL_GROUPS = 0xFFFFFFFC
_BODY_LIMIT = 0xFFFF - 64
HEADER_SIZE = _HEADER.size


@dataclasses.dataclass(frozen=True)
class Message:
    """One message; answers carry the `xid` of their question."""

    version: int
    type: int
    xid: int
    body: bytes = b""

    def encoded(self) -> bytes:
        return _HEADER.pack(self.version, self.type, HEADER_SIZE + len(self.body), self.xid) + self.body


def decoded(data: bytes) -> Message:
    """Return the message that `data` is."""
    version, kind, _length, xid = _HEADER.unpack_from(data)
    return Message(version, kind, xid, data[HEADER_SIZE:])


def length_of(header: bytes) -> int:
    """Return how long the message is, its header included."""
    return int(_HEADER.unpack(header)[2])


def hello(xid: int, versions: t.Iterable[int] = SPOKEN) -> Message:
    """Return the greeting that offers versions."""
    bitmap = sum(1 << version for version in versions)
    return Message(max(versions), HELLO, xid, struct.pack("!HHI", 1, 8, bitmap))


def offered_versions(greeting: Message) -> set[int]:
    """Return the versions that a greeting offers; without a list of them, its own and all before it."""
    body = greeting.body
    while len(body) >= 8:
        kind, length = struct.unpack_from("!HH", body)
        if kind == 1:
            bitmap = struct.unpack_from("!I", body, 4)[0]
            return {version for version in range(32) if bitmap >> version & 1}
        body = body[max(8, length + 7 & ~7) :]
    return set(range(1, greeting.version + 1))


def question(version: int, kind: int) -> bytes:
    """Return the body of a multipart request for all flows, groups, meters or ports."""
    bodies = {
        FLOWS: struct.pack("!B3xII4xQQHH4x", 0xFF, _ANY, _ANY, 0, 0, 1, 4),
        GROUPS: struct.pack("!I4x", _ALL_GROUPS) if version >= OF15 else b"",
        METERS: struct.pack("!I4x", _ANY),
        PORTS: struct.pack("!I4x", _ANY) if version >= OF15 else b"",
    }
    return _MULTIPART.pack(kind, 0) + bodies[kind]


def part(body: bytes) -> tuple[int, bool, bytes]:
    """Return a multipart message's kind, whether more follow, and what it carries."""
    kind, flags = _MULTIPART.unpack_from(body)
    return kind, bool(flags & _MORE), body[_MULTIPART.size :]


def own_port_name(data: bytes) -> str | None:
    """Return the name of the bridge's own port, which is the bridge's, if it is among these ports."""
    while data:
        number, length, _mac, name = _PORT.unpack_from(data)
        if number == _LOCAL:
            return str(name.rstrip(b"\0").decode("utf-8", "replace"))
        data = data[length:]
    return None


def parts(kind: int, entries: t.Iterable[bytes]) -> list[bytes]:
    """Return the bodies of the multipart replies that carry the entries."""
    loads = [b""]
    for entry in entries:
        if len(loads[-1]) + len(entry) > _BODY_LIMIT:
            loads.append(b"")
        loads[-1] += entry
    flags = [_MORE] * (len(loads) - 1) + [0]
    return [_MULTIPART.pack(kind, flag) + load for flag, load in zip(flags, loads)]


def bundle_control(bundle: int, request: int) -> bytes:
    """Return the body that opens or commits an ordered, atomic bundle."""
    return _BUNDLE.pack(bundle, request, _ATOMIC_AND_ORDERED)


def bundle_reply(body: bytes) -> bytes:
    """Return the body that says yes to a bundle's control request."""
    bundle, request, flags = _BUNDLE.unpack_from(body)
    return _BUNDLE.pack(bundle, request + 1, flags)


def bundled(bundle: int, message: Message) -> Message:
    """Return the message that adds another one to a bundle; both have the same `xid`."""
    body = _BUNDLE.pack(bundle, 0, _ATOMIC_AND_ORDERED) + message.encoded()
    return Message(message.version, BUNDLE_ADD, message.xid, body)


def unbundled(body: bytes) -> Message:
    """Return what is added to a bundle."""
    return decoded(body[_BUNDLE.size :])


def tlv_question() -> bytes:
    """Return the body of the EXPERIMENTER message that asks which options of tunnels are which fields (NXT_TLV_TABLE_REQUEST)."""
    return _NICIRA.pack(_NICIRA_ID, _TLV_QUESTION)


def tlv_entries(body: bytes) -> list[bytes]:
    """Return the entries that the answer to `tlv_question` has."""
    entries = body[_NICIRA.size + _TLV_REPLY_HEAD :]
    return [entries[place : place + _TLV_ENTRY] for place in range(0, len(entries), _TLV_ENTRY)]


def tlv_addition(entries: t.Iterable[bytes]) -> bytes:
    """Return the body of the EXPERIMENTER message that adds entries (NXT_TLV_TABLE_MOD)."""
    return _NICIRA.pack(_NICIRA_ID, _TLV_CHANGE) + struct.pack("!H6x", 0) + b"".join(entries)
