# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A network filter's options <-> its XML. Pure.

Source: https://libvirt.org/formatnwfilter.html
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from xml.etree.ElementTree import SubElement

from .._changes import Change, ChangeSet
from .._domain_xml import filters, tree
from .._domain_xml.identity import check_name
from .._domain_xml.texts import check_line
from .._domain_xml.tree import Element
from .._errors import InvalidInputError
from . import nwfilter_match

ACTIONS = ("accept", "drop", "reject", "return", "continue")
DIRECTIONS = ("in", "out", "inout")
_PRIORITY = 500
"""Of a rule that names none."""

_PRIORITIES = range(-1000, 1001)
_CHAIN = re.compile(r"root|(?=.{3,12}$)(mac|stp|vlan|arp|rarp|ipv4|ipv6)[a-zA-Z0-9_.:-]*")

Params = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do, at most one of it."""

    changes: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    define: str | None = None
    undefine: bool = False


def check(params: Params) -> None:
    """Raise InvalidInputError for what cannot be meant, before anything is looked at."""
    name, chain, priority = params["name"], params["chain"], params["priority"]
    check_name(name, "network filter")
    try:
        _check_filter_name("name", name)
        _check_chain(chain)
        _check_priority("priority", priority)
        for place, rule in enumerate(params["rules"] or ()):
            _check_rule(f"rules[{place}]", rule)
        for place, reference in enumerate(params["references"] or ()):
            _check_reference(f"references[{place}]", name, reference)
    except InvalidInputError as exc:
        raise exc.within(f"network filter '{name}': ") from exc


def _check_filter_name(option: str, name: str) -> None:
    problem = filters.name_problem(name)
    if problem:
        raise InvalidInputError(f"{option}: {problem}.")


def _check_chain(chain: str | None) -> None:
    if chain is not None and not _CHAIN.fullmatch(chain):
        raise InvalidInputError(
            f"chain: {chain!r} is neither root nor at most 12 letters, digits and _.:- that begin with"
            " mac, stp, vlan, arp, rarp, ipv4 or ipv6."
        )


def _check_priority(option: str, value: int | None) -> None:
    if value is not None and value not in _PRIORITIES:
        raise InvalidInputError(f"{option}: {value} is not between -1000 and 1000.")


def _check_rule(where: str, rule: Params) -> None:
    _check_priority(f"{where}.priority", rule["priority"])
    match = rule["match"] or {}
    if rule["protocol"] is None:
        if match or rule["negate"]:
            raise InvalidInputError(f"{where}: match and negate need a protocol.")
        return
    check_line(f"{where}.match", match)
    nwfilter_match.check(where, rule["protocol"], match)


def _check_reference(where: str, name: str, reference: Params) -> None:
    _check_filter_name(f"{where}.filter", reference["filter"])
    if reference["filter"] == name:
        raise InvalidInputError(f"{where}: the filter would include itself.")
    problem = filters.parameters_problem(reference["parameters"] or {})
    if problem:
        raise InvalidInputError(f"{where}.parameters: {problem}.")


def _parameters(reference: Params) -> dict[str, list[str]]:
    """Return the values of each parameter."""
    found = {str(name): filters.values(parameter) for name, parameter in (reference["parameters"] or {}).items()}
    return {name: values for name, values in found.items() if values}


def options(root: Element) -> dict[str, t.Any]:
    """Return the filter's options as the user writes them; what is not set is missing."""
    found = {
        "chain": root.get("chain", "root"),
        "priority": tree.integer(root.get("priority")),
        "rules": [_read_rule(element) for element in root.findall("rule")],
        "references": [_read_reference(element) for element in root.findall("filterref")],
    }
    return {name: value for name, value in found.items() if value is not None}


def _read_rule(element: Element) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {
        "action": element.get("action"),
        "direction": element.get("direction"),
        "priority": int(element.get("priority", _PRIORITY)),
        "state_match": element.get("statematch", "true").lower() not in ("false", "0"),
    }
    if len(element) == 0:
        return found
    attributes = dict(element[0].attrib)
    negate = attributes.pop("match", "yes") == "no"
    return {**found, "protocol": element[0].tag, "negate": negate, "match": attributes}


def _read_reference(element: Element) -> dict[str, t.Any]:
    parameters: dict[str, list[str]] = {}
    for parameter in element.findall("parameter"):
        parameters.setdefault(parameter.get("name", ""), []).append(parameter.get("value", ""))
    return {"filter": element.get("filter"), "parameters": parameters}


def _same_rules(current: t.Sequence[Params], wanted: t.Sequence[Params]) -> bool:
    """Among rules of different priority, libvirt does not care which is written first."""
    return _ordered(current) == _ordered(wanted)


def _ordered(rules: t.Sequence[Params]) -> list[t.Any]:
    return [_meaning(rule) for rule in sorted(rules, key=_priority)]


def _priority(rule: Params) -> int:
    return _PRIORITY if rule.get("priority") is None else int(rule["priority"])


def _meaning(rule: Params) -> tuple[t.Any, ...]:
    match = {
        name: nwfilter_match.canonical(name, nwfilter_match.as_text(value))
        for name, value in (rule.get("match") or {}).items()
    }
    state_match = rule.get("state_match")
    return (
        rule["action"],
        rule["direction"],
        _priority(rule),
        True if state_match is None else state_match,
        rule.get("protocol"),
        bool(rule.get("negate")),
        match,
    )


def _same_references(current: t.Sequence[Params], wanted: t.Sequence[Params]) -> bool:
    return [(reference["filter"], _parameters(reference)) for reference in current] == [
        (reference["filter"], _parameters(reference)) for reference in wanted
    ]


def plan(params: Params, current: Element | None) -> Plan:
    """Return what to do."""
    if params["state"] == "absent":
        gone = ChangeSet.of(Change("state", "present", "absent"))
        return Plan() if current is None else Plan(gone, undefine=True)
    before = Element("filter", {"name": params["name"], "chain": "root"}) if current is None else current
    changes = _differences({} if current is None else options(before), params)
    if current is None:
        changes = ChangeSet.of(Change("state", "absent", "present")) + changes
    return Plan(changes, define=tree.serialize(_updated(before, params)) if changes else None)


def _differences(before: Params, params: Params) -> ChangeSet:
    changes = ChangeSet.between(before, {"chain": params["chain"], "priority": params["priority"]})
    rules, references = params["rules"], params["references"]
    if rules is not None and not _same_rules(before.get("rules", []), rules):
        changes += ChangeSet.of(Change("rules", before.get("rules", []), [_shown(rule) for rule in rules]))
    if references is not None and not _same_references(before.get("references", []), references):
        after = [{"filter": one["filter"], "parameters": _parameters(one)} for one in references]
        changes += ChangeSet.of(Change("references", before.get("references", []), after))
    return changes


def lost(params: Params, root: Element) -> list[str]:
    """Return the names of what a filter that was just defined lacks."""
    found, wanted = options(root), params["rules"] or []
    pairs = zip(sorted(enumerate(wanted), key=lambda pair: _priority(pair[1])), sorted(found["rules"], key=_priority))
    names = [f"rules[{place}]{part}" for (place, rule), kept in pairs for part in _lost_of_rule(rule, kept)]
    return names or [change.path for change in _differences(found, params)]


def _lost_of_rule(rule: Params, kept: Params) -> list[str]:
    if _meaning(rule) == _meaning(kept):
        return []
    return [f".match.{name}" for name in rule["match"] or {} if name not in (kept.get("match") or {})] or [""]


def _shown(rule: Params) -> dict[str, t.Any]:
    return _read_rule(_rule_element(rule))


def _updated(root: Element, params: Params) -> Element:
    """Return a copy of the `<filter>` with the options of a task written into it; what is None stays as it is."""
    copy = tree.copied(root)
    for name in ("chain", "priority"):
        if params[name] is not None:
            copy.set(name, str(params[name]))
    before = options(root)
    if params["rules"] is not None and not _same_rules(before["rules"], params["rules"]):
        _replace(copy, "rule", [_rule_element(rule) for rule in params["rules"]])
    if params["references"] is not None and not _same_references(before["references"], params["references"]):
        _replace(copy, "filterref", [_reference_element(reference) for reference in params["references"]])
    return copy


def _replace(root: Element, tag: str, elements: t.Sequence[Element]) -> None:
    """Put all elements of one kind where the first of them was."""
    tags = [element.tag for element in root]
    place = tags.index(tag) if tag in tags else len(tags)
    tree.drop(root, tag)
    for offset, element in enumerate(elements):
        root.insert(place + offset, element)


def _rule_element(rule: Params) -> Element:
    element = Element("rule", {"action": rule["action"], "direction": rule["direction"]})
    element.set("priority", str(_priority(rule)))
    if rule["state_match"] is False:
        element.set("statematch", "false")
    if rule["protocol"] is not None:
        packet = SubElement(element, rule["protocol"])
        if rule["negate"]:
            packet.set("match", "no")
        packet.attrib.update({name: nwfilter_match.as_text(value) for name, value in (rule["match"] or {}).items()})
    return element


def _reference_element(reference: Params) -> Element:
    element = Element("filterref", {"filter": reference["filter"]})
    for name, values in _parameters(reference).items():
        for value in values:
            SubElement(element, "parameter", {"name": name, "value": value})
    return element


def uses(root: Element, name: str) -> bool:
    """Tell whether a `<domain>` has an interface with that filter, or a `<filter>` includes it."""
    where = "devices/interface/filterref" if root.tag == "domain" else "filterref"
    return any(element.get("filter") == name for element in root.iterfind(where))
