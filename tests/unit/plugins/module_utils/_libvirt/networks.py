# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks for the tests: one as libvirt writes it, and options as the module `network` gets them."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_check import normalised
from ansible_collections.evergreen.virt.plugins.modules import network

Params = dict[str, t.Any]
_VALIDATOR = ArgumentSpecValidator(**network.SPEC.as_module_arguments())


def sample() -> Element:
    return parse((Path(__file__).parent / "samples" / "network_nat.xml").read_text(encoding="utf-8"))


def params(**wanted: t.Any) -> Params:
    """The options of a task, those that it does not name as Ansible fills them in."""
    found = _VALIDATOR.validate({"name": "lab", **wanted})
    assert not found.error_messages
    return normalised(found.validated_parameters)


def host(mac: str, address: str, name: str | None = None) -> Params:
    return {"mac": mac, "name": name, "address": address}


def ipv4(**dhcp: t.Any) -> Params:
    return {"address": "192.0.2.1", "prefix": 24, **({"dhcp": dhcp} if dhcp else {})}


def ipv6(**dhcp: t.Any) -> Params:
    return {"address": "2001:DB8:0::1", "prefix": 64, **({"dhcp": dhcp} if dhcp else {})}
