# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The exception tree of the collection.

Libraries raise these and nothing else for what a user can meet; `_module.run` and the action plugins turn them
into a failed task. Every error says what is wrong with which object, has a stable code to match on, and a way out.
"""

from __future__ import annotations

import typing as t

Error = t.TypeVar("Error", bound="VirtError")


class VirtError(Exception):
    """Base of all errors.

    :param message: one sentence that names the object and, where it is known, the host.
    :param hint: what the user can do next, one sentence, may be empty.
    :param details: machine-readable context, returned to the user as `error.details`.
    """

    code: t.ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "", **details: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def within(self: Error, prefix: str) -> Error:
        """Return the same error with what it is about before its message: "VM 'web': "."""
        return type(self)(f"{prefix}{self.message}", hint=self.hint, **self.details)

    def as_result(self) -> dict[str, t.Any]:
        """Return the `error` structure of a failed task: `{"code", "message", "hint", "details"}`."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "details": self.details}

    def as_failure(self) -> dict[str, t.Any]:
        """Return what a task of an action plugin that fails with this adds to its result: `{"failed", "msg", "error"}`."""
        return {"failed": True, "msg": str(self), "error": self.as_result()}


class InvalidInputError(VirtError):
    """What the user asked for cannot be meant; nothing was changed."""

    code = "invalid_input"


class MissingDependencyError(VirtError):
    """A Python library or a program that the task needs is not installed on the host."""

    code = "missing_dependency"


class UnavailableError(VirtError):
    """A daemon (libvirtd, ovsdb-server) does not answer, or the connection to it was lost."""

    code = "unavailable"


class NotFoundError(VirtError):
    """The named object does not exist."""

    code = "not_found"


class ConflictError(VirtError):
    """The object is in a state, or in somebody's hands, that forbids the change."""

    code = "conflict"


class UnsupportedError(VirtError):
    """This host's software cannot do what was asked."""

    code = "unsupported"


class OperationError(VirtError):
    """The daemon refused or failed while carrying out a change."""

    code = "operation_failed"


class DeadlineError(VirtError):
    """Something did not happen in the time that was given for it."""

    code = "timeout"


class ImpossiblePlanError(VirtError):
    """No order of moves keeps every rule; `details` says which VM cannot go where and why."""

    code = "impossible_plan"
