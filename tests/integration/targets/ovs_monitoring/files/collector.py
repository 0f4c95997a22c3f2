# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A collector of sFlow 5, IPFIX and NetFlow 5: SECONDS MAC ADDRESS PROTOCOL:PORT...

Ends as soon as each port has been told of an IPv4 packet in a frame from that MAC address (of NetFlow: from that IPv4 address), or when
the time is over. Prints what each port was told of it: its first record, or null.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time
import typing as t

Record = dict[str, t.Any]
Templates = dict[int, list[tuple[int, int]]]

IPFIX_TEMPLATE = 2
IPFIX_FIRST_DATA = 256
PACKETS, SOURCE_MAC, TARGET_MAC, ETHERTYPE = 2, 56, 80, 256
IPV4 = "0800"


def sflow(data: bytes, _templates: Templates) -> t.Iterator[Record]:
    """Yield the frames of a datagram's flow samples. Source: sflow.org, sFlow version 5."""
    version, kind = struct.unpack_from("!II", data)
    assert version == 5
    place = 8 + (4 if kind == 1 else 16) + 12
    for sample_kind, sample in tagged(data[place + 4 :], struct.unpack_from("!I", data, place)[0]):
        if sample_kind in (1, 3):
            rate, count_at = (struct.unpack_from("!I", sample, 8)[0], 28) if sample_kind == 1 else (0, 40)
            for record_kind, record in tagged(sample[count_at + 4 :], struct.unpack_from("!I", sample, count_at)[0]):
                if record_kind == 1:
                    yield {**frame(record[16:]), "rate": rate}


def tagged(data: bytes, count: int) -> t.Iterator[tuple[int, bytes]]:
    """Yield the kind and the content of each of so many records."""
    for _skipped in range(count):
        kind, length = struct.unpack_from("!II", data)
        yield kind, data[8 : 8 + length]
        data = data[8 + length :]


def frame(header: bytes) -> Record:
    """Return what the beginning of a frame says."""
    return {"from": header[6:12].hex(":"), "to": header[:6].hex(":"), "ethertype": header[12:14].hex()}


def ipfix(data: bytes, templates: Templates) -> t.Iterator[Record]:
    """Yield the flows of a message. Source: RFC 7011."""
    version, length, _time, _number, domain = struct.unpack_from("!HHIII", data)
    assert version == 10
    place = 16
    while place < length:
        number, size = struct.unpack_from("!HH", data, place)
        content = data[place + 4 : place + size]
        if number == IPFIX_TEMPLATE:
            learn(content, templates)
        elif number >= IPFIX_FIRST_DATA and number in templates:
            yield from ({**record, "domain": domain} for record in flows(content, templates[number]))
        place += size


def learn(data: bytes, templates: Templates) -> None:
    """Remember the templates of a set: elements with their lengths; of an enterprise's own, 0 as the element."""
    while len(data) >= 4:
        number, count = struct.unpack_from("!HH", data)
        data, templates[number] = data[4:], []
        for _skipped in range(count):
            element, length = struct.unpack_from("!HH", data)
            own = element & 0x8000
            templates[number].append((0 if own else element, length))
            data = data[8 if own else 4 :]


def flows(data: bytes, template: list[tuple[int, int]]) -> t.Iterator[Record]:
    """Yield the records of a set of data."""
    while len(data) >= sum(length if length != 0xFFFF else 1 for _element, length in template):
        found = {}
        for element, fixed in template:
            length, begin = (data[0], 1) if fixed == 0xFFFF else (fixed, 0)
            found[element], data = data[begin : begin + length], data[begin + length :]
        if SOURCE_MAC in found:
            yield {
                "from": found[SOURCE_MAC].hex(":"),
                "to": found[TARGET_MAC].hex(":"),
                "ethertype": found[ETHERTYPE].hex(),
                "packets": int.from_bytes(found.get(PACKETS, b""), "big"),
            }


def netflow(data: bytes, _templates: Templates) -> t.Iterator[Record]:
    """Yield the flows of a datagram of NetFlow 5."""
    version, count = struct.unpack_from("!HH", data)
    assert version == 5
    for number in range(count):
        source, target, packets = struct.unpack_from("!4s4s8xI", data, 24 + 48 * number)
        yield {"from": socket.inet_ntoa(source), "to": socket.inet_ntoa(target), "packets": packets}


READERS = {"sflow": sflow, "ipfix": ipfix, "netflow": netflow}


def main(seconds: float, mac: str, address: str, *ports: str) -> None:
    """Listen on 127.0.0.1."""
    found: dict[str, Record | None] = dict.fromkeys(ports)
    selector = selectors.DefaultSelector()
    for port in ports:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind(("127.0.0.1", int(port.partition(":")[2])))
        selector.register(opened, selectors.EVENT_READ, (port, {}))
    end = time.monotonic() + seconds
    while None in found.values() and time.monotonic() < end:
        for key, _events in selector.select(0.2):
            port, templates = key.data
            read = READERS[port.partition(":")[0]]
            for record in read(t.cast(socket.socket, key.fileobj).recv(65536), templates):
                if record["from"] in (mac, address) and record.get("ethertype", IPV4) == IPV4:
                    found[port] = found[port] or record
    print(json.dumps(found))


if __name__ == "__main__":
    main(float(sys.argv[1]), *sys.argv[2:])
