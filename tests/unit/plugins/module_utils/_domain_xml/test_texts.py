# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that libvirt keeps, and those that it does not."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.texts import check_line, check_lines, check_xml
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

CHECKS = (check_xml, check_lines, check_line)


@pytest.mark.parametrize(
    ("text", "refused_by"),
    [
        ("plain <&> ]]> '\" \u00fc\U0001f600", ()),
        ("", ()),
        ("a\nb", (check_line,)),
        ("a\tb", (check_line,)),
        ("a\rb", (check_line, check_lines)),
        *((f"a{character}b", CHECKS) for character in "\x00\x01\x1f\ud800\udfff\ufffe\uffff"),
    ],
)
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("inside", [lambda text: text, lambda text: [{"a": text}], lambda text: {text: 1}])
def test_texts(
    check: t.Callable[[str, t.Any], None],
    text: str,
    refused_by: tuple[t.Any, ...],
    inside: t.Callable[[str], t.Any],
) -> None:
    if check not in refused_by:
        check("option", inside(text))
        return
    with pytest.raises(InvalidInputError, match="option: it holds") as caught:
        check("option", inside(text))
    assert "a" + text[1] + "b" not in caught.value.message


@pytest.mark.parametrize("value", [None, 1, True, [], {"a": [None, 2]}])
def test_what_is_no_text_is_left_to_others(value: t.Any) -> None:
    for check in CHECKS:
        check("option", value)
