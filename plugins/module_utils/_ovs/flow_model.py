# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: flows, groups and meters, and what they are in OpenFlow's messages.

Matches, instructions and buckets stay the bytes that Open vSwitch makes of them. It makes the same bytes of the same meaning, whatever
the spelling was, so that bytes that differ are what tells a difference.
"""

from __future__ import annotations

import dataclasses
import struct
import typing as t

from . import openflow as of

ADD, MODIFY, DELETE = 0, 1, 2
"""Commands for groups and meters."""
FLOW_ADD, FLOW_MODIFY_STRICT, FLOW_DELETE_STRICT = 0, 2, 4

LASTING = 1 | 8 | 16
"""The flags that a flow keeps: send_flow_rem, no_packet_counts, no_byte_counts. The others speak of the moment of adding."""

METER_FLAGS = {"kbps": 1, "pktps": 2, "burst": 4, "stats": 8}
BAND_TYPES = {"drop": 1, "dscp_remark": 2}
LAST_METER = 0xFFFF0000
"""Numbers above it are Open vSwitch's own meters, such as that of the controller's connection."""

_EXACT = 0xFFFFFFFFFFFFFFFF
_ANY = 0xFFFFFFFF
_ETHERNET = bytes.fromhex("8000580400000000")
_FLOW_MOD = struct.Struct("!QQBBHHHIIIHH")
_FLOW_STATS_14 = struct.Struct("!HBxIIHHHHH2xQQQ")
_FLOW_STATS_15 = struct.Struct("!H2xBxHHHHHQ")
_NO_STATS_15 = struct.pack("!HH4x", 0, 4)
_GROUP_14 = struct.Struct("!HBxI")
_GROUP_MOD_15 = struct.Struct("!HBxIH2xI")
_GROUP_DESC_15 = struct.Struct("!HBxIH6x")
_METER = struct.Struct("!HHI")
_BAND = struct.Struct("!HHIIB3x")


@dataclasses.dataclass(frozen=True)
class Flow:
    """One flow; it is identified by table, priority and match.

    :param match: with its header and padding.
    :param flags: those that last.
    :param moment: the flags that speak of the moment of adding, such as check_overlap; no difference comes from them.
    """

    table: int
    priority: int
    match: bytes
    cookie: int
    idle_timeout: int
    hard_timeout: int
    flags: int
    importance: int
    instructions: bytes
    moment: int = dataclasses.field(default=0, compare=False)

    @property
    def key(self) -> tuple[int, int, bytes]:
        """The identity; in its order the flows of a table go by falling priority."""
        return (self.table, -self.priority, self.match)


@dataclasses.dataclass(frozen=True)
class Group:
    """One group.

    :param properties: how a bucket is selected; empty before OpenFlow 1.5.
    """

    id: int
    type: int
    buckets: bytes
    properties: bytes = b""

    @property
    def key(self) -> int:
        return self.id


@dataclasses.dataclass(frozen=True)
class Band:
    """What a meter does above a rate; `rate` and `burst_size` in the meter's unit."""

    type: int
    rate: int
    burst_size: int = 0
    prec_level: int = 0


@dataclasses.dataclass(frozen=True)
class Meter:
    """One meter."""

    id: int
    flags: int
    bands: tuple[Band, ...]

    @property
    def key(self) -> int:
        return self.id

    def __str__(self) -> str:
        """Return it as `ovs-ofctl dump-meters` does, on one line."""
        flags = [name for name, bit in METER_FLAGS.items() if self.flags & bit]
        return " ".join([f"meter={self.id}", *flags, "bands=" + " ".join(map(self._band, self.bands))])

    def _band(self, band: Band) -> str:
        names = {number: name for name, number in BAND_TYPES.items()}
        text = f"type={names.get(band.type, band.type)} rate={band.rate}"
        text += f" burst_size={band.burst_size}" if self.flags & METER_FLAGS["burst"] else ""
        return text + (f" prec_level={band.prec_level}" if band.prec_level else "")


def _padded(length: int) -> int:
    return length + 7 & ~7


def _split_match(data: bytes) -> tuple[bytes, bytes]:
    """Return a match with its padding, and what comes after it."""
    size = _padded(struct.unpack_from("!2xH", data)[0])
    return data[:size], data[size:]


def without_packet_type(flow: Flow) -> Flow:
    """Return the flow without its match for Ethernet, which every frame of a bridge fulfils.

    Open vSwitch adds it to a match that names a field of Ethernet and, by a mask of zero, nothing of it.
    """
    length = struct.unpack_from("!2xH", flow.match)[0]
    fields, kept = flow.match[4:length], b""
    while fields:
        size = 4 + fields[3]
        kept += b"" if fields[:size] == _ETHERNET else fields[:size]
        fields = fields[size:]
    match = struct.pack("!HH", 1, 4 + len(kept)) + kept
    return dataclasses.replace(flow, match=match.ljust(_padded(len(match)), b"\0"))


def flow_of(message: of.Message) -> Flow:
    """Return the flow that a FLOW_MOD adds."""
    cookie, _skipped, table, _skipped, idle, hard, priority, _skipped, _skipped, _skipped, flags, importance = (
        _FLOW_MOD.unpack_from(message.body)
    )
    match, instructions = _split_match(message.body[_FLOW_MOD.size :])
    lasting, moment = flags & LASTING, flags & ~LASTING
    return Flow(table, priority, match, cookie, idle, hard, lasting, importance, instructions, moment)


def flow_mod(version: int, command: int, flow: Flow, *, seen: Flow | None = None) -> of.Message:
    """Return the FLOW_MOD with this command.

    :param seen: the flow as it was read; no flow with another cookie is changed then.
    """
    head = _FLOW_MOD.pack(
        seen.cookie if seen else flow.cookie,
        _EXACT if seen else 0,
        flow.table,
        command,
        flow.idle_timeout,
        flow.hard_timeout,
        flow.priority,
        *(_ANY, _ANY, _ANY),
        flow.flags | flow.moment,
        flow.importance if command == FLOW_ADD else 0,
    )
    instructions = b"" if command == FLOW_DELETE_STRICT else flow.instructions
    return of.Message(version, of.FLOW_MOD, 0, head + flow.match + instructions)


def _entries(data: bytes) -> t.Iterator[bytes]:
    """Yield the entries of a multipart reply, each of which begins with its length."""
    while data:
        size = max(2, struct.unpack_from("!H", data)[0])
        yield data[:size]
        data = data[size:]


def flows_of(version: int, data: bytes) -> t.Iterator[Flow]:
    """Yield the flows of a reply."""
    for entry in _entries(data):
        yield _flow_of_15(entry) if version >= of.OF15 else _flow_of_14(entry)


def _flow_of_14(entry: bytes) -> Flow:
    head = _FLOW_STATS_14.unpack_from(entry)
    _skipped, table, _skipped, _skipped, priority, idle, hard, flags, importance, cookie, _skipped, _skipped = head
    match, instructions = _split_match(entry[_FLOW_STATS_14.size :])
    return Flow(table, priority, match, cookie, idle, hard, flags & LASTING, importance, instructions)


def _flow_of_15(entry: bytes) -> Flow:
    _skipped, table, priority, idle, hard, flags, importance, cookie = _FLOW_STATS_15.unpack_from(entry)
    match, rest = _split_match(entry[_FLOW_STATS_15.size :])
    _stats, instructions = _split_match(rest)  # both have their length at the same place
    return Flow(table, priority, match, cookie, idle, hard, flags & LASTING, importance, instructions)


def flow_entry(version: int, flow: Flow) -> bytes:
    """Return the entry of a reply that shows the flow, with counters of zero."""
    common = (flow.priority, flow.idle_timeout, flow.hard_timeout, flow.flags, flow.importance, flow.cookie)
    if version >= of.OF15:
        rest = flow.match + _NO_STATS_15 + flow.instructions
        return _FLOW_STATS_15.pack(_FLOW_STATS_15.size + len(rest), flow.table, *common) + rest
    rest = flow.match + flow.instructions
    return _FLOW_STATS_14.pack(_FLOW_STATS_14.size + len(rest), flow.table, 0, 0, *common, 0, 0) + rest


def group_of(message: of.Message) -> Group:
    """Return the group that a GROUP_MOD adds."""
    if message.version < of.OF15:
        _skipped, kind, number = _GROUP_14.unpack_from(message.body)
        return Group(number, kind, message.body[_GROUP_14.size :])
    _skipped, kind, number, size, _skipped = _GROUP_MOD_15.unpack_from(message.body)
    rest = message.body[_GROUP_MOD_15.size :]
    return Group(number, kind, rest[:size], rest[size:])


def group_mod(version: int, command: int, group: Group) -> of.Message:
    """Return the GROUP_MOD with this command."""
    buckets, properties = (b"", b"") if command == DELETE else (group.buckets, group.properties)
    head = (command, group.type, group.id)
    packed = _GROUP_14.pack(*head) if version < of.OF15 else _GROUP_MOD_15.pack(*head, len(buckets), _ANY)
    return of.Message(version, of.GROUP_MOD, 0, packed + buckets + properties)


def groups_of(version: int, data: bytes) -> t.Iterator[Group]:
    """Yield the groups of a reply."""
    for entry in _entries(data):
        if version < of.OF15:
            _skipped, kind, number = _GROUP_14.unpack_from(entry)
            yield Group(number, kind, entry[_GROUP_14.size :])
        else:
            _skipped, kind, number, size = _GROUP_DESC_15.unpack_from(entry)
            rest = entry[_GROUP_DESC_15.size :]
            yield Group(number, kind, rest[:size], rest[size:])


def group_entry(version: int, group: Group) -> bytes:
    """Return the entry of a reply that shows the group."""
    rest = group.buckets + group.properties
    if version < of.OF15:
        return _GROUP_14.pack(_GROUP_14.size + len(rest), group.type, group.id) + rest
    return _GROUP_DESC_15.pack(_GROUP_DESC_15.size + len(rest), group.type, group.id, len(group.buckets)) + rest


def meter_mod(version: int, command: int, meter: Meter) -> of.Message:
    """Return the METER_MOD with this command."""
    bands = () if command == DELETE else meter.bands
    packed = b"".join(_BAND.pack(band.type, _BAND.size, band.rate, band.burst_size, band.prec_level) for band in bands)
    head = _METER.pack(command, 0 if command == DELETE else meter.flags, meter.id)
    return of.Message(version, of.METER_MOD, 0, head + packed)


def meters_of(data: bytes) -> t.Iterator[Meter]:
    """Yield the meters of a reply; a burst that nobody asked for is one that the datapath has chosen."""
    for entry in _entries(data):
        _skipped, flags, number = _METER.unpack_from(entry)
        asked = flags & METER_FLAGS["burst"]
        bands = _BAND.iter_unpack(entry[_METER.size :])
        yield Meter(
            number,
            flags,
            tuple(Band(kind, rate, burst if asked else 0, level) for kind, _skipped, rate, burst, level in bands),
        )
