# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the columns that options stand for, each declared once; reading, comparing and writing follow from it.

Source: ovs-vswitchd.conf.db(5) of Open vSwitch 3.1.
"""

from __future__ import annotations

from .column import Column, Kind

LIBVIRT_KEYS = frozenset({"attached-mac", "iface-id", "vm-id"})
"""Keys of Interface.external_ids by which libvirt marks the ports that it adds (virnetdevopenvswitch.c)."""

_LIBVIRT_OWN_KEYS = LIBVIRT_KEYS | {"iface-status"}

_SCRIPT_KEYS = frozenset({"hostname", "rundir", "system-id"})
"""Keys of Open_vSwitch.external_ids that a starting Open vSwitch writes (ovs-ctl(8))."""


SECRET_KEYS = frozenset({"psk"})
"""Keys of Interface.options that are secrets: by the one of tunnels with IPsec both ends trust each other."""


def _map(option: str, name: str | None = None, owned: frozenset[str] = frozenset()) -> Column:
    return Column(option, name or option, Kind.MAP, owned=owned)


EXTERNAL_IDS = _map("external_ids")

BRIDGE = (
    Column("datapath_type", "datapath_type", Kind.PLAIN, empty="system", alias=""),
    Column("fail_mode", "fail_mode", Kind.OPTIONAL, clear="none"),
    Column("stp", "stp_enable", Kind.PLAIN, empty=False),
    Column("rstp", "rstp_enable", Kind.PLAIN, empty=False),
    Column("mcast_snooping", "mcast_snooping_enable", Kind.PLAIN, empty=False),
    Column("protocols", "protocols", Kind.SET),
    Column("flood_vlans", "flood_vlans", Kind.SET),
    EXTERNAL_IDS,
    _map("other_config"),
)

BRIDGE_DETAILS = (
    Column("datapath_id", "datapath_id", Kind.OPTIONAL),
    Column("datapath_version", "datapath_version", Kind.PLAIN, empty=""),
    _map("status"),
    _map("rstp_status"),
)
"""What ovs-vswitchd reports of a bridge; never written, like all that is called STATUS or DETAILS."""

CONTROLLER = (
    Column("type", "type", Kind.OPTIONAL, clear="none"),
    Column("connection_mode", "connection_mode", Kind.OPTIONAL, clear="none"),
    Column("inactivity_probe", "inactivity_probe", Kind.OPTIONAL, clear=-1),
    Column("max_backoff", "max_backoff", Kind.OPTIONAL, clear=-1),
    Column("local_ip", "local_ip", Kind.OPTIONAL, clear=""),
    Column("local_netmask", "local_netmask", Kind.OPTIONAL, clear=""),
    Column("local_gateway", "local_gateway", Kind.OPTIONAL, clear=""),
    Column("enable_async_messages", "enable_async_messages", Kind.OPTIONAL, clear=True),
    Column("queue_size", "controller_queue_size", Kind.OPTIONAL, clear=-1),
    Column("rate_limit", "controller_rate_limit", Kind.OPTIONAL, clear=-1),
    Column("burst_limit", "controller_burst_limit", Kind.OPTIONAL, clear=-1),
    EXTERNAL_IDS,
    _map("other_config"),
)

CONTROLLER_STATUS = (
    Column("connected", "is_connected", Kind.PLAIN, empty=False),
    Column("role", "role", Kind.OPTIONAL),
    _map("status"),
)

MIRROR = (
    Column("select_all", "select_all", Kind.PLAIN, empty=False),
    Column("select_src_ports", "select_src_port", Kind.PORTS),
    Column("select_dst_ports", "select_dst_port", Kind.PORTS),
    Column("select_vlans", "select_vlan", Kind.SET),
    Column("output_port", "output_port", Kind.PORT, clear=""),
    Column("output_vlan", "output_vlan", Kind.OPTIONAL, clear=0),
    Column("snaplen", "snaplen", Kind.OPTIONAL, clear=0),
    EXTERNAL_IDS,
)

MIRROR_DETAILS = (_map("statistics"),)

PORT = (
    Column("tag", "tag", Kind.OPTIONAL, clear=-1),
    Column("trunks", "trunks", Kind.SET),
    Column("cvlans", "cvlans", Kind.SET),
    Column("vlan_mode", "vlan_mode", Kind.OPTIONAL, clear="none"),
    Column("protected", "protected", Kind.PLAIN, empty=False),
    Column("fake_bridge", "fake_bridge", Kind.PLAIN, empty=False),
    Column("mode", "bond_mode", Kind.OPTIONAL, clear="none"),
    Column("lacp", "lacp", Kind.OPTIONAL, clear="none"),
    Column("updelay", "bond_updelay", Kind.PLAIN, empty=0),
    Column("downdelay", "bond_downdelay", Kind.PLAIN, empty=0),
    EXTERNAL_IDS,
    _map("other_config"),
)
"""`mode`, `lacp`, `updelay` and `downdelay` are offered for bonds only, `fake_bridge` by the bridge's option `parent`."""

PORT_STATUS = (Column("active_mac", "bond_active_slave", Kind.OPTIONAL),)

PORT_DETAILS = (_map("status"), _map("rstp_status"))

QOS = (Column("type", "type", Kind.PLAIN, empty=""), EXTERNAL_IDS, _map("other_config"))

QUEUE = (Column("dscp", "dscp", Kind.OPTIONAL, clear=-1), EXTERNAL_IDS, _map("other_config"))

INTERFACE = (
    Column("type", "type", Kind.PLAIN, empty="system", alias=""),
    Column("options", "options", Kind.MAP, secret=SECRET_KEYS),
    Column("mac", "mac", Kind.OPTIONAL, clear=""),
    Column("mtu_request", "mtu_request", Kind.OPTIONAL, clear=0),
    Column("ofport_request", "ofport_request", Kind.OPTIONAL, clear=0),
    Column("ingress_policing_rate", "ingress_policing_rate", Kind.PLAIN, empty=0),
    Column("ingress_policing_burst", "ingress_policing_burst", Kind.PLAIN, empty=0),
    Column("ingress_policing_kpkts_rate", "ingress_policing_kpkts_rate", Kind.PLAIN, empty=0),
    Column("ingress_policing_kpkts_burst", "ingress_policing_kpkts_burst", Kind.PLAIN, empty=0),
    _map("bfd"),
    Column("cfm_mpid", "cfm_mpid", Kind.OPTIONAL, clear=0),
    _map("lldp"),
    _map("interface_external_ids", "external_ids", _LIBVIRT_OWN_KEYS),
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
"""What ovs-vswitchd reports of an interface."""

INTERFACE_DETAILS = (
    Column("ifindex", "ifindex", Kind.OPTIONAL),
    Column("link_speed", "link_speed", Kind.OPTIONAL),
    Column("duplex", "duplex", Kind.OPTIONAL),
    Column("link_resets", "link_resets", Kind.OPTIONAL),
    Column("lacp_current", "lacp_current", Kind.OPTIONAL),
    Column("cfm_fault", "cfm_fault", Kind.OPTIONAL),
    Column("cfm_fault_status", "cfm_fault_status", Kind.SET),
    Column("cfm_remote_opstate", "cfm_remote_opstate", Kind.OPTIONAL),
    Column("cfm_health", "cfm_health", Kind.OPTIONAL),
    _map("bfd_status"),
    _map("status"),
    _map("statistics"),
)

SWITCH = (_map("external_ids", owned=_SCRIPT_KEYS), _map("other_config"))

MANAGER = (
    Column("inactivity_probe", "inactivity_probe", Kind.OPTIONAL, clear=-1),
    Column("max_backoff", "max_backoff", Kind.OPTIONAL, clear=-1),
    EXTERNAL_IDS,
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

FLOW_SAMPLE = (
    _TARGETS,
    Column("cache_active_timeout", "cache_active_timeout", Kind.OPTIONAL, clear=-1),
    Column("cache_max_flows", "cache_max_flows", Kind.OPTIONAL, clear=-1),
    Column("stats_interval", "stats_interval", Kind.OPTIONAL, clear=-1),
    Column("template_interval", "template_interval", Kind.OPTIONAL, clear=-1),
    _map("other_config"),
)
"""Columns of IPFIX that count where flows choose what is sampled; there the flow's action says the rest."""

IPFIX = (
    *FLOW_SAMPLE,
    Column("sampling", "sampling", Kind.OPTIONAL, clear=-1),
    Column("obs_domain_id", "obs_domain_id", Kind.OPTIONAL, clear=-1),
    Column("obs_point_id", "obs_point_id", Kind.OPTIONAL, clear=-1),
)

SAMPLE_SET = "Flow_Sample_Collector_Set"
"""Table with the numbers by which actions `sample` name their collectors; a row keeps its bridge from being removed."""

MONITORS = {"sflow": ("sFlow", SFLOW), "netflow": ("NetFlow", NETFLOW), "ipfix": ("IPFIX", IPFIX)}
"""Option, and column of Bridge, by which a bridge's traffic is reported to a collector -> table and its columns."""

FAKE_BRIDGE = "fake-bridge-"
"""Begins the keys of Port.external_ids that are external ids of a fake bridge (ovs-vsctl(8), br-set-external-id)."""
