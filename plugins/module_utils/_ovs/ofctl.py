# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Open vSwitch's own tool as translator between text and messages.

`ovs-ofctl` alone knows what every text for a flow means and how a flow is written, and it asks a bridge for the names of ports and
tables. So it is started with a socket of ours in the bridge's place: its questions go on to the bridge, what it wants to have changed is
kept and goes nowhere, and where it asks for flows it is shown those that are to be written as text. One process translates any number.

Source: ovs-ofctl(8); utilities/ovs-ofctl.c of Open vSwitch 3.1 and 3.5.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import typing as t
from pathlib import Path

from .. import _programs
from .._errors import MissingDependencyError, OperationError, VirtError
from . import openflow as of
from .flow_model import Flow, Group, flow_entry, group_entry
from .openflow_switch import Switch, receive, send

PROGRAM = "ovs-ofctl"

_LOCATED = re.compile(r"^\S+: -:(?P<line>\d+): (?P<text>.*)", re.DOTALL)
_LOGGED = re.compile(r"^[^|\n]*\|\d+\|(?P<module>[^|]*)\|[A-Z]+\|", re.MULTILINE)
_LOST = re.compile(
    r"normalization changed ofp_match.*?pre: (?P<wanted>.*?)$.*?post: ?(?P<left>.*?)$", re.DOTALL | re.MULTILINE
)
"""Said of a match of which only a part takes effect, because a field lacks its protocol."""


def require() -> None:
    """Raise MissingDependencyError if the program is not installed."""
    if shutil.which(PROGRAM) is None:
        raise MissingDependencyError(
            f"the program '{PROGRAM}' is not installed on this host.",
            hint="Install Open vSwitch (the role evergreen.virt.install does); Debian's package is openvswitch-common.",
            program=PROGRAM,
        )


@dataclasses.dataclass(frozen=True)
class Complaint:
    """Why texts have no translation.

    :param index: which of them, None if it is all together.
    """

    index: int | None
    text: str


class Translator:
    """Translates for one bridge.

    :param switch: the connection that questions go on to.
    :param timeout: seconds that one translation may take.
    """

    def __init__(self, switch: Switch, timeout: float) -> None:
        self._switch = switch
        self._timeout = timeout

    def messages(self, lines: t.Sequence[str]) -> list[of.Message] | Complaint:
        """Return the message that each line of `ovs-ofctl bundle` is, in the same order.

        :param lines: `flow add FLOW` or `group add GROUP`; no line may have a line break or a "#", which begins a comment.
        """
        outcome = self._attempt(lines)
        if isinstance(outcome, Complaint) and outcome.index is None:
            return dataclasses.replace(outcome, index=self._culprit(lines))
        return outcome

    def _attempt(self, lines: t.Sequence[str]) -> list[of.Message] | Complaint:
        if not lines:
            return []
        with _Relay(self._switch, {}) as relay:
            done = self._run(relay, ["bundle"], ["-"], "".join(f"{line}\n" for line in lines))
        located = _LOCATED.match(done.stderr)
        if located:
            return Complaint(int(located["line"]) - 1, located["text"].strip())
        lost = _LOST.search(_plain(done.stderr))
        if lost:
            return Complaint(None, f"of the match '{lost['wanted']}' only '{lost['left']}' would take effect")
        if done.returncode:
            return Complaint(None, _plain(done.stderr))
        if len(relay.kept) != len(lines):
            raise OperationError(f"{PROGRAM} made {len(relay.kept)} messages of {len(lines)} flows and groups.")
        return relay.kept

    def _culprit(self, lines: t.Sequence[str]) -> int | None:
        """Return the line that is complained of even when it is alone; found by halving."""
        if len(lines) == 1:
            return 0
        middle = len(lines) // 2
        for start, half in ((0, lines[:middle]), (middle, lines[middle:])):
            if isinstance(self._attempt(half), Complaint):
                found = self._culprit(half)
                return None if found is None else start + found
        return None

    def flow_texts(self, flows: t.Sequence[Flow]) -> list[str]:
        """Return flows as `ovs-ofctl dump-flows` shows them, without statistics, with names of ports, in the same order."""
        entries = [flow_entry(self._switch.version, flow) for flow in flows]
        return self._shown(of.FLOWS, entries, ["--no-stats", "dump-flows"])

    def group_texts(self, groups: t.Sequence[Group]) -> list[str]:
        """Return groups as `ovs-ofctl dump-groups` shows them, with names of ports, in the same order."""
        entries = [group_entry(self._switch.version, group) for group in groups]
        return self._shown(of.GROUPS, entries, ["dump-groups"])

    def _shown(self, kind: int, entries: t.Sequence[bytes], command: t.Sequence[str]) -> list[str]:
        if not entries:
            return []
        with _Relay(self._switch, {kind: entries}) as relay:
            done = self._run(relay, ["--names", *command], [], "")
        lines = [line.strip() for line in done.stdout.splitlines() if "actions=" in line or "group_id=" in line]
        if done.returncode or len(lines) != len(entries):
            raise OperationError(f"{PROGRAM} cannot show what the bridge has: {_plain(done.stderr)}")
        return lines

    def error_text(self, error: of.Message) -> str:
        """Return the name of an ERROR message, `OFPBAC_BAD_OUT_PORT`."""
        shown = self._execute(["ofp-print", "-"], error.encoded().hex()).stdout.splitlines()
        return shown[0].rpartition(": ")[2] if shown else "an unknown error"

    def _run(
        self, relay: _Relay, command: t.Sequence[str], arguments: t.Sequence[str], text: str
    ) -> subprocess.CompletedProcess[str]:
        spoken = f"OpenFlow{of.VERSIONS[self._switch.version].replace('.', '')}"
        done = self._execute(["-O", spoken, *command, f"unix:{relay.path}", *arguments], text)
        if relay.error is not None:
            raise relay.error
        return done

    def _execute(self, arguments: t.Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        try:
            return _programs.run([PROGRAM, *arguments], text, timeout=self._timeout)
        except subprocess.TimeoutExpired as exc:
            raise OperationError(
                f"{PROGRAM} took more than {self._timeout:g} s.", hint="Raise the option timeout."
            ) from exc


def _plain(stderr: str) -> str:
    """Return what the program said, without its name and the date."""
    return _LOGGED.sub("", stderr).strip().removeprefix(f"{PROGRAM}: ") or "it gave no reason"


class _Relay(socketserver.ThreadingUnixStreamServer):
    """The socket that stands in the bridge's place while the program runs.

    :param shown: entries by kind, to be shown instead of the bridge's own.
    """

    def __init__(self, switch: Switch, shown: t.Mapping[int, t.Sequence[bytes]]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="evergreen-")
        self.path = Path(self._folder.name) / "relay"
        super().__init__(str(self.path), socketserver.BaseRequestHandler)
        self._switch = switch
        self._shown = shown
        self.kept: list[of.Message] = []
        self.error: VirtError | None = None

    def __enter__(self) -> _Relay:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_skipped: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
        self._folder.cleanup()

    def finish_request(self, request: t.Any, client_address: t.Any) -> None:  # noqa: ARG002 (what socketserver calls)
        """Answer one connection up to its end; the program has several, and uses one at a time."""
        try:
            self._converse(request)
        except VirtError as exc:
            self.error = exc

    def _converse(self, stream: socket.socket) -> None:
        with contextlib.suppress(ConnectionError):  # the program ends as soon as it has what it wants
            send(stream, of.hello(0, [self._switch.version]))
            while True:
                message = receive(stream)
                if message is None:
                    return
                send(stream, *self._answers(message))

    def _answers(self, message: of.Message) -> list[of.Message]:
        if message.type == of.BUNDLE_ADD:
            self.kept.append(of.unbundled(message.body))
        if message.type in (of.HELLO, of.BUNDLE_ADD):
            return []
        if message.type == of.BUNDLE_CONTROL:
            return [dataclasses.replace(message, body=of.bundle_reply(message.body))]
        if message.type in (of.BARRIER_REQUEST, of.ECHO_REQUEST):
            return [dataclasses.replace(message, type=message.type + 1)]
        if message.type == of.MULTIPART_REQUEST and (kind := of.part(message.body)[0]) in self._shown:
            bodies = of.parts(kind, self._shown[kind])
            return [dataclasses.replace(message, type=of.MULTIPART_REPLY, body=body) for body in bodies]
        return self._switch.ask(message)
