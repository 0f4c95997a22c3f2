# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: from the switch's settings as they are and as the user wants them to the row operations of one transaction."""

from __future__ import annotations

from .._errors import InvalidInputError, NotFoundError
from . import columns as c
from .column import Values, nothing
from .operations import (
    ROOT,
    TLS,
    Create,
    Delete,
    Operation,
    Place,
    Plan,
    Ref,
    Refer,
    Write,
    merged,
    plan_row,
    plan_values,
    step,
    total,
)
from .switch_model import Sample, Switch, Wanted

_AT_START = frozenset(
    {
        "dpdk-init",
        "dpdk-lcore-mask",
        "dpdk-socket-mem",
        "dpdk-socket-limit",
        "dpdk-hugepage-dir",
        "dpdk-extra",
        "dpdk-alloc-mem",
        "vhost-sock-dir",
        "vhost-iommu-support",
        "vhost-postcopy-support",
        "per-port-memory",
        "shared-mempool-config",
        "userspace-tso-enable",
        "hw-offload",
        "n-offload-threads",
        "offload-rebalance",
    }
)
"""Keys of Open_vSwitch.other_config that ovs-vswitchd reads only when it starts (ovs-vswitchd.conf.db(5))."""


def restart_required(plan: Plan) -> list[str]:
    """Return the changed options that a running ovs-vswitchd does not take."""
    return [change.path for change in plan.changes if change.path.partition("other_config.")[2] in _AT_START]


def plan_switch(wanted: Wanted, switch: Switch) -> Plan:
    """Compute what is to be done.

    :raises NotFoundError: when a bridge that is to be monitored does not exist.
    :raises InvalidInputError: when something new lacks what it cannot be without.
    """
    targets = [*wanted.managers, *_unnamed(wanted, switch)]
    return (
        _values(wanted, switch)
        + total(_manager(wanted, target, switch.managers.get(target)) for target in targets)
        + _tls(wanted, switch.tls)
        + total(_monitors(wanted, bridge, switch) for bridge in wanted.monitors)
    )


def _values(wanted: Wanted, switch: Switch) -> Plan:
    if "external_ids" in wanted.values:
        return plan_values(ROOT, "", c.SWITCH, switch.values, wanted.values, purge_keys=wanted.purge_keys)
    identity = {"external_ids": wanted.identity}
    return plan_values(ROOT, "", c.SWITCH, switch.values, identity, purge_keys=False) + plan_values(
        ROOT, "", c.SWITCH, switch.values, wanted.values, purge_keys=wanted.purge_keys
    )


def _unnamed(wanted: Wanted, switch: Switch) -> list[str]:
    return [target for target in switch.managers if target not in wanted.managers] if wanted.purge else []


def _manager(wanted: Wanted, target: str, current: Values | None) -> Plan:
    place = Place(("Manager", target), f"managers[{target}]", ROOT, "manager_options", c.MANAGER)
    return plan_row(place, current, wanted.managers.get(target), purge_keys=wanted.purge_keys)


def _tls(wanted: Wanted, current: Values | None) -> Plan:
    place = Place(TLS, "tls", ROOT, "ssl", c.TLS)
    if wanted.no_tls:
        return plan_row(place, current, None, purge_keys=False)
    if wanted.tls is None:
        return Plan()
    missing = [name for name in ("private_key", "certificate", "ca_certificate") if name not in wanted.tls]
    if current is None and missing:
        raise InvalidInputError(f"tls lacks {', '.join(missing)}.", hint="Name all three files.")
    return plan_row(place, current, wanted.tls, purge_keys=wanted.purge_keys)


def _monitors(wanted: Wanted, bridge: str, switch: Switch) -> Plan:
    if bridge not in switch.monitors:
        raise NotFoundError(
            f"monitors[{bridge}]: there is no bridge '{bridge}'.", hint="Create it with evergreen.virt.ovs_bridge."
        )
    there = switch.samples.get(bridge, {})
    return total(
        [
            *(_monitor(wanted, bridge, name, switch) for name in wanted.monitors[bridge]),
            *(_sample(wanted, bridge, number, there.get(number)) for number in wanted.samples[bridge]),
        ]
    )


def _monitor(wanted: Wanted, bridge: str, name: str, switch: Switch) -> Plan:
    current = switch.monitors[bridge].get(name)
    values, path = wanted.monitors[bridge][name], f"monitors[{bridge}].{name}"
    if current is None and "targets" not in values:
        raise InvalidInputError(f"{path}: it is not set up yet, and needs targets.")
    table, columns = c.MONITORS[name]
    place = Place((table, bridge), path, ("Bridge", bridge), name, columns)
    monitor = None if values.get("targets") == [] else values
    if current is not None and monitor is not None and (bridge, name) in switch.shared:
        return _parted(place, current, monitor, purge_keys=wanted.purge_keys)
    return plan_row(place, current, monitor, purge_keys=wanted.purge_keys)


def _parted(place: Place, current: Values, wanted: Values, *, purge_keys: bool) -> Plan:
    """Give the bridge a row of its own, so that the other bridges keep theirs as it is."""
    changes = plan_values(place.ref, place.path, place.columns, current, wanted, purge_keys=purge_keys).changes
    if not changes:
        return Plan()
    after = merged(place.columns, current, wanted, purge_keys=purge_keys)
    written = plan_values(place.ref, place.path, place.columns, nothing(place.columns), after, purge_keys=False)
    return Plan(changes, (Create(place.ref), *written.operations, Refer(place.parent, place.column, (place.ref,))))


def _sample(wanted: Wanted, bridge: str, number: int, current: Sample | None) -> Plan:
    """Let a number stand for these collectors. Their row has no name and is not changed, but replaced by a new one."""
    values, path = wanted.samples[bridge][number], f"monitors[{bridge}].flow_samples[{number}]"
    ref: Ref = (c.SAMPLE_SET, current.uuid if current else f"{bridge}/{number}")
    if values is None:
        return step(path, "present", "absent", Delete(ref)) if current else Plan()
    before = (current.values if current else None) or nothing(c.FLOW_SAMPLE)
    after = merged(c.FLOW_SAMPLE, before, values, purge_keys=wanted.purge_keys)
    if not after["targets"]:
        raise InvalidInputError(f"{path}: it is not set up yet, and needs targets.")
    collectors: Ref = ("IPFIX", f"{bridge}/{number}")
    changes = plan_values(collectors, path, c.FLOW_SAMPLE, before, values, purge_keys=wanted.purge_keys).changes
    if current and not changes:
        return Plan()
    written = plan_values(collectors, path, c.FLOW_SAMPLE, nothing(c.FLOW_SAMPLE), after, purge_keys=False).operations
    created = Plan() if current else step(path, "absent", "present", *_new_sample(ref, bridge, number))
    return created + Plan(changes, (Create(collectors), *written, Refer(ref, "ipfix", (collectors,))))


def _new_sample(ref: Ref, bridge: str, number: int) -> tuple[Operation, ...]:
    return (Create(ref), Write(ref, "id", number), Refer(ref, "bridge", (("Bridge", bridge),)))
