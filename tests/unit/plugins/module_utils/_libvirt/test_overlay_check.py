# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether libvirt took an overlay, asked of libvirt's own driver for tests."""

from __future__ import annotations

from collections.abc import Iterator

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.overlay import OVERLAY
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse, serialize
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import domain as domains
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.overlay_check import confirm

NEW = "<domain type='test'><name>new</name><memory>8192</memory><os><type>hvm</type></os></domain>"


@pytest.fixture
def connection() -> Iterator[libvirt.virConnect]:
    """Return a hypervisor with one running VM, `test`."""
    with connect("test:///default") as found:
        yield found


def define(connection: libvirt.virConnect, text: str, xml: str) -> tuple[libvirt.virDomain, domains.Current | None]:
    """Define a VM with an overlay and return what libvirt had before."""
    root = parse(text)
    name = root.findtext("name") or ""
    before = domains.read(connection, name)
    OVERLAY.write(root, xml)
    return domains.define(connection, name, serialize(root)), before


TAKEN = "<domain><title>a</title><on_crash>preserve</on_crash></domain>"
DROPPED = "<domain><title>a</title><nonsense x='1'/></domain>"


@pytest.mark.parametrize("xml", [None, TAKEN])
def test_what_libvirt_took_stays(connection: libvirt.virConnect, xml: str | None) -> None:
    domain, before = define(connection, NEW, TAKEN)
    confirm(connection, domain, before, xml)
    assert connection.lookupByName("new").XMLDesc(0).count("<title>a</title>") == 1


def test_a_new_vm_is_forgotten_again(connection: libvirt.virConnect) -> None:
    domain, before = define(connection, NEW, DROPPED)
    with pytest.raises(InvalidInputError, match=r"VM 'new': libvirt did not take xml\.nonsense\."):
        confirm(connection, domain, before, DROPPED)
    assert [found.name() for found in connection.listAllDomains()] == ["test"]


def test_a_vm_has_its_definition_again(connection: libvirt.virConnect) -> None:
    running = connection.lookupByName("test")
    text = running.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    domain, before = define(connection, text, DROPPED)
    assert "<title>a</title>" in domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    with pytest.raises(InvalidInputError, match=r"xml\.nonsense"):
        confirm(connection, domain, before, DROPPED)
    assert running.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == text
    assert running.isActive()
