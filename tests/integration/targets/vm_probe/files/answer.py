# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers each line on 127.0.0.1:PORT with one line of JSON, as the lab's guests do; forgets its boot id when it ends."""

import json
import pathlib
import socketserver
import sys
import uuid

BOOT_ID = str(uuid.uuid4())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        for _line in self.rfile:
            self.wfile.write(json.dumps({"boot_id": BOOT_ID}).encode() + b"\n")


if __name__ == "__main__":
    pathlib.Path(sys.argv[2]).write_text(BOOT_ID)
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
