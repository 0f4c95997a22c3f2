# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.maintenance_proof import has_hook, trial_xml

CAPABILITIES = (
    "<domainCapabilities><domain>qemu</domain><machine>pc-q35-7.2</machine><arch>x86_64</arch></domainCapabilities>"
)


class Connection:
    def __init__(self, driver: str, uri: str) -> None:
        self._answers = (driver, uri)

    def getType(self) -> str:  # noqa: N802
        return self._answers[0]

    def getURI(self) -> str:  # noqa: N802
        return self._answers[1]


@pytest.mark.parametrize(
    ("driver", "uri", "asks"),
    [
        ("QEMU", "qemu:///system", True),
        ("QEMU", "qemu:///system?socket=/run/x", True),
        ("QEMU", "qemu:///session", False),
        ("LXC", "lxc:///system", False),
        ("Test", "test:///default", False),
    ],
)
def test_who_asks_the_hook(driver: str, uri: str, asks: bool) -> None:
    connection: Any = Connection(driver, uri)
    assert has_hook(connection) is asks


def test_the_trial_vm_is_nothing_but_a_name() -> None:
    domain = ET.fromstring(trial_xml("trial", CAPABILITIES))  # noqa: S314 - ours
    assert domain.get("type") == "qemu"
    assert domain.findtext("name") == "trial"
    assert domain.find("devices") is None
    system = domain.find("os/type")
    assert system is not None
    assert system.attrib == {"arch": "x86_64", "machine": "pc-q35-7.2"}


def test_capabilities_without_defaults() -> None:
    with pytest.raises(OperationError, match="no default arch"):
        trial_xml("trial", CAPABILITIES.replace("arch>", "other>"))
