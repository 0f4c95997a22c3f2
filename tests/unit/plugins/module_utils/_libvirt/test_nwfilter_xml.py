# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network filters: options <-> XML."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import nwfilter_xml
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.nwfilter_xml import Plan, check, lost, plan

Params = dict[str, t.Any]
NOTHING: Params = {
    "name": "web",
    "state": "present",
    "chain": None,
    "priority": None,
    "rules": None,
    "references": None,
}
REAL = """
<filter name='web' chain='root'>
  <uuid>2d243695-e2c7-470d-8c49-806c1dca8abb</uuid>
  <rule action='drop' direction='inout' priority='900'/>
  <rule action='accept' direction='in' priority='500'>
    <tcp state='NEW,ESTABLISHED' srcipmask='16' dstportstart='22'/>
  </rule>
  <filterref filter='no-ip-spoofing'>
    <parameter name='IP' value='192.0.2.1'/>
    <parameter name='IP' value='192.0.2.2'/>
  </filterref>
  <rule action='return' direction='in' priority='500' statematch='false'>
    <mac match='no' protocolid='arp'/>
  </rule>
</filter>"""


def rule(action: str = "accept", **more: t.Any) -> Params:
    nothing = {"priority": 500, "protocol": None, "match": None, "negate": False, "state_match": True}
    return {"action": action, "direction": "in", **nothing, **more}


def reference(name: str, **parameters: t.Any) -> Params:
    return {"filter": name, "parameters": parameters or None}


SSH = rule(protocol="tcp", match={"dstportstart": 22, "srcipmask": "255.255.0.0", "state": ["ESTABLISHED", "NEW"]})
NOT_ARP = rule("return", protocol="mac", match={"protocolid": "0x806"}, negate=True, state_match=False)
REST = rule("drop", direction="inout", priority=900)
SPOOFING = reference("no-ip-spoofing", IP=["192.0.2.1", "192.0.2.2"])


def test_options_of_a_real_filter() -> None:
    found = nwfilter_xml.options(parse(REAL))
    assert found["chain"] == "root"
    assert "priority" not in found
    assert found["references"] == [{"filter": "no-ip-spoofing", "parameters": {"IP": ["192.0.2.1", "192.0.2.2"]}}]
    assert found["rules"][1:] == [
        {
            "action": "accept",
            "direction": "in",
            "priority": 500,
            "state_match": True,
            "protocol": "tcp",
            "negate": False,
            "match": {"state": "NEW,ESTABLISHED", "srcipmask": "16", "dstportstart": "22"},
        },
        {
            "action": "return",
            "direction": "in",
            "priority": 500,
            "state_match": False,
            "protocol": "mac",
            "negate": True,
            "match": {"protocolid": "arp"},
        },
    ]


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({}, []),
        ({"chain": "root"}, []),
        ({"chain": "ipv4-web", "priority": -700}, ["chain", "priority"]),
        ({"rules": [SSH, NOT_ARP, REST]}, []),
        ({"rules": [REST, SSH, NOT_ARP]}, []),
        ({"rules": [NOT_ARP, SSH, REST]}, ["rules"]),
        ({"rules": [SSH, NOT_ARP]}, ["rules"]),
        ({"rules": [SSH, {**NOT_ARP, "negate": False}, REST]}, ["rules"]),
        ({"rules": [SSH, {**NOT_ARP, "state_match": True}, REST]}, ["rules"]),
        ({"rules": []}, ["rules"]),
        ({"references": [SPOOFING]}, []),
        ({"references": [reference("no-ip-spoofing", IP="192.0.2.1")]}, ["references"]),
        ({"references": [SPOOFING, reference("allow-arp")]}, ["references"]),
        ({"references": []}, ["references"]),
    ],
)
def test_change(wanted: Params, changed: list[str]) -> None:
    todo = plan({**NOTHING, **wanted}, parse(REAL))
    assert [change.path for change in todo.changes] == changed
    assert (todo.define is not None) == bool(changed)
    if todo.define is not None:
        root = parse(todo.define)
        assert root.findtext("uuid") == "2d243695-e2c7-470d-8c49-806c1dca8abb"
        assert not plan({**NOTHING, **wanted}, root).changes
        assert lost({**NOTHING, **wanted}, root) == []


def test_rules_and_references_keep_their_place() -> None:
    todo = plan({**NOTHING, "references": [reference("allow-arp")]}, parse(REAL))
    assert todo.define is not None
    assert [element.tag for element in parse(todo.define)] == ["uuid", "rule", "rule", "filterref", "rule"]


def test_what_libvirt_dropped_is_named() -> None:
    wanted = {**NOTHING, "rules": [REST, rule(protocol="tcp", match={"flags": "SYN/SYN", "dstportstart": 1})]}
    todo = plan(wanted, None)
    assert todo.define is not None
    assert lost(wanted, parse(todo.define.replace(' flags="SYN/SYN"', ""))) == ["rules[1].match.flags"]
    assert lost(wanted, parse("<filter name='web' chain='root'/>")) == ["rules"]


def test_absent() -> None:
    gone = {**NOTHING, "state": "absent"}
    assert plan(gone, None) == Plan()
    assert plan(gone, parse(REAL)).undefine


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<domain><devices><interface><filterref filter='web'/></interface></devices></domain>", True),
        ("<domain><devices><interface><filterref filter='webs'/></interface></devices></domain>", False),
        ("<domain><devices/></domain>", False),
        ("<filter name='other'><filterref filter='web'/></filter>", True),
        ("<filter name='web'><filterref filter='other'/></filter>", False),
    ],
)
def test_uses(xml: str, expected: bool) -> None:
    assert nwfilter_xml.uses(parse(xml), "web") is expected


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"name": ""}, "is empty"),
        ({"name": "a/b"}, "slash"),
        ({"name": "-rf"}, "'-rf' is not a letter"),
        ({"name": "a'/>"}, "slash"),
        ({"name": "a'><b"}, "letters"),
        ({"name": "x" * 250}, "250 bytes"),
        ({"chain": "nonsense"}, "chain"),
        ({"chain": "ipv4" + "x" * 9}, "chain"),
        ({"chain": "mac\n"}, "chain"),
        ({"priority": 1001}, "priority: 1001"),
        ({"rules": [rule(priority=-1001)]}, r"rules\[0\].priority"),
        ({"rules": [SSH, rule(match={"comment": "a"})]}, r"rules\[1\]: match and negate need a protocol"),
        ({"rules": [rule(negate=True)]}, "need a protocol"),
        ({"rules": [rule(protocol="tcp", match={"comment": "a\nb"})]}, "line break"),
        ({"rules": [rule(protocol="tcp", match={"comment": "a\x00b"})]}, "XML does not allow"),
        ({"references": [reference("web")]}, "include itself"),
        ({"references": [reference("a b")]}, r"references\[0\].filter"),
        ({"references": [reference("a", **{"I P": "1"})]}, "'I P'"),
        ({"references": [reference("a", IP="'/><x")]}, "as IP is not"),
        ({"references": [reference("a", IP=[None, True, -1])]}, "as IP is not"),
    ],
)
def test_what_cannot_be_meant(wanted: Params, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        check({**NOTHING, **wanted})


COMMENT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
RULE = st.builds(
    rule,
    st.sampled_from(nwfilter_xml.ACTIONS),
    direction=st.sampled_from(nwfilter_xml.DIRECTIONS),
    priority=st.integers(-1000, 1000),
    protocol=st.sampled_from(["tcp", "udp-ipv6", "all"]),
    match=st.none() | st.fixed_dictionaries({}, optional={"comment": COMMENT, "dscp": st.integers(0, 63)}),
    negate=st.booleans(),
    state_match=st.booleans(),
)
REFERENCE = st.builds(
    reference,
    st.sampled_from(["a", "b", "c.d-e"]),
    IP=st.lists(st.ip_addresses(v=4).map(str), max_size=2) | st.ip_addresses(v=6).map(str),
)
WANTED = st.fixed_dictionaries(
    {},
    optional={
        "chain": st.sampled_from(["root", "ipv4", "arp-x"]),
        "priority": st.integers(-1000, 1000),
        "rules": st.lists(RULE, max_size=4),
        "references": st.lists(REFERENCE, max_size=3),
    },
)


@given(WANTED, WANTED)
def test_any_filter_converges_in_one_step(first: Params, second: Params) -> None:
    root = parse(REAL)
    for wanted in (first, second):
        params = {**NOTHING, **wanted}
        check(params)
        todo = plan(params, root)
        root = root if todo.define is None else parse(todo.define)
        assert plan(params, root) == Plan()
    made = plan({**NOTHING, **first}, None)
    assert made.define is not None
    assert plan({**NOTHING, **first}, parse(made.define)) == Plan()
