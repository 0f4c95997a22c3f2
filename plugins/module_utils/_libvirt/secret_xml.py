# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A secret's options <-> its XML, and what to do about it. Pure.

Source: https://libvirt.org/formatsecret.html
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import typing as t
from xml.etree.ElementTree import SubElement

from .._changes import HIDDEN, HIDDEN_NEW, Change, ChangeSet
from .._domain_xml import tree
from .._domain_xml.identity import normal_uuid
from .._domain_xml.texts import check_line, check_lines
from .._domain_xml.tree import Element
from .._errors import ConflictError, InvalidInputError
from .lifecycle import difference

USAGES = {"ceph": "name", "iscsi": "target", "tls": "name", "volume": "volume", "vtpm": "name"}
"""What a secret is for -> the element that holds the name of its use."""

UPDATES = ("on_create", "always")
ENCODINGS = ("text", "base64")
_FLAGS = ("private", "ephemeral")


@dataclasses.dataclass(frozen=True)
class Current:
    """A secret as it is.

    :param value: None if it has none, or if it is private: nobody can read it.
    """

    root: Element
    value: bytes | None = None

    @property
    def private(self) -> bool:
        """Whether nobody can read its value."""
        return self.root.get("private") == "yes"


@dataclasses.dataclass(frozen=True)
class Plan:
    """The steps, in the order of the fields."""

    changes: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    define: str | None = None
    value: bytes | None = dataclasses.field(default=None, repr=False)
    undefine: bool = False


def options(root: Element) -> dict[str, t.Any]:
    """Return the secret's options as the user writes them; what is not set is missing."""
    usage = tree.attribute(root, "usage", "type")
    found: dict[str, t.Any] = {
        "usage": usage,
        "usage_id": root.findtext(f"usage/{USAGES[usage]}") if usage in USAGES else None,
        "description": root.findtext("description"),
        **{flag: root.get(flag) == "yes" for flag in _FLAGS},
    }
    return {name: value for name, value in found.items() if value is not None}


def check(params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError for what cannot be meant, before anything is looked at."""
    normal_uuid(params["uuid"])
    if params["usage_id"] is not None:
        check_line("usage_id", params["usage_id"])
        if not params["usage_id"]:
            raise InvalidInputError("usage_id is empty.")
        if params["usage"] == "volume" and not params["usage_id"].startswith("/"):
            raise InvalidInputError(f"usage_id: {params['usage_id']!r} is not the absolute path of a volume.")
    check_lines("description", params["description"])
    value_of(params)


def value_of(params: t.Mapping[str, t.Any]) -> bytes | None:
    """Return the value's bytes, None if none is named; errors do not show it."""
    text = params["value"]
    if text is None:
        return None
    try:
        value = base64.b64decode(text, validate=True) if params["encoding"] == "base64" else text.encode()
    except (binascii.Error, ValueError) as exc:
        raise InvalidInputError(f"{described(params)}: its value is not {params['encoding']}.") from exc
    if not value:
        raise InvalidInputError(f"{described(params)}: libvirt keeps no empty value.")
    return t.cast(bytes, value)


def described(params: t.Mapping[str, t.Any]) -> str:
    """Return how messages call the secret."""
    if params["usage"] is None:
        return f"secret {params['uuid']}"
    return f"{params['usage']} secret '{params['usage_id']}'"


def plan(params: t.Mapping[str, t.Any], current: Current | None) -> Plan:
    """Return what to do.

    :raises ConflictError: when the secret differs in what libvirt does not change.
    """
    if params["state"] == "absent":
        gone = ChangeSet.of(Change("state", "present", "absent"))
        return Plan() if current is None else Plan(gone, undefine=True)
    before = Element("secret", dict.fromkeys(_FLAGS, "no")) if current is None else current.root
    after = _updated(before, params)
    if current is not None:
        _check_unchangeable(params, current, options(after))
    state = ChangeSet() if current is not None else ChangeSet.of(Change("state", "absent", "present"))
    changes = state + difference({} if current is None else options(before), options(after))
    value = _value_change(params, current)
    return Plan(
        changes=changes + ChangeSet.of(*value),
        define=tree.serialize(after) if changes else None,
        value=value_of(params) if value else None,
    )


def _updated(root: Element, params: t.Mapping[str, t.Any]) -> Element:
    """Return a copy of the `<secret>` with the options of a task written into it; what is None stays as it is."""
    copy = tree.copied(root)
    if params["uuid"] is not None:
        tree.set_text(copy, "uuid", normal_uuid(params["uuid"]) or "")
    for flag in _FLAGS:
        if params[flag] is not None:
            copy.set(flag, "yes" if params[flag] else "no")
    if params["description"] is not None:
        tree.set_text(copy, "description", params["description"])
    if params["usage"] is not None and copy.find("usage") is None:
        usage = SubElement(copy, "usage", type=params["usage"])
        SubElement(usage, USAGES[params["usage"]]).text = params["usage_id"]
    return copy


def _check_unchangeable(params: t.Mapping[str, t.Any], current: Current, after: t.Mapping[str, t.Any]) -> None:
    has = options(current.root)
    named = {name: params[name] for name in ("usage", "usage_id") if params[name] is not None}
    if any(has.get(name) != value for name, value in named.items()):
        used_for = f"{has['usage']} '{has['usage_id']}'" if "usage" in has else "nothing in particular"
        raise ConflictError(
            f"secret {current.root.findtext('uuid')} is for {used_for}, and libvirt does not change that.",
            hint="Remove it first (state: absent), or name another uuid.",
        )
    if current.private and not after["private"]:
        raise ConflictError(
            f"{described(params)} is private, and libvirt never makes a private secret readable.",
            hint="Remove it first (state: absent).",
        )


def _value_change(params: t.Mapping[str, t.Any], current: Current | None) -> list[Change]:
    """A private value cannot be compared: it is written when the user says so."""
    value = value_of(params)
    if value is None:
        return []
    if current is None:
        return [Change("value", None, HIDDEN)]
    if current.private:
        return [Change("value", HIDDEN, HIDDEN_NEW)] if params["update_value"] == "always" else []
    if current.value == value:
        return []
    return [Change("value", None if current.value is None else HIDDEN, HIDDEN_NEW)]
