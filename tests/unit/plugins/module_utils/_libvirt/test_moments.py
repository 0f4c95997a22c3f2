# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots and checkpoints of the VM of libvirt's own test driver."""

from __future__ import annotations

import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, NotFoundError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import moments, moments_xml
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_plan import Plan
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_xml import Moment

from .test_moments_plan import disk, params

VM = "test"
DOMAIN = f"""
<domain type="test">
  <name>{VM}</name><memory>65536</memory><os><type>hvm</type></os>
  <devices><disk type="{{}}" device="disk"><source {{}}/><target dev="vda"/></disk></devices>
</domain>
"""
POOL = "<pool type='{}'><name>q</name><source><host name='h'/><name>vg0</name></source><target><path>/q</path></target></pool>"
VOLUME = "<volume><name>web1</name><capacity>1048576</capacity></volume>"


@pytest.fixture
def connection(tmp_path: Path) -> t.Iterator[libvirt.virConnect]:
    domain = DOMAIN.format("file", "file='/srv/a.qcow2'")
    (tmp_path / "host.xml").write_text(f"<node>{domain}</node>", encoding="utf-8")
    with connect(f"test://{tmp_path}/host.xml") as opened:
        yield opened


def converge(connection: libvirt.virConnect, check_mode: bool = False, **named: t.Any) -> tuple[Plan, list[Moment]]:
    return moments.converge(connection, params(vm=VM, **named), check_mode=check_mode)


@pytest.mark.parametrize(("kind", "name"), [("snapshot", "<a> & 'b'"), ("checkpoint", "a-b.c")])
def test_twelve_steps(connection: libvirt.virConnect, kind: str, name: str) -> None:
    for named, after in (
        ({"description": "one"}, ["one"]),
        ({"description": "two & <three>"}, ["two & <three>"]),
        ({"state": "absent"}, []),
    ):
        before = [moment.description for moment in moments.read(connection.lookupByName(VM), kind)]
        for check_mode, changed, found in (
            (True, True, before),
            (False, True, after),
            (True, False, after),
            (False, False, after),
        ):
            plan, now = converge(connection, check_mode, name=name, kind=kind, **named)
            assert (bool(plan.changes), [moment.description for moment in now]) == (changed, found)


def test_a_tree_is_reverted_and_deleted(connection: libvirt.virConnect) -> None:
    domain = connection.lookupByName(VM)
    for name in ("a", "b", "c"):
        converge(connection, name=name)
    domain.destroy()
    _plan, found = converge(connection, name="b", state="reverted")
    assert domain.isActive()
    assert [(moment.name, moment.parent, moment.current) for moment in found] == [
        ("a", None, False),
        ("b", "a", True),
        ("c", "b", False),
    ]
    converge(connection, name="b", state="reverted", power="paused")
    assert domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED
    _plan, found = converge(connection, name="b", state="absent")
    assert [(moment.name, moment.parent) for moment in found] == [("a", None), ("c", "a")]
    assert converge(connection, name="a", state="absent", children=True)[1] == []


def test_a_description_leaves_the_current_one(connection: libvirt.virConnect) -> None:
    converge(connection, name="a")
    _plan, found = converge(connection, name="a", description="text")
    assert (found[0].current, found[0].memory) == (True, "internal")


def test_a_vm_that_does_not_exist(connection: libvirt.virConnect) -> None:
    with pytest.raises(NotFoundError, match="no VM 'none'"):
        moments.converge(connection, params(vm="none"), check_mode=True)


def test_an_error_names_vm_and_way_out(connection: libvirt.virConnect) -> None:
    with pytest.raises(NotFoundError, match="VM 'test': there is no snapshot 'new'"):
        converge(connection, state="reverted")


def on_a_volume(connection: libvirt.virConnect, pool_type: str) -> None:
    """Let the VM have a volume of a pool of that type for its disk."""
    connection.storagePoolCreateXML(POOL.format(pool_type)).createXML(VOLUME)
    connection.lookupByName(VM).destroy()
    connection.lookupByName(VM).undefine()
    connection.defineXML(DOMAIN.format("volume", "pool='q' volume='web1'"))


def overlay(connection: libvirt.virConnect, disks: list[dict[str, t.Any]] | None = None) -> str | None:
    """Return where the overlay of the VM's disk would be; the driver makes no external snapshots."""
    plan, _found = converge(connection, check_mode=True, name="nightly", location="external", disks=disks)
    return moments_xml.parse(plan.create or "").disks[0].path


def test_an_overlay_lies_beside_a_file(connection: libvirt.virConnect) -> None:
    on_a_volume(connection, "dir")
    assert overlay(connection) == "/q/web1.nightly"


@pytest.mark.parametrize("pool_type", ["logical", "rbd"])
def test_an_overlay_of_what_is_no_file_needs_a_path(connection: libvirt.virConnect, pool_type: str) -> None:
    on_a_volume(connection, pool_type)
    with pytest.raises(InvalidInputError, match=r"disks\[vda\].path: its data is no file"):
        overlay(connection)
    assert overlay(connection, [disk(path="/srv/web1.nightly")]) == "/srv/web1.nightly"


def test_has_snapshots(connection: libvirt.virConnect) -> None:
    domain = connection.lookupByName(VM)
    assert not moments.has_snapshots(domain)
    converge(connection, name="a")
    assert moments.has_snapshots(domain)
