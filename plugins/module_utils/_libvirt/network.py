# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Networks of libvirt.

Source: https://libvirt.org/html/libvirt-libvirt-network.html
"""

from __future__ import annotations

import typing as t

from .._domain_xml.identity import check_name
from .._errors import UnsupportedError
from . import lifecycle, managed, network_updates, network_xml
from .connection import LIBVIRT, explaining
from .network_check import check, normalised

with LIBVIRT.importing():
    import libvirt

_WITHOUT_DNSMASQ = ("TEST",)
"""Drivers whose networks are made up."""


def _kind() -> managed.Kind:
    return managed.Kind(
        noun="network",
        lookup=lambda connection, name: connection.networkLookupByName(name),
        define=lambda connection, xml: connection.networkDefineXML(xml),
        start=lambda network: network.create(),
        inactive_xml=libvirt.VIR_NETWORK_XML_INACTIVE,
    )


def converge(connection: libvirt.virConnect, params: t.Mapping[str, t.Any], *, check_mode: bool) -> lifecycle.Plan:
    """Bring a network to what the options say and return what that meant.

    :param params: the options of the module `network`.
    :raises InvalidInputError: when the options contradict one another; nothing was changed.
    """
    params = normalised(params)
    check_name(params["name"], "network")
    found = managed.read(connection, _kind(), params["name"])
    wanted = lifecycle.Wanted(params["state"], params["autostart"], params["allow_restart"])
    if params["state"] == "absent":
        definition = lifecycle.Definition(xml="")
    else:
        check(params, exists=found.status.exists)
        _check_driver(connection, params)
        definition = network_xml.definition(found.defined, found.running, params)
    plan = managed.plan(_kind(), params["name"], found.status, wanted, definition)
    if not check_mode:
        managed.apply(connection, _kind(), params["name"], plan)
        if found.running is not None and not plan.stop:
            after = network_xml.updated(found.running, params)
            _update(connection, params["name"], network_updates.updates(found.running, after))
    return plan


def _check_driver(connection: libvirt.virConnect, params: t.Mapping[str, t.Any]) -> None:
    if params["dnsmasq_options"] and connection.getType() in _WITHOUT_DNSMASQ:
        raise UnsupportedError(f"network '{params['name']}': dnsmasq_options are lost, because no dnsmasq is run.")


def _update(connection: libvirt.virConnect, name: str, updates: t.Sequence[network_updates.Update]) -> None:
    for update in updates:
        with explaining(f"change {update.section} of the running network '{name}'"):
            connection.networkLookupByName(name).update(
                getattr(libvirt, f"VIR_NETWORK_UPDATE_COMMAND_{update.command}"),
                getattr(libvirt, f"VIR_NETWORK_SECTION_{update.section}"),
                update.parent_index,
                update.xml,
                libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE,
            )
