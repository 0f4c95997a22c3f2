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

import typing as t

from .._errors import InvalidInputError


def check_xml(value: t.Any) -> None:
    """Raise InvalidInputError if a text, or one inside of lists and dictionaries, holds what XML does not allow."""
    for text in _texts(value):
        if not all(_is_xml(character) for character in text):
            raise InvalidInputError(f"{text!r} holds a character that XML does not allow.")


def check_line(option: str, value: t.Any) -> None:
    """Raise InvalidInputError if a value that libvirt keeps in an attribute has a line break or a tab.

    :param option: its name, for the message.
    """
    check_xml(value)
    for text in _texts(value):
        if any(character in "\t\r\n" for character in text):
            raise InvalidInputError(f"{option}: {text!r} holds a line break or a tab, which libvirt does not keep.")


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
