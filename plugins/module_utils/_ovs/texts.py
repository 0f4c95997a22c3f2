# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: dictionaries as OVSDB stores them, where all values are text."""

from __future__ import annotations

import typing as t

from .._errors import InvalidInputError


def texts(value: t.Mapping[str, t.Any], path: str) -> dict[str, str | None]:
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
