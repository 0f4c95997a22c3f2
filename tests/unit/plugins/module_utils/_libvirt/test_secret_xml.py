# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets: options <-> XML, and what is done about the value."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import secret_xml
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.secret_xml import Current, Plan, check, plan

Params = dict[str, t.Any]
UUID = "6a4e2b1e-5d0c-4b8e-9a3f-0c1d2e3f4a5b"
NOTHING: Params = {
    "usage": "ceph",
    "usage_id": "client",
    "uuid": None,
    "state": "present",
    "description": None,
    "private": None,
    "ephemeral": None,
    "value": None,
    "encoding": "text",
    "update_value": "on_create",
}
READABLE = f"""
<secret ephemeral='no' private='no'>
  <uuid>{UUID}</uuid>
  <description>old</description>
  <usage type='ceph'>
    <name>client</name>
  </usage>
</secret>"""
PRIVATE = READABLE.replace("private='no'", "private='yes'")


def current(xml: str = READABLE, value: bytes | None = None) -> Current:
    return Current(parse(xml), value)


def test_options_of_a_real_secret() -> None:
    assert secret_xml.options(parse(READABLE)) == {
        "usage": "ceph",
        "usage_id": "client",
        "description": "old",
        "private": False,
        "ephemeral": False,
    }


@pytest.mark.parametrize(
    ("wanted", "found", "before", "after", "value"),
    [
        ({}, current(), {}, {}, None),
        ({"uuid": UUID.upper()}, current(), {}, {}, None),
        ({"description": "old"}, current(), {}, {}, None),
        ({"description": "new"}, current(), {"description": "old"}, {"description": "new"}, None),
        ({"description": ""}, current(), {"description": "old"}, {"description": None}, None),
        ({"private": True}, current(), {"private": False}, {"private": True}, None),
        ({"ephemeral": True}, current(), {"ephemeral": False}, {"ephemeral": True}, None),
        ({"value": "x"}, current(), {"value": None}, {"value": "(hidden, another one)"}, b"x"),
        ({"value": "x"}, current(value=b"x"), {}, {}, None),
        ({"value": "x"}, current(value=b"y"), {"value": "(hidden)"}, {"value": "(hidden, another one)"}, b"x"),
        ({"value": "eA==", "encoding": "base64"}, current(value=b"x"), {}, {}, None),
        ({"value": "x"}, current(PRIVATE), {}, {}, None),
        (
            {"value": "x", "update_value": "always"},
            current(PRIVATE),
            {"value": "(hidden)"},
            {"value": "(hidden, another one)"},
            b"x",
        ),
        ({"value": "x", "update_value": "always"}, current(value=b"x"), {}, {}, None),
    ],
)
def test_change(wanted: Params, found: Current, before: Params, after: Params, value: bytes | None) -> None:
    todo = plan({**NOTHING, **wanted}, found)
    assert todo.changes.diff() == {"before": before, "after": after}
    assert todo.value == value
    assert (todo.define is not None) == bool(set(after) - {"value"})
    assert not todo.undefine
    if todo.define is not None:
        assert not plan({**NOTHING, **wanted}, current(todo.define, value)).changes


def test_what_is_not_named_is_kept() -> None:
    todo = plan({**NOTHING, "private": True}, current())
    assert todo.define is not None
    root = parse(todo.define)
    assert (root.findtext("uuid"), root.findtext("description"), root.get("ephemeral")) == (UUID, "old", "no")


def test_a_new_secret() -> None:
    todo = plan({**NOTHING, "usage": "volume", "usage_id": "/a", "value": "x"}, None)
    assert todo.changes.diff()["after"] == {
        "state": "present",
        "usage": "volume",
        "usage_id": "/a",
        "private": False,
        "ephemeral": False,
        "value": "(hidden)",
    }
    assert todo.value == b"x"
    assert todo.define is not None
    assert parse(todo.define).findtext("usage/volume") == "/a"
    assert parse(todo.define).find("uuid") is None


def test_a_value_is_not_part_of_what_a_plan_shows() -> None:
    assert "hush" not in repr(plan({**NOTHING, "value": "hush"}, None))


def test_absent() -> None:
    gone = {**NOTHING, "state": "absent"}
    assert plan(gone, None) == Plan()
    assert plan(gone, current()).undefine


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        ({"private": False}, PRIVATE, "never makes a private secret readable"),
        ({"usage": "tls"}, READABLE, "is for ceph 'client'"),
        ({"usage_id": "other"}, READABLE, "is for ceph 'client'"),
        ({}, f"<secret><uuid>{UUID}</uuid></secret>", "is for nothing in particular"),
    ],
)
def test_what_libvirt_does_not_change(wanted: Params, found: str, said: str) -> None:
    with pytest.raises(ConflictError, match=said):
        plan({**NOTHING, "uuid": UUID, **wanted}, current(found))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"uuid": "12"}, "not a UUID"),
        ({"usage_id": ""}, "is empty"),
        ({"usage_id": "a\nb"}, "line break"),
        ({"usage_id": "a\x01b"}, "XML does not allow"),
        ({"description": "a\ud800"}, "XML does not allow"),
        ({"usage": "volume", "usage_id": "vol"}, "absolute path"),
        ({"value": ""}, "no empty value"),
        ({"value": "hush!", "encoding": "base64"}, "its value is not base64"),
        ({"value": "hüsh", "encoding": "base64"}, "its value is not base64"),
    ],
)
def test_what_cannot_be_meant(wanted: Params, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        check({**NOTHING, **wanted})
    assert "sh" not in caught.value.message.replace("shows", "")


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)
WANTED = st.fixed_dictionaries(
    {"usage": st.sampled_from(["ceph", "iscsi", "tls", "vtpm"]), "usage_id": TEXT},
    optional={
        "description": TEXT,
        "private": st.booleans(),
        "ephemeral": st.booleans(),
        "value": TEXT,
        "uuid": st.uuids().map(str),
    },
)


@given(WANTED)
def test_any_secret_converges_in_one_step(wanted: Params) -> None:
    params = {**NOTHING, **wanted}
    check(params)
    first = plan(params, None)
    assert first.define is not None
    root = parse(first.define)
    assert secret_xml.options(root)["usage_id"] == wanted["usage_id"]
    private = root.get("private") == "yes"
    assert plan(params, Current(root, None if private else first.value)) == Plan()
