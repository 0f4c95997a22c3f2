# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Texts that come back from libvirt as they were given.

A character that XML does not know cannot be written at all; a line break in an attribute is written by libvirt as it
is, so that whoever reads it gets a space.
"""

from __future__ import annotations

import itertools
import typing as t

from .._errors import InvalidInputError


def check_xml(option: str, value: t.Any) -> None:
    """Raise InvalidInputError if a text, or one inside of lists and dictionaries, holds what XML does not keep.

    :param option: its name. The text itself is not told: it may be a secret.
    """
    for character in itertools.chain.from_iterable(_texts(value)):
        if not _is_xml(character):
            raise InvalidInputError(f"{option}: it holds {character!r}, a character that XML does not allow.")


def check_lines(option: str, value: t.Any) -> None:
    """Raise InvalidInputError also for a carriage return, which XML takes for a line break."""
    check_xml(option, value)
    if any("\r" in text for text in _texts(value)):
        raise InvalidInputError(f"{option}: it holds a carriage return, which libvirt does not keep.")


def check_line(option: str, value: t.Any) -> None:
    """Raise InvalidInputError also for a line break or a tab, for a text that libvirt keeps in an attribute."""
    check_xml(option, value)
    if any(character in "\t\r\n" for character in itertools.chain.from_iterable(_texts(value))):
        raise InvalidInputError(f"{option}: it holds a line break or a tab, which libvirt does not keep.")


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def _is_xml(character: str) -> bool:
    """https://www.w3.org/TR/xml/#charsets"""
    return (
        character in "\t\n\r"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character > "\uffff"
    )
