# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flow_model import Band, Flow, Meter
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flow_options import Cookie, Wanted
from ansible_collections.evergreen.virt.plugins.modules.ovs_flows import BAND, GROUP, METER


def filled(options: t.Mapping[str, t.Any], spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Options with what Ansible adds to them."""
    return {name: options.get(name, inner.get("default")) for name, inner in spec.items()}


def group(**options: t.Any) -> dict[str, t.Any]:
    return filled(options, GROUP)


def meter(*bands: t.Mapping[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    return filled({**options, "bands": [filled(band, BAND) for band in bands]}, METER)


def wanted(**options: t.Any) -> Wanted:
    nothing = {"bridge": "br0", "cookie": None, "flows": None, "groups": None, "meters": None, "allow_empty": False}
    return Wanted.of({**nothing, **options})


@pytest.mark.parametrize(
    ("text", "cookie", "covered", "foreign"),
    [
        ("0x10", Cookie(0x10), [0x10], [0, 0x11]),
        ("16", Cookie(16), [16], [0x16]),
        ("0x10/0xf0", Cookie(0x10, 0xF0), [0x10, 0x1F, 0x110], [0, 0x20, 0x30]),
        ("0", Cookie(0), [0], [1]),
        ("0/1", Cookie(0, 1), [0, 2], [1, 3]),
    ],
)
def test_a_cookie_covers_flows(text: str, cookie: Cookie, covered: list[int], foreign: list[int]) -> None:
    def flow(value: int) -> Flow:
        return Flow(0, 0, b"", value, 0, 0, 0, 0, b"")

    assert Cookie.of(text) == cookie
    assert all(cookie.covers(flow(value)) for value in covered)
    assert not any(cookie.covers(flow(value)) for value in foreign)


@pytest.mark.parametrize("text", ["", "x", "1/", "-1", "0x1ffffffffffffffff", "3/1", "1/0", "1/2/3", "1 OR 1"])
def test_what_is_no_cookie_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is no cookie"):
        Cookie.of(text)


@pytest.mark.parametrize("bridge", ["-x", "--version", "", "a/b", "../db", ".", "a b", "a\nb", "br0\n"])
def test_what_cannot_be_a_bridge_is_refused(bridge: str) -> None:
    with pytest.raises(InvalidInputError, match="name of a bridge"):
        wanted(bridge=bridge)


@pytest.mark.parametrize("bridge", ["br0", "br-int", "br.7", "_x", "ovs_br@1"])
def test_other_names_are_not(bridge: str) -> None:
    assert wanted(bridge=bridge).bridge == bridge


@pytest.mark.parametrize(
    "text", ["", "  ", "a\nb", "actions=drop\n", "a\rb", "actions=drop # no", "a\x00b", "a\x1b[0m", "a\x7fb"]
)
def test_a_text_that_is_not_one_line_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"flows\[1\]"):
        wanted(flows=["actions=drop", f"{text}x" if text.endswith("\n") else text])
    if text.strip():
        with pytest.raises(InvalidInputError, match=r"groups\[3\]"):
            wanted(groups=[group(id=3, type="all", buckets=[f"{text}x"])])


def test_no_flow_at_all_has_to_be_meant() -> None:
    with pytest.raises(InvalidInputError, match="drops every frame") as caught:
        wanted(flows=[])
    assert "allow_empty" in caught.value.hint
    assert wanted(flows=[], allow_empty=True).flows == ()
    assert wanted(flows=[], cookie="1").flows == ()


def test_what_is_not_named_is_not_managed() -> None:
    nothing = wanted()
    assert (nothing.flows, nothing.groups, nothing.meters, nothing.lines) == (None, None, None, ())


def test_a_flow_gets_the_cookie_that_is_managed_and_may_have_its_own() -> None:
    lines = wanted(cookie="0x10/0xf0", flows=[" ip actions=drop ", "cookie=0x11,ip actions=drop"]).lines
    assert [line.text for line in lines] == [
        "flow add cookie=0x10,ip actions=drop",
        "flow add cookie=0x10,cookie=0x11,ip actions=drop",
    ]
    assert lines[1].name == "flows[1] 'cookie=0x11,ip actions=drop'"
    assert wanted(flows=["actions=drop"]).lines[0].text == "flow add actions=drop"


def test_groups_come_before_flows() -> None:
    asked = wanted(
        flows=["actions=group:1"],
        groups=[
            group(
                id=1,
                type="select",
                selection_method="hash",
                selection_param=3,
                fields=["ip_src", "ip_dst"],
                buckets=["a", "b"],
            ),
            group(id=2, state="absent"),
            group(id=3, type="all"),
        ],
    )
    assert [line.text for line in asked.lines] == [
        "group add group_id=1,type=select,selection_method=hash,selection_method_param=3,fields(ip_src,ip_dst),bucket=a,bucket=b",
        "group add group_id=3,type=all",
        "flow add actions=group:1",
    ]
    assert asked.removed_groups == {2}


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([group(id=1)], "needs a type"),
        ([group(id=1, type="all"), group(id=1, state="absent")], "is there twice"),
        ([group(id=-1, type="all")], "is not between"),
        ([group(id=2**32 - 1, type="all")], "is not between"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups: list[dict[str, t.Any]], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        wanted(groups=groups)


@pytest.mark.parametrize(
    ("options", "made"),
    [
        (meter({"rate": 10}, id=1, unit="kbps"), Meter(1, 1, (Band(1, 10),))),
        (meter({"rate": 10}, id=1, unit="pktps", stats=True), Meter(1, 2 | 8, (Band(1, 10),))),
        (meter({"rate": 10, "burst_size": 5}, id=1, unit="kbps"), Meter(1, 1 | 4, (Band(1, 10, 5),))),
        (
            meter({"rate": 10}, {"rate": 5, "type": "dscp_remark", "prec_level": 1}, id=9, unit="kbps"),
            Meter(9, 1, (Band(1, 10), Band(2, 5, 0, 1))),
        ),
    ],
)
def test_a_meter_is_made_of_its_options(options: dict[str, t.Any], made: Meter) -> None:
    assert wanted(meters=[options]).meters == (made,)


@pytest.mark.parametrize(
    "options",
    [
        meter(id=1, unit="kbps"),
        meter({"rate": 1}, id=1),
        meter({"rate": 1}, id=0, unit="kbps"),
        meter({"rate": 0}, id=1, unit="kbps"),
        meter({"rate": 2**32}, id=1, unit="kbps"),
        meter({"rate": 1, "burst_size": -1}, id=1, unit="kbps"),
        meter({"rate": 1, "burst_size": 1}, {"rate": 2}, id=1, unit="kbps"),
        meter({"rate": 1, "prec_level": 1}, id=1, unit="kbps"),
        meter({"rate": 1, "type": "dscp_remark"}, id=1, unit="kbps"),
        meter({"rate": 1, "type": "dscp_remark", "prec_level": 256}, id=1, unit="kbps"),
        meter({"rate": 1}, id=2**32 - 1, unit="kbps"),
    ],
)
def test_meters_that_cannot_be_are_refused(options: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidInputError, match="meters"):
        wanted(meters=[options])


def test_a_meter_that_shall_not_be_needs_its_number_only() -> None:
    asked = wanted(meters=[meter(id=4, state="absent")])
    assert asked.meters == ()
    assert asked.removed_meters == {4}
