# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import move_target
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import Order

UUID = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"


@pytest.fixture(name="target")
def _target() -> t.Iterator[libvirt.virConnect]:
    connection = libvirt.open("test:///default")
    domain = connection.defineXML(
        f"<domain type='test'><name>web</name><uuid>{UUID}</uuid><memory>1024</memory><os><type>hvm</type></os></domain>"
    )
    yield connection
    if domain.isActive():
        domain.destroy()
    domain.undefine()
    connection.close()


def checked(target: libvirt.virConnect, name: str, uuid: str) -> None:
    order = Order("id", name, uuid, "h2", "h2.test", "192.0.2.2", "qemu:///system")
    move_target.check(target, "another host", order, {})


@pytest.mark.parametrize(
    ("name", "uuid", "refusal"),
    [
        ("web", OTHER, f"target 'h2' has another VM of the name 'web' .UUID {UUID}"),
        ("db", UUID, f"target 'h2' has a VM of the UUID {UUID} under another name, 'web'"),
    ],
)
def test_a_target_with_another_vm_of_the_name_or_the_uuid_is_refused(
    target: libvirt.virConnect, name: str, uuid: str, refusal: str
) -> None:
    with pytest.raises(ConflictError, match=refusal):
        checked(target, name, uuid)


def test_a_vm_comes_back_to_its_definition_unless_that_runs(target: libvirt.virConnect) -> None:
    checked(target, "web", UUID)
    target.lookupByName("web").create()
    with pytest.raises(ConflictError, match="VM 'web' is active on target 'h2' too"):
        checked(target, "web", UUID)
