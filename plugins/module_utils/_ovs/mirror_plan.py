# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the part of a bridge's plan that is about its mirrors."""

from __future__ import annotations

from .._errors import InvalidInputError
from . import columns as c
from .bridge_model import Bridge
from .bridge_wanted import Wanted
from .column import Values, nothing
from .operations import Place, Plan, merged, plan_row, total
from .port_plan import names_after


def plan_mirrors(wanted: Wanted, bridge: Bridge) -> Plan:
    """Compute what is to be done to mirrors.

    :raises InvalidInputError: for a mirror of a port that will not be there, and for one that has no output, or two.
    """
    if wanted.mirrors is None:
        return Plan()
    unnamed = sorted(set(bridge.mirrors).difference(wanted.mirrors)) if wanted.purge else []
    ports = names_after(wanted, bridge)
    return total(_mirror(wanted, bridge, name, ports) for name in [*wanted.mirrors, *unnamed])


def _mirror(wanted: Wanted, bridge: Bridge, name: str, ports: set[str]) -> Plan:
    current, values = bridge.mirrors.get(name), (wanted.mirrors or {}).get(name)
    path = f"mirrors[{name}]"
    if values is not None:
        before = current.values if current else nothing(c.MIRROR)
        _check(path, values, merged(c.MIRROR, before, values, purge_keys=wanted.purge_keys), ports)
    ref = ("Mirror", current.uuid if current else name)
    place = Place(ref, path, ("Bridge", bridge.name), "mirrors", c.MIRROR)
    return plan_row(place, current.values if current else None, values, purge_keys=wanted.purge_keys)


def _check(path: str, named: Values, after: Values, ports: set[str]) -> None:
    outputs = [option for option in ("output_port", "output_vlan") if after[option] is not None]
    if len(outputs) != 1:
        raise InvalidInputError(
            f"{path} needs one of output_port and output_vlan, and {'has both' if outputs else 'has none'}.",
            hint="An empty output_port and an output_vlan of 0 remove them.",
        )
    for option in ("select_src_ports", "select_dst_ports", "output_port"):
        value = named.get(option) or []
        for port in [value] if isinstance(value, str) else value:
            if port not in ports:
                raise InvalidInputError(
                    f"{path}.{option}: the bridge has no port '{port}'.", hint="Name it among ports or bonds, too."
                )
