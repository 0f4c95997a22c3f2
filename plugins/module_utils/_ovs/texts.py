# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the options that a user named, as OVSDB stores them: in its dictionaries all values are text."""

from __future__ import annotations

import re
import typing as t

from .._errors import InvalidInputError
from .column import Column

TARGET = re.compile(r"(ssl|tcp|unix|pssl|ptcp|punix):\S+")
"""How managers and controllers are named: where to connect to, or where to listen (ovsdb(7))."""
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


def named_values(columns: t.Iterable[Column], options: t.Mapping[str, t.Any], prefix: str) -> dict[str, t.Any]:
    """Return the options that the user named, as `Column.read` returns them.

    :param prefix: what errors put before an option's name.
    """
    named = {column: options[column.option] for column in columns if options.get(column.option) is not None}
    return {column.option: _stored(column, value, f"{prefix}{column.option}") for column, value in named.items()}


def _stored(column: Column, value: t.Any, path: str) -> t.Any:
    if isinstance(value, dict):
        return {storable(str(key), path): _text(item, f"{path}.{key}") for key, item in value.items()}
    for item in value if isinstance(value, list) else [value]:
        storable(str(item), path)
    return column.normal(value)


def _text(value: t.Any, path: str) -> str | None:
    """Return a value of a map as OVSDB stores it: as text. A key without value is one to remove."""
    if value is None or isinstance(value, str):
        return value and storable(value, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise InvalidInputError(f"{path} must be one text, number or truth value, not {type(value).__name__}.")


def storable(text: str, path: str) -> str:
    """Return a text that OVSDB can store: the server hangs up on others.

    :raises InvalidInputError: for one that has a NUL, or half of a character.
    """
    if _UNSTORABLE.search(text):
        raise InvalidInputError(f"{path}: {text!r} has a character that Open vSwitch cannot store.")
    return text
