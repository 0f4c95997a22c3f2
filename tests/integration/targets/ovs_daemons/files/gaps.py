# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pings an address every 10 ms until a file exists: ADDRESS FILE. Prints the longest time without an answer, and whether the last was answered."""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from pathlib import Path

ECHO, MARK = 8, 0xE4E5
INTERVAL, PATIENCE = 0.01, 1.0


def ping(number: int) -> bytes:
    """Return one request."""
    words = (ECHO << 8, MARK, number)
    return struct.pack("!HHHH", words[0], 0xFFFF - sum(words) % 0xFFFF, *words[1:])


def main(address: str, file: Path) -> None:
    """Send, and note when answers come; at the end wait a little for the last ones."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as opened:
        opened.settimeout(INTERVAL)
        number, longest, last = 0, 0.0, time.monotonic()
        end: float | None = None
        while end is None or time.monotonic() < end:
            if end is None and file.exists():
                end = time.monotonic() + PATIENCE
            number = number % 0xFFFF + 1
            opened.sendto(ping(number), (address, 0))
            began = time.monotonic()
            while time.monotonic() < began + INTERVAL:
                try:
                    said = opened.recv(2048)[20:28]
                except TimeoutError:
                    break
                if said[0] == 0 and struct.unpack("!H", said[4:6])[0] == MARK:
                    now = time.monotonic()
                    longest, last = max(longest, now - last), now
        now = time.monotonic()
    print(json.dumps({"longest_ms": round(1000 * max(longest, now - last)), "answered": now - last < PATIENCE / 2}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
