# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network filters in libvirt. Its driver for tests has none, so they are kept here by the same rules."""

from __future__ import annotations

import typing as t
from xml.etree import ElementTree as ET

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnsupportedError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import nwfilter
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect

from .test_nwfilter_xml import NOTHING, Params, reference, rule

USER = "<domain><devices><interface><filterref filter='web'/></interface></devices></domain>"
OTHER = "<domain><devices/></domain>"


def failure(code: int) -> libvirt.libvirtError:
    error = libvirt.libvirtError("said by the test")
    error.err = (code, libvirt.VIR_FROM_NWFILTER, "said by the test", 2, None, None, None, 0, 0)
    return error


class Thing:
    """virNWFilter, and as much of virDomain; `texts` are its XML by the flags of XMLDesc."""

    def __init__(self, host: Host, name: str, *texts: str) -> None:
        self.host, self._name, self.texts = host, name, texts

    def name(self) -> str:
        return self._name

    def XMLDesc(self, flags: int) -> str:  # noqa: N802
        if not self.texts:
            raise failure(libvirt.VIR_ERR_NO_DOMAIN)
        return self.texts[-1 if flags else 0]

    def undefine(self) -> None:
        del self.host.filters[self._name]


class Host:
    """The part of virConnect that knows network filters; `forgets` is an attribute that its version does not know."""

    def __init__(self, forgets: str = "") -> None:
        self.filters: dict[str, Thing] = {}
        self.domains: list[Thing] = []
        self.forgets = forgets

    def nwfilterLookupByName(self, name: str) -> Thing:  # noqa: N802
        if name not in self.filters:
            raise failure(libvirt.VIR_ERR_NO_NWFILTER)
        return self.filters[name]

    def nwfilterDefineXML(self, xml: str) -> None:  # noqa: N802
        root = ET.fromstring(xml)  # noqa: S314 - ours
        for element in root.iter():
            element.attrib.pop(self.forgets, None)
        self.filters[root.get("name", "")] = Thing(self, root.get("name", ""), ET.tostring(root, encoding="unicode"))

    def listAllNWFilters(self) -> list[Thing]:  # noqa: N802
        return list(self.filters.values())

    def listAllDomains(self) -> list[Thing]:  # noqa: N802
        return self.domains


def converge(host: Host, check_mode: bool = False, **wanted: t.Any) -> bool:
    connection: t.Any = host
    params: Params = {**NOTHING, **wanted}
    return bool(nwfilter.converge(connection, params, check_mode=check_mode)[0].changes)


def test_the_life_of_a_filter() -> None:
    host = Host()
    wanted: Params = {"rules": [rule(protocol="tcp", match={"dstportstart": 22})]}
    assert converge(host, check_mode=True, **wanted)
    assert host.filters == {}
    assert converge(host, **wanted)
    assert not converge(host, **wanted)
    assert converge(host, rules=[])
    assert converge(host, check_mode=True, state="absent")
    assert converge(host, state="absent")
    assert not converge(host, state="absent")


def test_an_included_filter_must_exist() -> None:
    host = Host()
    assert converge(host, check_mode=True, references=[reference("other")])
    with pytest.raises(NotFoundError, match="'web' would include 'other'"):
        converge(host, references=[reference("other")])
    assert host.filters == {}
    converge(host, name="other")
    assert converge(host, references=[reference("other")])


def test_what_libvirt_drops_leaves_the_filter_as_it_was() -> None:
    host = Host(forgets="flags")
    unknown = [rule(protocol="tcp", match={"flags": "SYN/SYN"})]
    with pytest.raises(InvalidInputError, match=r"does not take rules\[0\].match.flags"):
        converge(host, rules=unknown)
    assert host.filters == {}
    converge(host, rules=[rule("drop")])
    with pytest.raises(InvalidInputError, match="as it was before"):
        converge(host, rules=unknown)
    assert not converge(host, rules=[rule("drop")])


@pytest.mark.parametrize(
    ("name", "texts", "used"),
    [
        ("runs with it", (USER, OTHER), True),
        ("starts with it", (OTHER, USER), True),
        ("has nothing to do with it", (OTHER,), False),
        ("is gone by now", (), False),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_filter_that_a_vm_uses_stays(name: str, texts: tuple[str, ...], used: bool, check_mode: bool) -> None:
    host = Host()
    converge(host)
    host.domains = [Thing(host, name, *texts)]
    if not used:
        assert converge(host, check_mode, state="absent")
        return
    with pytest.raises(ConflictError, match=f"is used by VM '{name}'"):
        converge(host, check_mode, state="absent")
    assert "web" in host.filters


def test_a_filter_that_another_includes_stays() -> None:
    host = Host()
    converge(host)
    converge(host, name="other", references=[reference("web")])
    with pytest.raises(ConflictError, match="network filter 'other'"):
        converge(host, state="absent")


def test_a_driver_without_filters_is_named() -> None:
    with pytest.raises(UnsupportedError, match="TEST at test:///default"), connect("test:///default") as connection:
        nwfilter.converge(connection, NOTHING, check_mode=False)
