# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for AWX at its edge, the HTTP API: it keeps objects in memory and refuses what AWX refuses. It runs no job."""

from __future__ import annotations

import contextlib
import json
import threading
import typing as t
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import rules

TOKEN = "a-token-of-the-test"
SECRETS = {"ssh_key_data", "password", "ssh_key_unlock", "become_password"}
Answer = tuple[int, t.Any]
Item = dict[str, t.Any]


class Awx:
    """The objects, and what happens to them.

    :param playbooks: those that every project holds.
    """

    def __init__(self, playbooks: t.Sequence[str]) -> None:
        self.playbooks = list(playbooks)
        self.objects: dict[str, dict[int, Item]] = {kind: {} for kind in rules.SCHEMA}
        self.lists: dict[tuple[str, int, str], list[int]] = {}
        self.writes: list[str] = []
        self._last = 0
        for name, kind in (("Machine", "ssh"), ("Source Control", "scm"), ("Vault", "vault")):
            self._keep("credential_types", {"name": name, "kind": kind})

    def find(self, kind: str, number: t.Any) -> Item | None:
        """Return the object with an id; unified job templates are everything that can be launched."""
        kinds = [name for name, schema in rules.SCHEMA.items() if schema.get("unified")]
        places = kinds if kind == "unified_job_templates" else [kind]
        return next((self.objects[place][number] for place in places if number in self.objects[place]), None)

    def named(self, kind: str, name: str) -> Item:
        """Return the one object with a name."""
        (found,) = [item for item in self.objects[kind].values() if item["name"] == name]
        return found

    def answer(self, method: str, path: str, query: t.Mapping[str, str], data: Item) -> Answer:
        """Return status and body of the answer to one request."""
        if method != "GET":
            self.writes.append(f"{method} {path}")
        kind, *rest = path.removeprefix("/api/v2/").strip("/").split("/")
        if kind == "project_updates":
            return 200, {"status": "successful", "finished": "2026-01-01T00:00:00Z", "failed": False}
        if not rest:
            return self._collection(method, kind, query, data)
        item = self.objects.get(kind, {}).get(int(rest[0]))
        if item is None:
            return 404, {"detail": "Not found."}
        if len(rest) == 1:
            return self._one(method, kind, item, data)
        return self._related(method, kind, item, rest[1], data)

    def _collection(self, method: str, kind: str, query: t.Mapping[str, str], data: Item) -> Answer:
        if method == "POST":
            return self._create(kind, data)
        unified = [name for name, schema in rules.SCHEMA.items() if schema.get("unified")]
        places = unified if kind == "unified_job_templates" else [kind]
        if any(place not in self.objects for place in places):
            return 404, {"detail": "Not found."}
        items = [item for place in places for item in self.objects[place].values() if _matches(item, query)]
        return 200, {"count": len(items), "next": None, "previous": None, "results": [_shown(item) for item in items]}

    def _create(self, kind: str, data: Item) -> Answer:
        wrong = rules.problems(kind, data, data, self.find)
        if wrong:
            return 400, wrong
        item = self._keep(kind, data)
        answer = _shown(item)
        if kind == "projects":  # AWX fetches a new project at once
            answer["summary_fields"] = {"current_update": {"id": 1}}
        return 201, answer

    def _keep(self, kind: str, data: Item) -> Item:
        self._last += 1
        url = f"/api/v2/{kind}/{self._last}/"
        related = {"survey_spec": f"{url}survey_spec/", "update": f"{url}update/"}
        item = {**data, "id": self._last, "url": url, "type": rules.SCHEMA[kind]["type"], "related": related}
        item |= {"summary_fields": {}, "kind": item.get("kind") or ""}
        if kind == "projects":
            item |= {"scm_revision": "0123abcd", "playbook_files": self.playbooks}
        self.objects[kind][self._last] = item
        return item

    def _one(self, method: str, kind: str, item: Item, data: Item) -> Answer:
        if method == "DELETE":
            del self.objects[kind][item["id"]]
            return 204, None
        if method == "PATCH":
            wrong = rules.problems(kind, data, {**item, **data}, self.find)
            if wrong:
                return 400, wrong
            item |= data
        return 200, _shown(item)

    def _related(self, method: str, kind: str, item: Item, name: str, data: Item) -> Answer:
        if name == "survey_spec" and rules.SCHEMA[kind].get("survey"):
            return self._survey(method, item, data)
        if name == "create_approval_template" and kind == "workflow_job_template_nodes":
            status, answer = self._create("workflow_approval_templates", data)
            if status == 201:
                item["unified_job_template"] = answer["id"]
                item["related"]["unified_job_template"] = answer["url"]
            return status, answer
        other = rules.SCHEMA[kind].get("lists", {}).get(name)
        if other is None:
            return 404, {"detail": "Not found."}
        return self._associate(method, (kind, item["id"], name), other, data)

    def _survey(self, method: str, item: Item, data: Item) -> Answer:
        if method == "GET":
            return 200, item.get("survey_spec", {})
        wrong = rules.survey(data)
        if wrong:
            return 400, {"error": wrong}
        item["survey_spec"] = data
        return 200, {}

    def _associate(self, method: str, place: tuple[str, int, str], other: str, data: Item) -> Answer:
        members = self.lists.setdefault(place, [])
        if method == "GET":
            found = [_shown(item) for member in members if (item := self.find(other, member))]
            return 200, {"count": len(found), "next": None, "results": found}
        if self.find(other, data["id"]) is None:
            return 400, {"detail": "no such object"}
        if data.get("disassociate"):
            members.remove(data["id"])
        elif place[0] == other and place[1] in {data["id"], *self._after(data["id"])}:
            return 400, {"Error": "Cycle detected."}
        else:
            members.append(data["id"])
        return 204, None

    def _after(self, node: int) -> set[int]:
        """Return all nodes that a workflow can come to from one."""
        found: set[int] = set()
        ahead = [node]
        while ahead:
            number = ahead.pop()
            following = {n for (_k, of, _n), members in self.lists.items() if of == number for n in members} - found
            found |= following
            ahead += following
        return found


def _shown(item: Item) -> Item:
    """Return an object as AWX shows it: secrets are not."""
    inputs = {key: "$encrypted$" if key in SECRETS else value for key, value in item.get("inputs", {}).items()}
    return {**item, "inputs": inputs} if "inputs" in item else dict(item)


def _matches(item: Item, query: t.Mapping[str, str]) -> bool:
    either = {key.removeprefix("or__"): value for key, value in query.items() if key.startswith("or__")}
    if either and not any(str(item.get(key)) == value for key, value in either.items()):
        return False
    return all(str(item.get(key)) == value for key, value in query.items() if not key.startswith("or__"))


def _handler(awx: Awx, lock: threading.Lock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def parse_request(self) -> bool:
            """Send every method to one place."""
            parsed = super().parse_request()
            setattr(self, f"do_{self.command}", self._serve)
            return parsed

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            data = json.loads(self.rfile.read(length) or b"{}")
            place = urllib.parse.urlsplit(self.path)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, body = 401, {"detail": "Authentication credentials were not provided."}
            else:
                with lock:
                    status, body = awx.answer(self.command, place.path, dict(urllib.parse.parse_qsl(place.query)), data)
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: t.Any) -> None:
            """Say nothing."""

    return Handler


@contextlib.contextmanager
def served(awx: Awx) -> t.Iterator[str]:
    """Serve on a port of the loopback interface; yields the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(awx, threading.Lock()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
