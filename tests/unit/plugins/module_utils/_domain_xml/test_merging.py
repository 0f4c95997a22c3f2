# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging a partial document into a VM's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.merging import CONTROL, KEYS, merge, same_value
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

DISK = '<disk type="file"><driver name="qemu" cache="none"/><target dev="{}"/></disk>'
REDIR = '<redirdev bus="usb" type="spicevmc"/>'


def merged(current: str, wanted: str) -> tuple[str, list[str]]:
    """Return what becomes of a tree, and the paths that differed; a second time nothing does."""
    root = tree.parse(f"<domain>{current}</domain>")
    overlay = tree.parse(f'<domain xmlns:r="{CONTROL}">{wanted}</domain>')
    paths = [change.path for change in merge(root, overlay, "xml")]
    assert not merge(root, overlay, "xml")
    return tree.serialize(root).replace(" />", "/>")[len("<domain>") : -len("</domain>")], paths


@pytest.mark.parametrize(
    ("current", "wanted", "after", "paths"),
    [
        ("<a/>", "<a/>", "<a/>", []),
        ('<a x="1" y="2"/>', '<a x="3"/>', '<a x="3" y="2"/>', ["xml.a@x"]),
        ("<a> 1 </a>", "<a>1</a>", "<a> 1 </a>", []),
        ("<a>1</a>", "<a>2</a>", "<a>2</a>", ["xml.a"]),
        ("<a><b/></a>", "<a><c><d/></c></a>", "<a><b/><c><d/></c></a>", ["xml.a.c"]),
        ("", '<a x="&lt;&quot;"/>', '<a x="&lt;&quot;"/>', ["xml.a"]),
        # keys
        (
            f"<devices>{DISK.format('vda')}{DISK.format('vdb')}</devices>",
            '<devices><disk><driver discard="unmap"/><target dev="vdb"/></disk></devices>',
            (
                f"<devices>{DISK.format('vda')}"
                '<disk type="file"><driver name="qemu" cache="none" discard="unmap"/><target dev="vdb"/></disk></devices>'
            ),
            ["xml.devices.disk[vdb].driver@discard"],
        ),
        (
            '<devices><interface><mac address="52:54:00:aa:00:01"/></interface></devices>',
            '<devices><interface><mac address="52:54:00:AA:00:01"/><mtu size="9000"/></interface></devices>',
            '<devices><interface><mac address="52:54:00:aa:00:01"/><mtu size="9000"/></interface></devices>',
            ["xml.devices.interface[52:54:00:AA:00:01].mtu"],
        ),
        (
            '<devices><controller type="usb" index="0"/><controller type="pci" index="0"/></devices>',
            '<devices><controller type="usb" model="none"/><controller type="scsi" model="virtio-scsi"/></devices>',
            (
                '<devices><controller type="usb" index="0" model="none"/><controller type="pci" index="0"/>'
                '<controller type="scsi" model="virtio-scsi"/></devices>'
            ),
            ["xml.devices.controller[usb]@model", "xml.devices.controller[scsi]"],
        ),
        (
            '<devices><hostdev><source><address bus="0x01"/></source></hostdev></devices>',
            (
                '<devices><hostdev><source><address bus="1"/></source></hostdev>'
                '<hostdev><source><address bus="0x2"/></source><rom bar="off"/></hostdev></devices>'
            ),
            (
                '<devices><hostdev><source><address bus="0x01"/></source></hostdev>'
                '<hostdev><source><address bus="0x2"/></source><rom bar="off"/></hostdev></devices>'
            ),
            ["xml.devices.hostdev"],
        ),
        (
            '<devices><watchdog model="itco" action="reset"/><watchdog model="ib700" action="reset"/></devices>',
            '<devices><watchdog model="ib700" action="none"/></devices>',
            '<devices><watchdog model="itco" action="reset"/><watchdog model="ib700" action="none"/></devices>',
            ["xml.devices.watchdog[ib700]@action"],
        ),
        ("<memory>4</memory><devices/>", "<memory>4</memory>", "<memory>4</memory><devices/>", []),
        ("<f><a/></f>", '<f><b/></f><f x="1"/>', '<f x="1"><a/><b/></f>', ["xml.f.b", "xml.f@x"]),
        # content
        (
            f"<devices>{REDIR}</devices>",
            f"<devices>{REDIR * 2}</devices>",
            f"<devices>{REDIR * 2}</devices>",
            [
                "xml.devices.redirdev",
            ],
        ),
        ('<a x="1"/><a x="2"/>', '<a x="2"/><a x="3"/>', '<a x="1"/><a x="2"/><a x="3"/>', ["xml.a"]),
        # spellings
        ('<m unit="KiB">1048576</m>', '<m unit="GiB">1</m>', '<m unit="KiB">1048576</m>', []),
        ('<m unit="KiB">1048576</m>', "<m>1048576</m>", '<m unit="KiB">1048576</m>', []),
        ('<m unit="KiB">1048576</m>', '<m unit="GiB">2</m>', '<m unit="GiB">2</m>', ["xml.m", "xml.m@unit"]),
        (
            '<cell id="0" memory="1024" unit="KiB"/>',
            '<cell id="0" memory="1" unit="MiB"/>',
            '<cell id="0" memory="1024" unit="KiB"/>',
            [],
        ),
        ('<m unit="KiB">1</m>', '<m unit="parsec">1</m>', '<m unit="parsec">1</m>', ["xml.m@unit"]),
        # removal
        ('<a x="1"/><a x="2"/>', '<a x="2" r:remove="yes"/>', '<a x="1"/>', ["xml.a"]),
        ("<f><hap/></f>", '<f><hap r:remove="yes"/><pae r:remove="yes"/></f>', "<f/>", ["xml.f.hap"]),
        ("", '<f><hap r:remove="yes"/><kvm><a r:remove-attributes="x"/></kvm></f>', "", []),
        ("", '<f x="1"><hap r:remove="yes"/></f>', '<f x="1"/>', ["xml.f"]),
        ('<a x="1" y="2"/>', '<a r:remove-attributes="x z"/>', '<a y="2"/>', ["xml.a@x"]),
        (
            f"<devices>{DISK.format('vda')}{DISK.format('vdb')}</devices>",
            '<devices><disk r:remove="yes"><target dev="vda"/></disk></devices>',
            f"<devices>{DISK.format('vdb')}</devices>",
            ["xml.devices.disk[vda]"],
        ),
    ],
)
def test_merge(current: str, wanted: str, after: str, paths: list[str]) -> None:
    assert merged(current, wanted) == (after, paths)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ('<devices><disk type="file"/></devices>', "<target> with dev"),
        ('<devices><disk r:remove="yes"/></devices>', "does not say which"),
        ('<a r:remove="yes"/><a/>', "different things about xml.a"),
        (f"<devices>{DISK.format('vdc') * 2}</devices>", "xml.devices.disk[vdc]"),
    ],
)
def test_what_may_be_any_is_refused(wanted: str, says: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        merged(f"<devices>{DISK.format('vda')}{DISK.format('vdb')}</devices>", wanted)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("0x01", "1", True),
        ("10", "0x0A", True),
        ("10", "010", False),
        ("1", "1", True),
        ("0-1", "0,1", True),
        ("on", "ON", False),
        ("6BA7B810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", True),
        ("", "1", False),
    ],
)
def test_same_value(current: str, wanted: str, same: bool) -> None:
    assert same_value(current, wanted) is same


def test_the_guide_tells_every_key() -> None:
    guide = (Path(__file__).parents[5] / "docs/docsite/rst/adopt_vms.rst").read_text(encoding="utf-8")
    for tag in KEYS:
        assert f"<{tag.rpartition('/')[2]}>`" in guide.replace("qemu:", "")


NAMES = st.sampled_from(["disk", "target", "controller", "hostdev", "source", "feature", "memory", "b", "devices"])
VALUES = st.sampled_from(["0", "1", "0x1", "a", "0-1", "0,1"])


def trees(*, unique: bool) -> st.SearchStrategy[tree.Element]:
    """Trees of few names, so that they meet each other.

    :param unique: no two children have the same tag.
    """

    def build(tag: str, attributes: dict[str, str], parts: list[tree.Element]) -> tree.Element:
        element = tree.Element(tag, attributes)
        element.extend(parts)
        return element

    attributes = st.dictionaries(st.sampled_from(["dev", "type", "index", "unit", "size"]), VALUES, max_size=2)
    tag = (lambda element: element.tag) if unique else id
    return st.recursive(
        st.builds(build, NAMES, attributes, st.just([])),
        lambda inner: st.builds(build, NAMES, attributes, st.lists(inner, max_size=3, unique_by=tag)),
        max_leaves=8,
    )


@given(trees(unique=False), trees(unique=True))
def test_what_is_said_once_is_merged_once(current: tree.Element, wanted: tree.Element) -> None:
    before = tree.serialize(current)
    try:
        changes = merge(current, wanted, "xml")
    except InvalidInputError as exc:
        if "may be any of" not in exc.message:
            raise
        return
    assert bool(changes) == (tree.serialize(current) != before)
    assert not merge(current, wanted, "xml")
