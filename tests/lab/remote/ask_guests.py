# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the observer and asks the guests themselves: `name=address ...` in, JSON out."""

from __future__ import annotations

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

PORT = 7000


def ask(address: str) -> dict[str, object]:
    """Return a guest's own account of its boot and, after reading its disk again, of its records."""
    with socket.create_connection((address, PORT), timeout=5) as connection:
        connection.settimeout(30)
        lines = connection.makefile("rw", encoding="utf-8", newline="\n")
        answers: dict[str, object] = {}
        for request in ("q", "v"):
            lines.write(f"{request}\n")
            lines.flush()
            answers.update(json.loads(lines.readline()))
        return answers


def ask_or_say_why(address: str) -> dict[str, object]:
    """Return the guest's answer, or why there is none."""
    try:
        return ask(address)
    except OSError as exc:
        return {"error": str(exc)}


GUESTS = dict(pair.split("=") for pair in sys.argv[1:])
with ThreadPoolExecutor(max_workers=4) as pool:
    print(json.dumps(dict(zip(GUESTS, pool.map(ask_or_say_why, GUESTS.values()), strict=True))))
