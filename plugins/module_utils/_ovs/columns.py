# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the columns that a bridge's options stand for, each declared once; reading, comparing and writing follow from it.

Source: ovs-vswitchd.conf.db(5) of Open vSwitch 3.1.
"""

from __future__ import annotations

import dataclasses
import enum
import typing as t


class Kind(enum.Enum):
    """How OVSDB stores a column, and how the IDL shows it."""

    PLAIN = enum.auto()
    """One value, always there."""
    OPTIONAL = enum.auto()
    """No value or one; the IDL shows a list."""
    SET = enum.auto()
    MAP = enum.auto()


@dataclasses.dataclass(frozen=True)
class Column:
    """An option and the column it stands for.

    :param option: the option's name.
    :param name: the column's name.
    :param empty: what the option is when the column is empty.
    :param clear: what the user writes to empty an optional column.
    :param alias: another way to write `empty`, as the daemon treats both the same.
    """

    option: str
    name: str
    kind: Kind
    empty: t.Any = None
    clear: t.Any = None
    alias: t.Any = None

    def read(self, raw: t.Any) -> t.Any:
        """Return the option's value for what the IDL shows: a scalar or None, a sorted list, or a dictionary."""
        if self.kind is Kind.OPTIONAL:
            return raw[0] if raw else None
        if self.kind is Kind.SET:
            return sorted(raw)
        if self.kind is Kind.MAP:
            return dict(raw)
        return self.normal(raw)

    def raw(self, value: t.Any) -> t.Any:
        """Return what the IDL is to be given for a value that `normal` returned."""
        if self.kind is Kind.OPTIONAL:
            return [] if value is None else [value]
        return value

    def normal(self, value: t.Any) -> t.Any:
        """Return a user's value in the form in which `read` returns the same one."""
        if self.kind is Kind.SET:
            return sorted(set(value))
        if self.kind is Kind.OPTIONAL and value == self.clear:
            return None
        if self.alias is not None and value == self.alias:
            return self.empty
        return value

    @property
    def nothing(self) -> t.Any:
        """The value in a row that was just inserted."""
        if self.kind is Kind.SET:
            return []
        return {} if self.kind is Kind.MAP else self.empty


def _map(option: str, name: str | None = None) -> Column:
    return Column(option, name or option, Kind.MAP)


BRIDGE = (
    Column("datapath_type", "datapath_type", Kind.PLAIN, empty="system", alias=""),
    Column("fail_mode", "fail_mode", Kind.OPTIONAL, clear="none"),
    Column("stp", "stp_enable", Kind.PLAIN, empty=False),
    Column("rstp", "rstp_enable", Kind.PLAIN, empty=False),
    Column("mcast_snooping", "mcast_snooping_enable", Kind.PLAIN, empty=False),
    Column("protocols", "protocols", Kind.SET),
    _map("external_ids"),
    _map("other_config"),
)

PORT = (
    Column("tag", "tag", Kind.OPTIONAL, clear=-1),
    Column("trunks", "trunks", Kind.SET),
    Column("vlan_mode", "vlan_mode", Kind.OPTIONAL, clear="none"),
    Column("mode", "bond_mode", Kind.OPTIONAL, clear="none"),
    Column("lacp", "lacp", Kind.OPTIONAL, clear="none"),
    _map("external_ids"),
    _map("other_config"),
)
"""`mode` and `lacp` are offered for bonds only."""

INTERFACE = (
    Column("type", "type", Kind.PLAIN, empty="system", alias=""),
    _map("options"),
    Column("mtu_request", "mtu_request", Kind.OPTIONAL, clear=0),
    _map("interface_external_ids", "external_ids"),
    _map("interface_other_config", "other_config"),
)

STATUS = (
    Column("ofport", "ofport", Kind.OPTIONAL),
    Column("error", "error", Kind.OPTIONAL),
    Column("mtu", "mtu", Kind.OPTIONAL),
    Column("mac_in_use", "mac_in_use", Kind.OPTIONAL),
    Column("admin_state", "admin_state", Kind.OPTIONAL),
    Column("link_state", "link_state", Kind.OPTIONAL),
)
"""What ovs-vswitchd reports of an interface; never written."""

SWITCH = (_map("external_ids"), _map("other_config"))

MANAGER = (
    Column("inactivity_probe", "inactivity_probe", Kind.OPTIONAL, clear=-1),
    Column("max_backoff", "max_backoff", Kind.OPTIONAL, clear=-1),
    _map("external_ids"),
    _map("other_config"),
)

TLS = (
    Column("private_key", "private_key", Kind.PLAIN, empty=""),
    Column("certificate", "certificate", Kind.PLAIN, empty=""),
    Column("ca_certificate", "ca_cert", Kind.PLAIN, empty=""),
    Column("bootstrap_ca", "bootstrap_ca_cert", Kind.PLAIN, empty=False),
)

_TARGETS = Column("targets", "targets", Kind.SET)

SFLOW = (
    _TARGETS,
    Column("agent", "agent", Kind.OPTIONAL, clear=""),
    Column("header", "header", Kind.OPTIONAL, clear=-1),
    Column("sampling", "sampling", Kind.OPTIONAL, clear=-1),
    Column("polling", "polling", Kind.OPTIONAL, clear=-1),
)

NETFLOW = (
    _TARGETS,
    Column("active_timeout", "active_timeout", Kind.PLAIN, empty=0),
    Column("add_id_to_interface", "add_id_to_interface", Kind.PLAIN, empty=False),
    Column("engine_id", "engine_id", Kind.OPTIONAL, clear=-1),
    Column("engine_type", "engine_type", Kind.OPTIONAL, clear=-1),
)

IPFIX = (
    _TARGETS,
    Column("sampling", "sampling", Kind.OPTIONAL, clear=-1),
    Column("obs_domain_id", "obs_domain_id", Kind.OPTIONAL, clear=-1),
    Column("obs_point_id", "obs_point_id", Kind.OPTIONAL, clear=-1),
    Column("cache_active_timeout", "cache_active_timeout", Kind.OPTIONAL, clear=-1),
    Column("cache_max_flows", "cache_max_flows", Kind.OPTIONAL, clear=-1),
    _map("other_config"),
)

MONITORS = {"sflow": ("sFlow", SFLOW), "netflow": ("NetFlow", NETFLOW), "ipfix": ("IPFIX", IPFIX)}
"""Option, and column of Bridge, by which a bridge's traffic is reported to a collector -> table and its columns."""

LIBVIRT_KEYS = frozenset({"attached-mac", "iface-id", "vm-id"})
"""Keys of Interface.external_ids by which libvirt marks the ports that it adds (virnetdevopenvswitch.c)."""

LIBVIRT_OWN_KEYS = LIBVIRT_KEYS | {"iface-status"}


def nothing(columns: t.Iterable[Column]) -> dict[str, t.Any]:
    """Return the options of a row that was just inserted."""
    return {column.option: column.nothing for column in columns}
