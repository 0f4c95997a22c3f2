# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make publish`: what it refuses, and what Galaxy (a stand-in at its API) gets from ansible-galaxy."""

from __future__ import annotations

import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.tools import galaxy, publish

VERSION = yaml.safe_load((galaxy.ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
TOKEN = "a-token-of-the-test"


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"TAG": f"v{VERSION}", "GALAXY_TOKEN": TOKEN}, ""),
        ({"TAG": VERSION, "GALAXY_TOKEN": TOKEN}, f"galaxy.yml has the version {VERSION}"),
        ({"TAG": "v0.0.1", "GALAXY_TOKEN": TOKEN}, "TAG is 'v0.0.1'"),
        ({"GALAXY_TOKEN": TOKEN}, "TAG is ''"),
        ({"TAG": f"v{VERSION}"}, "GALAXY_TOKEN is not in the environment"),
        ({"TAG": f"v{VERSION}", "GALAXY_TOKEN": ""}, "GALAXY_TOKEN is not in the environment"),
    ],
)
def test_only_the_version_of_the_tag_is_published(environment: dict[str, str], why: str) -> None:
    said = publish.refused(environment)
    assert why in said
    assert bool(why) == bool(said)


@pytest.mark.parametrize("complaints", [0, 1])
def test_what_the_importer_complains_of_is_not_published(monkeypatch: pytest.MonkeyPatch, complaints: int) -> None:
    sent: list[str] = []

    def send() -> int:
        sent.append("the tarball")
        return 0

    monkeypatch.setenv("TAG", f"v{VERSION}")
    monkeypatch.setenv("GALAXY_TOKEN", TOKEN)
    monkeypatch.setattr(galaxy, "main", lambda: complaints)
    monkeypatch.setattr(publish, "publish", send)
    assert publish.main() == complaints
    assert len(sent) == 1 - complaints


class Galaxy(ThreadingHTTPServer):
    """Takes a tarball as Galaxy does, and keeps what came with it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.tokens: set[str] = set()
        self.bodies: list[bytes] = []


class Answers(BaseHTTPRequestHandler):
    """What Galaxy says."""

    server: Galaxy

    def do_GET(self) -> None:
        done = {"state": "completed", "finished_at": "2026-01-01T00:00:00Z", "messages": []}
        self.answer(done if "imports" in self.path else {"available_versions": {"v3": "v3/"}})

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"task": "/api/v3/imports/collections/1/"})

    def answer(self, data: Any) -> None:
        self.server.tokens.add(self.headers.get("Authorization", ""))
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Galaxy]:
    with Galaxy() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.mark.programs
def test_galaxy_gets_the_tarball_with_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Galaxy, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "evergreen-virt-1.0.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("MANIFEST.json"))
    monkeypatch.setenv("GALAXY_TOKEN", TOKEN)
    monkeypatch.setattr(galaxy, "PACKAGE", tmp_path)
    monkeypatch.setattr(publish, "SERVER", f"http://127.0.0.1:{server.server_port}/")
    assert publish.publish() == 0
    assert f"Token {TOKEN}" in server.tokens
    assert [archive.name.encode() in body for body in server.bodies] == [True]
    assert TOKEN not in "".join(capfd.readouterr())
