# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The connection to an OVSDB server: the only place that knows how the IDL of python3-openvswitch works.

Source: RFC 7047, and ovs/python/ovs/db/idl.py of Open vSwitch 3.1 and 3.5.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import typing as t
from pathlib import Path
from uuid import UUID

from .._deps import Dependency
from .._errors import (
    DeadlineError,
    InvalidInputError,
    OperationError,
    UnavailableError,
    UnsupportedError,
)
from .._wait import Deadline
from .writer import Writer

OVS = Dependency("ovs", "the Open vSwitch Python library (Debian package python3-openvswitch)")
with OVS.importing():
    import ovs.db.data
    import ovs.db.error
    import ovs.db.idl
    import ovs.jsonrpc
    import ovs.poller
    import ovs.stream

DATABASE = "Open_vSwitch"

Columns = t.Mapping[str, t.Sequence[str]]
"""Table -> columns."""


def joined(*wanted: Columns) -> Columns:
    """Return all columns that some of these have."""
    tables = dict.fromkeys(table for columns in wanted for table in columns)
    return {
        table: list(dict.fromkeys(name for columns in wanted for name in columns.get(table, ()))) for table in tables
    }


@dataclasses.dataclass(frozen=True)
class Remote:
    """How the server is reached; the fields are the options of the group `OVSDB`."""

    database: str = "unix:/run/openvswitch/db.sock"
    private_key: str | None = None
    certificate: str | None = None
    ca_certificate: str | None = None
    timeout: float = 10.0

    @classmethod
    def of(cls, params: t.Mapping[str, t.Any]) -> Remote:
        """Take the options of the group `OVSDB` out of a task's options."""
        return cls(**{field.name: params[field.name] for field in dataclasses.fields(cls)})

    def check(self) -> None:
        """Raise InvalidInputError for what cannot be an OVSDB server's address."""
        method, colon, rest = self.database.partition(":")
        if method not in ("unix", "tcp", "ssl") or not colon or not rest or "," in rest:
            raise InvalidInputError(
                f"database '{self.database}' is no address of an OVSDB server.",
                hint="Write unix:PATH, tcp:ADDRESS:PORT or ssl:ADDRESS:PORT.",
            )
        if method != "ssl":
            return
        for option in ("private_key", "certificate", "ca_certificate"):
            path = getattr(self, option)
            if path is None or not Path(path).is_file():
                raise InvalidInputError(
                    f"database '{self.database}' needs the option {option}, the path of a file on this host,"
                    f" and it is {'not set' if path is None else f'{path}, which is no file'}.",
                    hint="Set private_key, certificate and ca_certificate.",
                )


def _block(deadline: Deadline, *waiters: t.Callable[[t.Any], None]) -> None:
    """Sleep until one of the waiters has something to do, at most until the deadline."""
    poller = ovs.poller.Poller()
    for wait in waiters:
        wait(poller)
    poller.timer_wait(max(1, int(deadline.remaining * 1000)))
    poller.block()


def _silent(remote: Remote) -> UnavailableError:
    return UnavailableError(
        f"the OVSDB server at {remote.database} did not answer within {remote.timeout:g} s.",
        hint="Check that ovsdb-server runs and that this is its socket, or raise the option timeout.",
        database=remote.database,
    )


def _unreachable(remote: Remote, reason: str) -> UnavailableError:
    return UnavailableError(
        f"cannot talk to an OVSDB server at {remote.database}: {reason}.",
        hint="Check that ovsdb-server runs, that the option database names its socket, and that this user may use it.",
        database=remote.database,
    )


def _fetch_schema(remote: Remote, deadline: Deadline) -> dict[str, t.Any]:
    """Return the database's schema as JSON (RFC 7047, 4.1.2), and thereby prove that an OVSDB server answers."""
    try:
        error, stream = ovs.stream.Stream.open_block(
            ovs.stream.Stream.open(remote.database), int(deadline.remaining * 1000)
        )
    except (OSError, ValueError, OverflowError) as exc:  # ssl.SSLError is an OSError; the others mean a bad port
        raise _unreachable(remote, str(exc).rstrip(".")) from exc
    if error:
        raise _unreachable(remote, os.strerror(error))
    connection = ovs.jsonrpc.Connection(stream)
    try:
        reply = _call(remote, connection, ovs.jsonrpc.Message.create_request("get_schema", [DATABASE]), deadline)
    finally:
        stream.close()
    if reply.type != ovs.jsonrpc.Message.T_REPLY:
        raise UnavailableError(f"the OVSDB server at {remote.database} has no database {DATABASE}: {reply.error}.")
    return dict(reply.result)


def _call(remote: Remote, connection: t.Any, request: t.Any, deadline: Deadline) -> t.Any:
    error = connection.send(request)
    while not error:
        connection.run()
        error, message = connection.recv()
        if message is not None and message.id == request.id:
            return message
        if error == errno.EAGAIN:
            error = 0
            if deadline.expired:
                raise _silent(remote)
            _block(deadline, connection.wait, connection.recv_wait)
    reason = "it closed the connection" if error < 0 else os.strerror(error)
    raise _unreachable(remote, f"{reason} instead of answering as an OVSDB server")


def _select(schema: t.Mapping[str, t.Any], needed: Columns, wanted: Columns) -> dict[str, list[str]]:
    """Return those columns that the schema has.

    :raises UnsupportedError: when a needed one is not there.
    """
    tables = schema["tables"]
    for table, columns in needed.items():
        for column in columns:
            if column not in tables.get(table, {"columns": ()})["columns"]:
                raise UnsupportedError(
                    f"the database {DATABASE} of this host has no column {table}.{column}"
                    f" (schema version {schema.get('version', 'unknown')}).",
                    hint="Update Open vSwitch on this host.",
                )
    chosen = {table: list(columns) for table, columns in needed.items()}
    for table, columns in wanted.items():
        if table in tables:
            there = tables[table]["columns"]
            chosen[table] = sorted({*chosen.get(table, ()), *(column for column in columns if column in there)})
    return chosen


class Database:
    """An open connection with a replica of the registered columns."""

    def __init__(self, remote: Remote, idl: t.Any) -> None:
        self._remote = remote
        self._idl = idl

    def rows(self, table: str) -> list[t.Any]:
        """Return the rows of a table, in no particular order; none if the schema lacks the table."""
        return list(self._idl.tables[table].rows.values()) if table in self._idl.tables else []

    def row(self, table: str, uuid: str) -> t.Any:
        """Return the row with that UUID."""
        return self._idl.tables[table].rows[UUID(uuid)]

    def has(self, table: str, column: str) -> bool:
        """Tell whether this host's schema has the column."""
        return table in self._idl.tables and column in self._idl.tables[table].columns

    def check_value(self, table: str, column: str, value: t.Any) -> None:
        """Raise InvalidInputError if the column's type does not allow the value."""
        try:
            ovs.db.data.Datum.from_python(self._idl.tables[table].columns[column].type, value, lambda item: item)
        except ovs.db.error.Error as exc:
            raise InvalidInputError(f"{table}.{column} cannot be {value!r}: {exc}.") from exc

    @property
    def age(self) -> int:
        """A number that stays the same as long as the replica does."""
        return int(self._idl.change_seqno)

    @property
    def root(self) -> t.Any:
        """The one row of the table Open_vSwitch.

        :raises UnavailableError: when the database was never initialised.
        """
        for row in self.rows(DATABASE):
            return row
        raise UnavailableError(
            f"the database at {self._remote.database} has no row in the table {DATABASE}: it was never initialised.",
            hint="Start Open vSwitch by its service, which does that (ovs-vsctl init).",
        )

    def transact(self, comment: str, write: t.Callable[[Writer], None], *, wait: bool = True) -> bool:
        """Commit one transaction and wait until ovs-vswitchd has applied it.

        :param comment: what the database's log shows for it.
        :param write: makes the changes; what it raises aborts the transaction.
        :param wait: False for what is meant for an ovs-vswitchd that is yet to be started.
        :returns: False if somebody else changed the same rows at the same time, or the connection was lost and is back: read again,
            and decide anew.
        :raises OperationError: when the server refuses; nothing was changed then.
        :raises DeadlineError: when ovs-vswitchd did not apply it in time; the database has it then.
        """
        deadline, seen = Deadline(self._remote.timeout), self.age
        transaction = ovs.db.idl.Transaction(self._idl)
        transaction.add_comment(comment)
        try:
            writer = Writer(transaction, self._idl.tables)
            write(writer)
            writer.finish()
            self.root.increment("next_cfg")
        except BaseException:
            transaction.abort()
            raise
        status = self._commit(transaction, deadline)
        if status == transaction.TRY_AGAIN:
            if not self._wait(lambda: self.age != seen, deadline):  # else nothing new would be read
                raise _silent(self._remote)
            return False
        if status not in (transaction.SUCCESS, transaction.UNCHANGED):
            raise OperationError(f"the OVSDB server refused the change: {transaction.get_error()}.", comment=comment)
        if status == transaction.SUCCESS and wait:
            self.wait_applied(transaction.get_increment_new_value())
        return True

    def _commit(self, transaction: t.Any, deadline: Deadline) -> str:
        status = transaction.commit()
        while status == transaction.INCOMPLETE:
            if deadline.expired:
                raise _silent(self._remote)
            self._idl.run()
            status = transaction.commit()
            if status == transaction.INCOMPLETE:
                _block(deadline, self._idl.wait, transaction.wait)
        return str(status)

    def wait_applied(self, configuration: int | None = None) -> None:
        """Wait until ovs-vswitchd has applied a configuration: `cur_cfg` has reached it.

        :param configuration: a value of `next_cfg`; by default the newest one.
        :raises DeadlineError: when the time is over.
        """
        wanted = self.root.next_cfg if configuration is None else configuration
        if not self._wait(lambda: self.root.cur_cfg >= wanted, Deadline(self._remote.timeout)):
            raise DeadlineError(
                f"ovs-vswitchd has not applied the configuration within {self._remote.timeout:g} s: it is at"
                f" {self.root.cur_cfg} and the database at {self.root.next_cfg}. The database holds the change.",
                hint="Check that ovs-vswitchd runs (systemctl status ovs-vswitchd), then run the task again.",
                cur_cfg=self.root.cur_cfg,
                next_cfg=self.root.next_cfg,
            )

    def _wait(self, condition: t.Callable[[], bool], deadline: Deadline) -> bool:
        while not condition():
            if deadline.expired:
                return False
            self._idl.run()
            if not condition():
                _block(deadline, self._idl.wait)
        return True


@contextlib.contextmanager
def connect(remote: Remote, *, needed: Columns, wanted: Columns) -> t.Iterator[Database]:
    """Open one connection for the length of the body.

    :param needed: columns without which the task makes no sense.
    :param wanted: columns that an older schema may lack (`Database.has`).
    :raises InvalidInputError: when the address cannot be one.
    :raises UnavailableError: when no OVSDB server answers there in time.
    :raises UnsupportedError: when the schema lacks a needed column.
    """
    remote.check()
    if remote.database.startswith("ssl:"):
        ovs.stream.Stream.ssl_set_private_key_file(remote.private_key)
        ovs.stream.Stream.ssl_set_certificate_file(remote.certificate)
        ovs.stream.Stream.ssl_set_ca_cert_file(remote.ca_certificate)
    deadline = Deadline(remote.timeout)
    schema = _fetch_schema(remote, deadline)
    helper = ovs.db.idl.SchemaHelper(schema_json=schema)
    for table, columns in _select(schema, needed, wanted).items():
        helper.register_columns(table, columns)
    idl = ovs.db.idl.Idl(remote.database, helper, probe_interval=0)
    try:
        while not idl.has_ever_connected():
            if deadline.expired:
                raise _silent(remote)
            idl.run()
            if not idl.has_ever_connected():
                _block(deadline, idl.wait)
        yield Database(remote, idl)
    finally:
        idl.close()
