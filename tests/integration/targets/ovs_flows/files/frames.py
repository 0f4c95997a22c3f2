# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends raw Ethernet frames on one card and prints how many of them arrive on another: SENDER RECEIVER ETHERTYPE COUNT."""

from __future__ import annotations

import socket
import struct
import sys

WAIT = 0.5
"""Seconds after which a frame that has not arrived is lost."""


def card(name: str, ethertype: int) -> socket.socket:
    """Return a socket that sees the frames of this type on a card."""
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    opened.bind((name, ethertype))
    opened.settimeout(WAIT)
    return opened


def arrived(receiver: socket.socket, sent: set[bytes]) -> int:
    """Return how many of the frames come in, each counted once."""
    missing = set(sent)
    while missing:
        try:
            missing.discard(receiver.recv(2048))
        except TimeoutError:
            break
    return len(sent) - len(missing)


def main(sender: str, receiver: str, ethertype: int, count: int) -> None:
    """Send frames with a payload of their own each."""
    header = b"\xff" * 6 + bytes.fromhex("525400f10001") + struct.pack("!H", ethertype)
    frames = {header + struct.pack("!HI40x", 0xFFFF, number) for number in range(count)}
    with card(receiver, ethertype) as there, card(sender, ethertype) as here:
        for frame in frames:
            here.send(frame)
        print(arrived(there, frames))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3], 0), int(sys.argv[4]))
