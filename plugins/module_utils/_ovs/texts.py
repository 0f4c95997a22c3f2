# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the options that a user named, as OVSDB stores them: in its dictionaries all values are text."""

from __future__ import annotations

import typing as t

from .._errors import InvalidInputError
from . import columns as c


def named_values(columns: t.Iterable[c.Column], options: t.Mapping[str, t.Any], prefix: str) -> dict[str, t.Any]:
    """Return the options that the user named, as `columns.Column.read` returns them.

    :param prefix: what errors put before an option's name.
    """
    named = {column: options[column.option] for column in columns if options.get(column.option) is not None}
    return {
        column.option: _texts(value, f"{prefix}{column.option}") if isinstance(value, dict) else column.normal(value)
        for column, value in named.items()
    }


def _texts(value: t.Mapping[str, t.Any], path: str) -> dict[str, str | None]:
    """Return a map as OVSDB stores it: all text. A key without value is one to remove."""
    return {str(key): _text(item, f"{path}.{key}") for key, item in value.items()}


def _text(value: t.Any, path: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise InvalidInputError(f"{path} must be one text, number or truth value, not {type(value).__name__}.")
