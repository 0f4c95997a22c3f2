# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Labels and policy of a VM: one element of ours in the VM's own `<metadata>`, so that they travel with it.

The element's text is JSON, `{"labels": {...}, "policy": {...}}`; `policy` holds only what somebody named. The running
VM and its definition have a `<metadata>` each: write both (virDomainSetMetadata with LIVE and CONFIG).
"""

from __future__ import annotations

import json
import typing as t
from xml.etree import ElementTree as ET

from .._facts import EVACUATION_MODES, Policy
from .option import Group, LiveStep, Option, Scalar
from .tree import Element, ensure, serialize

NAMESPACE = "urn:evergreen.virt:vm:1"
PREFIX = "evergreen"
_TAG = f"{{{NAMESPACE}}}vm"

ET.register_namespace(PREFIX, NAMESPACE)


def content(root: Element) -> tuple[dict[str, str], dict[str, t.Any]]:
    """Return labels and policy as somebody named them; what is not ours or cannot be read counts as empty.

    :param root: the `<domain>` element.
    """
    labels, policy = _parsed(root)
    return (
        {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {},
        policy if isinstance(policy, dict) else {},
    )


def _parsed(root: Element) -> tuple[t.Any, t.Any]:
    """Return labels and policy, which may be anything: whoever may edit the VM may have written them."""
    found = root.find(f"metadata/{_TAG}")
    try:
        data = json.loads((found.text or "").strip() or "{}") if found is not None else {}
    except ValueError:
        data = None
    return (data.get("labels", {}), data.get("policy", {})) if isinstance(data, dict) else (None, None)


def meant(root: Element) -> dict[str, t.Any]:
    """Return what somebody named of the policy, without what cannot be meant (`problems`).

    :param root: the `<domain>` element.
    """
    return _without_wrong(content(root)[1])


def problems(root: Element) -> list[str]:
    """Return what of the policy cannot be meant, one sentence each: the VM must not move as if it had not been said.

    :param root: the `<domain>` element.
    """
    policy = _parsed(root)[1]
    if not isinstance(policy, dict):
        return ["its policy in its metadata cannot be read: set its labels and policy again."]
    return [
        f"its policy in its metadata has {policy[name]!r:.80} as '{name}', which is no {_SAID[_KINDS[name]]}: set it again."
        for name in _wrong(policy)
    ]


def _wrong(policy: t.Mapping[str, t.Any]) -> list[str]:
    return [name for name, kind in _KINDS.items() if policy.get(name) is not None and not _is(policy[name], kind)]


def _without_wrong(policy: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    wrong = _wrong(policy)
    return {name: value for name, value in policy.items() if value is not None and name not in wrong}


def read(root: Element) -> tuple[dict[str, str], Policy]:
    """Return the labels and the policy of a VM, the policy completed with its defaults.

    :param root: the `<domain>` element.
    """
    labels, policy = content(root)
    return labels, Policy.from_dict(_without_wrong(policy))


def text(labels: t.Mapping[str, str], policy: t.Mapping[str, t.Any]) -> str:
    """Return the XML that virDomainSetMetadata takes; its `key` is PREFIX and its `uri` NAMESPACE.

    The prefix is left out: libvirt puts its own in front of what it is given.
    """
    element = ET.Element("vm")
    element.text = _json(labels, policy)
    return serialize(element)


def _json(labels: t.Mapping[str, str], policy: t.Mapping[str, t.Any]) -> str:
    return json.dumps({"labels": dict(labels), "policy": dict(policy)}, sort_keys=True)


def _write(root: Element, labels: t.Mapping[str, str], policy: t.Mapping[str, t.Any]) -> None:
    element = ensure(ensure(root, "metadata"), _TAG)
    element.text = _json(labels, policy)


def _step(running: Element) -> LiveStep:
    return LiveStep("metadata", text(*content(running)))


def _put_labels(root: Element, value: dict[str, t.Any]) -> None:
    _write(root, {str(key): str(label) for key, label in value.items()}, content(root)[1])


def _labels_problem(value: dict[str, t.Any]) -> str | None:
    empty = [key for key, label in value.items() if label is None]
    return f"{empty[0]!r} has no value; leave it out, all labels are named at once" if empty else None


def _same_labels(current: dict[str, str], wanted: dict[str, t.Any]) -> bool:
    return current == {str(key): str(value) for key, value in wanted.items()}


def _is(value: t.Any, kind: str) -> bool:
    if kind == "list":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value).__name__ == kind  # a bool is an int to isinstance


def _same_set(current: t.Any, wanted: t.Any) -> bool:
    known = [] if current is None else current
    return sorted(known) == sorted(wanted) if _is(known, "list") and _is(wanted, "list") else bool(known == wanted)


def _same_value(current: t.Any, wanted: t.Any) -> bool:
    return type(current) is type(wanted) and bool(current == wanted)  # 1 is written anew as true


def _policy(name: str, **kind: t.Any) -> Scalar:
    """Declare one key of the policy."""

    def put(root: Element, value: t.Any) -> None:
        labels, policy = content(root)
        _write(root, labels, {**policy, name: value})

    same = _same_set if kind["type"] == "list" else _same_value
    return Scalar(name, kind, lambda root: content(root)[1].get(name), put, same=same, step=_step)


_POLICY = (
    _policy("evacuation", type="str", choices=list(EVACUATION_MODES)),
    _policy("anti_affinity", type="list", elements="str"),
    _policy("affinity", type="list", elements="str"),
    _policy("priority", type="int"),
    _policy("max_downtime_ms", type="int"),
    _policy("post_copy", type="bool"),
    _policy("hosts", type="list", elements="str"),
)

_KINDS = {option.name: str(option.kind["type"]) for option in _POLICY}
_SAID = {"str": "text", "int": "whole number", "bool": "true or false", "list": "list of texts"}

OPTIONS: tuple[Option, ...] = (
    Scalar(
        "labels",
        {"type": "dict"},
        lambda root: content(root)[0] or None,
        _put_labels,
        same=lambda current, wanted: _same_labels(current or {}, wanted),
        problem=_labels_problem,
        step=_step,
    ),
    Group("policy", _POLICY),
)
