# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The connection to libvirt, and the only translation of its errors.

Source: https://libvirt.org/html/libvirt-virterror.html
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import typing as t
import urllib.parse

from .._deps import Dependency
from .._domain_xml.texts import check_line
from .._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OperationError,
    UnavailableError,
    UnsupportedError,
    VirtError,
)

LIBVIRT = Dependency("libvirt", "libvirt-python (Debian package python3-libvirt)")
with LIBVIRT.importing():
    import libvirt

OPENS_IN_S = 60.0
"""A daemon that has not opened a connection by then hangs."""

_ERRORS: tuple[tuple[type[VirtError], tuple[str, ...]], ...] = (
    (
        NotFoundError,
        (
            "NO_DOMAIN",
            "NO_NETWORK",
            "NO_STORAGE_POOL",
            "NO_STORAGE_VOL",
            "NO_SECRET",
            "NO_NWFILTER",
            "NO_DOMAIN_METADATA",
        ),
    ),
    (InvalidInputError, ("XML_ERROR", "XML_DETAIL", "XML_INVALID_SCHEMA", "INVALID_ARG", "CONFIG_UNSUPPORTED")),
    (UnsupportedError, ("NO_SUPPORT", "OPERATION_UNSUPPORTED", "ARGUMENT_UNSUPPORTED")),
    (ConflictError, ("OPERATION_INVALID", "DOM_EXIST", "NETWORK_EXIST", "STORAGE_VOL_EXIST", "RESOURCE_BUSY")),
    (UnavailableError, ("NO_CONNECT", "RPC", "SYSTEM_ERROR", "AUTH_FAILED", "INVALID_CONN")),
)


_UNKNOWN_FLAGS = "unsupported flags ("
"""How every driver's answer begins to a flag that it does not know; its code is that of any invalid argument."""


def _error_class(code: int, domain: int, answer: str) -> type[VirtError]:
    if answer.startswith(_UNKNOWN_FLAGS):
        return UnsupportedError
    if code == libvirt.VIR_ERR_SYSTEM_ERROR and domain != libvirt.VIR_FROM_RPC:
        return OperationError  # a system call that failed in the daemon, which itself is well
    for error, names in _ERRORS:
        if code in {getattr(libvirt, f"VIR_ERR_{name}", None) for name in names}:
            return error
    return OperationError


def _answer(error: libvirt.libvirtError) -> str:
    return (error.get_error_message() or str(error)).strip().rstrip(".")


@contextlib.contextmanager
def explaining(what: str, *, hint: str = "") -> t.Iterator[None]:
    """Turn a libvirtError of the body into the collection's own error.

    :param what: what was being done, with the object's name: "define VM 'web'".
    """
    try:
        yield
    except libvirt.libvirtError as exc:
        answer = _answer(exc)
        error = _error_class(exc.get_error_code(), exc.get_error_domain(), answer)
        raise error(f"cannot {what}: libvirt says: {answer}.", hint=hint, libvirt_code=exc.get_error_code()) from exc


_NO_DAEMON = "Check the URI, and that libvirtd (or the driver's own daemon, such as virtqemud) runs."
_NO_DRIVER = "Check the URI; the driver may be a package of its own (Debian's libvirt-daemon-driver-lxc, for example)."


@contextlib.contextmanager
def connect(uri: str, *, opens_in_s: float = OPENS_IN_S) -> t.Iterator[libvirt.virConnect]:
    """Open one connection for the length of the body.

    :param opens_in_s: how long that may take; libvirt itself waits for ever if the daemon hangs.
    :raises InvalidInputError: when no URI can be meant.
    :raises UnavailableError: when libvirt does not answer at `uri`, or not in time.
    """
    check_line("uri", uri)
    libvirt.registerErrorHandler(lambda _context, _error: None, None)  # else libvirt also writes to stderr
    try:
        connection = _opened(uri, opens_in_s)
    except libvirt.libvirtError as exc:
        raise UnavailableError(
            f"cannot connect to libvirt at {uri}: {_answer(exc)}.",
            hint=_NO_DRIVER if exc.get_error_code() == libvirt.VIR_ERR_NO_CONNECT else _NO_DAEMON,
            uri=uri,
        ) from exc
    try:
        with _naming_driver(connection, uri):
            yield connection
    finally:
        with contextlib.suppress(libvirt.libvirtError):
            connection.close()


def _opened(uri: str, seconds: float) -> libvirt.virConnect:
    """Open a connection in a thread of its own, which a daemon that hangs never lets go of.

    :raises UnavailableError: when it does not open in time.
    """
    opened: concurrent.futures.Future[libvirt.virConnect] = concurrent.futures.Future()

    def opens() -> None:
        try:
            opened.set_result(libvirt.open(uri))
        except libvirt.libvirtError as exc:
            opened.set_exception(exc)

    threading.Thread(target=opens, name="open", daemon=True).start()
    try:
        return opened.result(seconds)
    except concurrent.futures.TimeoutError as exc:
        raise UnavailableError(
            f"libvirt at {uri} takes connections and does not answer within {seconds:g} s.",
            hint="It hangs: look at its log on that host, and restart it (running VMs go on).",
            uri=uri,
        ) from exc


def is_remote(connection: libvirt.virConnect) -> bool:
    """Tell whether libvirt runs on another machine than this: its URI (virConnectGetURI) names a server."""
    with explaining("ask libvirt for its URI"):
        return urllib.parse.urlsplit(connection.getURI()).hostname is not None


@contextlib.contextmanager
def _naming_driver(connection: libvirt.virConnect, uri: str) -> t.Iterator[None]:
    """libvirt itself only says that "the connection driver" cannot."""
    try:
        yield
    except UnsupportedError as exc:
        driver = connection.getType()
        message = f"libvirt's driver {driver} at {uri} cannot do this: {exc.message}"
        raise UnsupportedError(message, hint=exc.hint, **{**exc.details, "driver": driver}) from exc
