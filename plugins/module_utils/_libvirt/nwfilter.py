# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Network filters of libvirt.

Source: https://libvirt.org/html/libvirt-libvirt-nwfilter.html
"""

from __future__ import annotations

import contextlib
import typing as t

from .._domain_xml import tree
from .._domain_xml.tree import Element
from .._errors import ConflictError, InvalidInputError, NotFoundError
from . import nwfilter_xml
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt


def converge(
    connection: libvirt.virConnect, params: t.Mapping[str, t.Any], *, check_mode: bool
) -> tuple[nwfilter_xml.Plan, dict[str, t.Any] | None]:
    """Bring a network filter to what the options say; return what that meant and the filter's options afterwards.

    :param params: the options of the module `nwfilter`.
    :raises ConflictError: when a filter that is to be removed is used.
    :raises NotFoundError: when it would include a filter that does not exist.
    """
    name = params["name"]
    current = _read(connection, name)
    plan = nwfilter_xml.plan(params, current)
    if plan.undefine:
        _refuse_if_used(connection, name)
    if not check_mode:
        _apply(connection, params, plan, current)
    root = tree.parse(plan.define) if plan.define is not None else current
    return plan, None if plan.undefine or root is None else nwfilter_xml.options(root)


def _apply(
    connection: libvirt.virConnect,
    params: t.Mapping[str, t.Any],
    plan: nwfilter_xml.Plan,
    before: Element | None,
) -> None:
    name = params["name"]
    if plan.define is not None:
        _check_references(connection, name, plan.define)
        _define(connection, name, plan.define)
        _confirm(connection, params, before)
    if plan.undefine:
        _undefine(connection, name)


def _read(connection: libvirt.virConnect, name: str) -> Element | None:
    try:
        with explaining(f"read network filter '{name}'"):
            return tree.parse(connection.nwfilterLookupByName(name).XMLDesc(0))
    except NotFoundError:
        return None


def _define(connection: libvirt.virConnect, name: str, xml: str) -> None:
    with explaining(f"define network filter '{name}'"):
        connection.nwfilterDefineXML(xml)


def _undefine(connection: libvirt.virConnect, name: str) -> None:
    gone_already = contextlib.suppress(NotFoundError)  # somebody else was faster
    with gone_already, explaining(f"remove network filter '{name}'"):
        connection.nwfilterLookupByName(name).undefine()


def _check_references(connection: libvirt.virConnect, name: str, xml: str) -> None:
    """libvirt would only notice when a VM starts."""
    for reference in tree.parse(xml).findall("filterref"):
        included = reference.get("filter", "")
        if _read(connection, included) is None:
            raise NotFoundError(
                f"network filter '{name}' would include '{included}', which does not exist.",
                hint="Define that one first.",
            )


def _confirm(connection: libvirt.virConnect, params: t.Mapping[str, t.Any], before: Element | None) -> None:
    """Look whether libvirt took everything: it drops without a word what its version does not know."""
    name, after = params["name"], _read(connection, params["name"])
    lost = [] if after is None else nwfilter_xml.lost(params, after)  # somebody may have removed it at once
    if not lost:
        return
    if before is None:
        _undefine(connection, name)
    else:
        _define(connection, name, tree.serialize(before))
    raise InvalidInputError(
        f"network filter '{name}': this version of libvirt does not take {', '.join(lost)}; the filter is as it was before.",
        hint="Leave it out.",
    )


def _refuse_if_used(connection: libvirt.virConnect, name: str) -> None:
    with explaining("list the VMs and network filters"):
        domains, filters = connection.listAllDomains(), connection.listAllNWFilters()
    users = [f"VM '{domain.name()}'" for domain in domains if _is_used_by(domain, name)]
    users += [
        f"network filter '{other.name()}'"
        for other in filters
        if any(nwfilter_xml.uses(root, name) for root in _described(other, (0,)))
    ]
    if users:
        raise ConflictError(
            f"network filter '{name}' is used by {', '.join(sorted(users))}.",
            hint="Take it from their interfaces and filters first.",
            users=sorted(users),
        )


def _is_used_by(domain: libvirt.virDomain, name: str) -> bool:
    """What runs and what is started next may differ."""
    roots = _described(domain, (0, libvirt.VIR_DOMAIN_XML_INACTIVE))
    return any(nwfilter_xml.uses(root, name) for root in roots)


def _described(thing: libvirt.virDomain | libvirt.virNWFilter, flags: t.Iterable[int]) -> list[Element]:
    """Return the XML in each way; nothing for what somebody has just removed."""
    try:
        with explaining(f"read '{thing.name()}'"):
            return [tree.parse(thing.XMLDesc(flag)) for flag in flags]
    except NotFoundError:
        return []
