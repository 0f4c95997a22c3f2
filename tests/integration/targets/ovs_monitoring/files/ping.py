# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pings an address ten times a second: ADDRESS COUNT. Fails if a ping is not answered within a second."""

from __future__ import annotations

import socket
import struct
import sys
import time

ECHO, ECHO_REPLY = 8, 0


def main(address: str, count: int) -> None:
    """Send one after the other."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as opened:
        opened.settimeout(1)
        for number in range(1, count + 1):
            words = (ECHO << 8, 0xE4E4, number)
            opened.sendto(struct.pack("!HHHH", words[0], 0xFFFF - sum(words) % 0xFFFF, *words[1:]), (address, 0))
            while opened.recv(2048)[20:28] != answer(words):
                pass
            time.sleep(0.1)


def answer(words: tuple[int, int, int]) -> bytes:
    """Return the header of the reply."""
    return struct.pack("!HHHH", ECHO_REPLY, 0xFFFF - sum(words[1:]) % 0xFFFF, *words[1:])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
