# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against libvirt's own driver for tests: what becomes of a VM that refuses a change while it runs."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_job
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM

XML = """
<domain type='test'><name>refuses</name><uuid>6ba7b810-9dad-11d1-80b4-00c04fd430c8</uuid><memory>65536</memory>
<os><type>hvm</type></os><description>as it was</description></domain>
"""


@pytest.fixture
def connection() -> t.Iterator[libvirt.virConnect]:
    """Return a connection to a host where that VM runs."""
    opened = libvirt.open("test:///default")
    domain = opened.defineXML(XML)
    domain.create()
    yield opened
    if domain.isActive():
        domain.destroy()
    domain.undefine()
    opened.close()


def converge(connection: libvirt.virConnect, **options: t.Any) -> vm_job.Job:
    params = {name: spec.get("default") for name, spec in VM.options.items()}
    job = vm_job.prepare(View(connection), {**params, "name": "refuses", **options})
    vm_job.carry_out(connection, job)
    return job


REFUSED = {"tuning": {"cpu": {"shares": 200}}}


def test_its_definition_stays_as_it_was(connection: libvirt.virConnect) -> None:
    domain = connection.lookupByName("refuses")
    before = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    with pytest.raises(VirtError, match="processor time"):
        converge(connection, description="changed", **REFUSED)
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == before


def test_for_its_next_start_it_is_defined(connection: libvirt.virConnect) -> None:
    job = converge(connection, apply="next_start", **REFUSED)
    assert job.changes.restart_required == ["tuning.cpu.shares"]
    domain = connection.lookupByName("refuses")
    assert "<shares>200</shares>" in domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    assert "<shares>" not in domain.XMLDesc()
