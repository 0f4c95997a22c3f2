# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A bridge spoken to in OpenFlow: the only place that sends to it and reads from it.

Source: ovs-ofctl(8), "bridge management" and "OpenFlow Connection Methods"; OpenFlow Switch Specification 1.4, 6 and 7.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import re
import socket
import ssl
import typing as t
from pathlib import Path

from .._errors import InvalidInputError, NotFoundError, UnavailableError, UnsupportedError
from . import openflow as of

_BUNDLE_ID = 1
_TARGET = re.compile(r"(?P<method>tcp|ssl):(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\s:\[\]]+):(?P<port>[0-9]+)")


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a bridge listens for controllers.

    :param text: as the user writes it.
    :param context: None without TLS.
    """

    text: str
    host: str
    port: int
    context: ssl.SSLContext | None

    @classmethod
    def of(cls, text: str, private_key: str | None, certificate: str | None, ca_certificate: str | None) -> Target:
        """Read the options.

        :raises InvalidInputError: for what is no such place, or files that are no keys.
        """
        found = _TARGET.fullmatch(text)
        if not found or int(found["port"]) > 0xFFFF:
            raise InvalidInputError(
                f"target '{text}' is no address of a bridge.", hint="Write tcp:ADDRESS:PORT or ssl:ADDRESS:PORT."
            )
        context = None
        if found["method"] == "ssl":
            if not (private_key and certificate and ca_certificate):
                raise InvalidInputError(f"target '{text}' needs private_key, certificate and ca_certificate.")
            context = _context(private_key, certificate, ca_certificate)
        return cls(text, found["host"].strip("[]"), int(found["port"]), context)


def _context(private_key: str, certificate: str, ca_certificate: str) -> ssl.SSLContext:
    """Return how to speak TLS: who is signed by the authority is trusted whatever its name is, as Open vSwitch itself does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.load_verify_locations(ca_certificate)
        context.load_cert_chain(certificate, private_key)
    except OSError as exc:
        raise InvalidInputError(
            f"private_key, certificate and ca_certificate cannot be used: {exc.strerror or exc}."
        ) from exc
    return context


@dataclasses.dataclass(frozen=True)
class Refusal:
    """What the switch did not take.

    :param index: which of the messages, None for the whole.
    :param error: its ERROR message.
    """

    index: int | None
    error: of.Message


def send(stream: socket.socket, *messages: of.Message) -> None:
    """Write messages to a connection."""
    stream.sendall(b"".join(message.encoded() for message in messages))


def receive(stream: socket.socket) -> of.Message | None:
    """Return the next message of a connection, None at its end."""
    header = _exactly(stream, of.HEADER_SIZE)
    body = _exactly(stream, of.length_of(header) - of.HEADER_SIZE) if header else None
    return None if header is None or body is None else of.decoded(header + body)


def _exactly(stream: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return bytes(data)


class Switch:
    """An open connection to one bridge.

    :param version: the OpenFlow version that is spoken, as on the wire.
    """

    def __init__(self, stream: socket.socket, bridge: str) -> None:
        self._stream = stream
        self._bridge = bridge
        self._numbers = itertools.count(1)
        self.version = self._agree()

    def _agree(self) -> int:
        """Return the newest version that both sides speak.

        :raises UnsupportedError: when that has no bundles.
        """
        self._send(of.hello(next(self._numbers)))
        offered = of.offered_versions(self._receive())
        common = offered & set(of.SPOKEN)
        if common:
            return max(common)
        told = ", ".join(of.VERSIONS.get(version, str(version)) for version in sorted(offered))
        raise UnsupportedError(
            f"bridge '{self._bridge}' speaks OpenFlow {told} only; flows are changed all at once from 1.4 on.",
            hint="Add OpenFlow15 (or OpenFlow14) to the option protocols of evergreen.virt.ovs_bridge.",
        )

    def all_of(self, kind: int) -> list[bytes]:
        """Return what the switch replies when asked for all flows, groups or meters, in parts.

        :param kind: `openflow.FLOWS`, `GROUPS` or `METERS`.
        :raises UnsupportedError: when it knows nothing of them.
        """
        answers = self.ask(of.Message(self.version, of.MULTIPART_REQUEST, 0, of.question(self.version, kind)))
        if answers[0].type == of.ERROR:
            what = {of.FLOWS: "flows", of.GROUPS: "groups", of.METERS: "meters", of.PORTS: "ports"}[kind]
            raise UnsupportedError(f"bridge '{self._bridge}' does not tell its {what}.")
        return [of.part(answer.body)[2] for answer in answers]

    def ask(self, message: of.Message) -> list[of.Message]:
        """Send a question under a number of its own, and return the answers, which all have that of the question."""
        asked = dataclasses.replace(message, xid=next(self._numbers))
        self._send(asked)
        answers: list[of.Message] = []
        while not answers or (answers[-1].type == of.MULTIPART_REPLY and of.part(answers[-1].body)[1]):
            answer = self._receive()
            if answer.xid == asked.xid:
                answers.append(dataclasses.replace(answer, xid=message.xid))
        return answers

    def commit(self, messages: t.Sequence[of.Message]) -> Refusal | None:
        """Carry out all messages in this order, or none of them, in one bundle."""
        opened = self._control(of.OPEN)
        if opened.type == of.ERROR:
            return Refusal(None, opened)
        numbered = [dataclasses.replace(message, xid=next(self._numbers)) for message in messages]
        self._send(*(of.bundled(_BUNDLE_ID, message) for message in numbered))
        refused = self._until(self._control_request(of.COMMIT))
        positions = {message.xid: index for index, message in enumerate(numbered)}
        for error in refused:
            if error.xid in positions:
                return Refusal(positions[error.xid], error)
        return Refusal(None, refused[0]) if refused else None

    def carry_out(self, messages: t.Sequence[of.Message]) -> Refusal | None:
        """Carry out messages one after the other, up to the first that the switch refuses."""
        for index, message in enumerate(messages):
            numbered = dataclasses.replace(message, xid=next(self._numbers))
            self._send(numbered)
            refused = self._until(of.Message(self.version, of.BARRIER_REQUEST, next(self._numbers)))
            if refused:
                return Refusal(index, refused[0])
        return None

    def _control_request(self, request: int) -> of.Message:
        return of.Message(self.version, of.BUNDLE_CONTROL, next(self._numbers), of.bundle_control(_BUNDLE_ID, request))

    def _control(self, request: int) -> of.Message:
        return self.ask(self._control_request(request))[0]

    def _until(self, last: of.Message) -> list[of.Message]:
        """Send `last`, and return the errors that come up to and with its answer."""
        self._send(last)
        errors = []
        while True:
            answer = self._receive()
            if answer.type == of.ERROR:
                errors.append(answer)
            if answer.xid == last.xid:
                return errors

    def _send(self, *messages: of.Message) -> None:
        with self._told():
            send(self._stream, *messages)

    def _receive(self) -> of.Message:
        """Return the next message that is no question whether this side is alive."""
        with self._told():
            while True:
                message = receive(self._stream)
                if message is None:
                    raise ConnectionResetError("it closed the connection")
                if message.type != of.ECHO_REQUEST:
                    return message
                send(self._stream, dataclasses.replace(message, type=of.ECHO_REPLY))

    @contextlib.contextmanager
    def _told(self) -> t.Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise _unavailable(self._bridge, exc) from exc


def _unavailable(bridge: str, exc: OSError) -> UnavailableError:
    return UnavailableError(
        f"bridge '{bridge}' does not answer to OpenFlow: {exc.strerror or exc}.",
        hint="Check that ovs-vswitchd runs and that the task runs as root (become: true), or raise the option timeout.",
    )


@contextlib.contextmanager
def connect(bridge: str, run_dir: Path, timeout: float) -> t.Iterator[Switch]:
    """Open a bridge's management socket and agree on a version.

    :param run_dir: the folder in which ovs-vswitchd makes its sockets.
    :param timeout: seconds to wait for each answer.
    :raises NotFoundError: when there is no such socket.
    :raises UnavailableError: when nobody answers on it, then and later.
    :raises UnsupportedError: when the bridge speaks no version that has bundles.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(timeout)
        try:
            stream.connect(str(run_dir / f"{bridge}.mgmt"))
        except FileNotFoundError as exc:
            raise NotFoundError(
                f"there is no bridge '{bridge}' in {run_dir}.",
                hint="Make it with evergreen.virt.ovs_bridge, or check that ovs-vswitchd runs.",
            ) from exc
        except OSError as exc:
            raise _unavailable(bridge, exc) from exc
        yield Switch(stream, bridge)


@contextlib.contextmanager
def connect_far(bridge: str, target: Target, timeout: float) -> t.Iterator[Switch]:
    """Open a connection to a bridge that listens for controllers, and agree on a version.

    :raises NotFoundError: when another bridge listens there.
    :raises UnavailableError: when nobody answers, then and later.
    :raises UnsupportedError: when the bridge speaks no version that has bundles.
    """
    try:
        plain = socket.create_connection((target.host, target.port), timeout)
        stream = target.context.wrap_socket(plain) if target.context else plain
    except OSError as exc:
        raise UnavailableError(
            f"nobody answers to OpenFlow at {target.text}: {exc.strerror or exc}.",
            hint="Let the bridge listen there (option controllers of evergreen.virt.ovs_bridge), for ssl with keys that both sides trust.",
        ) from exc
    with stream:
        switch = Switch(stream, bridge)
        names = [of.own_port_name(part) for part in switch.all_of(of.PORTS)]
        if bridge not in names:
            found = next((name for name in names if name), "none that tells its name")
            raise NotFoundError(f"the bridge at {target.text} is '{found}' and not '{bridge}'.")
        yield switch
