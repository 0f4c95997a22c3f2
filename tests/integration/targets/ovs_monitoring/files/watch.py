# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts the pings on a card by who sends them to whom, while a command runs: CARD COMMAND..."""

from __future__ import annotations

import collections
import json
import socket
import subprocess
import sys

ALL = 3
"""ETH_P_ALL: the kernel does not show frames for other hosts to those who ask for one protocol."""
IPV4 = bytes.fromhex("0800")
QUIET = 0.5
"""Seconds without a frame after which no more is awaited, once the command has ended."""


def main(card: str, *command: str) -> None:
    """Print `{"FROM > TO": count}` with MAC addresses."""
    seen: collections.Counter[str] = collections.Counter()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL)) as opened:
        opened.bind((card, ALL))
        opened.settimeout(QUIET)
        done = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            try:
                frame = opened.recv(2048)
            except TimeoutError:
                if done.poll() is not None:
                    break
            else:
                if frame[12:14] == IPV4:
                    seen[f"{frame[6:12].hex(':')} > {frame[:6].hex(':')}"] += 1
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
