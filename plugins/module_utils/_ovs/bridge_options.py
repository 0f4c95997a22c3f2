# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The options that describe a bridge: those of the module `ovs_bridge`, and of each entry of a list of bridges elsewhere."""

from __future__ import annotations

import typing as t

from .columns import SECRET_KEYS

_STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
_NAMES = {"type": "list", "elements": "str"}
_VLANS = {"type": "list", "elements": "int"}
_QUEUE = {
    "id": {"type": "int", "required": True},
    "state": _STATE,
    "dscp": {"type": "int"},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
}
_QOS = {
    "state": _STATE,
    "type": {"type": "str"},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
    "queues": {"type": "list", "elements": "dict", "options": _QUEUE},
}
_VLAN_MODES = ["access", "dot1q-tunnel", "native-tagged", "native-untagged", "trunk", "none"]
_PORT = {
    "name": {"type": "str", "required": True},
    "state": _STATE,
    "tag": {"type": "int"},
    "trunks": _VLANS,
    "cvlans": _VLANS,
    "vlan_mode": {"type": "str", "choices": _VLAN_MODES},
    "protected": {"type": "bool"},
    "qos": {"type": "dict", "options": _QOS},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
}
_INTERFACE = {
    "type": {"type": "str"},
    "options": {"type": "dict"},
    "mac": {"type": "str"},
    "mtu_request": {"type": "int"},
    "ofport_request": {"type": "int"},
    "ingress_policing_rate": {"type": "int"},
    "ingress_policing_burst": {"type": "int"},
    "ingress_policing_kpkts_rate": {"type": "int"},
    "ingress_policing_kpkts_burst": {"type": "int"},
    "bfd": {"type": "dict"},
    "cfm_mpid": {"type": "int"},
    "lldp": {"type": "dict"},
    "interface_external_ids": {"type": "dict"},
    "interface_other_config": {"type": "dict"},
}
_MEMBER = {"name": {"type": "str", "required": True}, **_INTERFACE}
_BOND = {
    "interfaces": _NAMES,
    "interface_settings": {"type": "list", "elements": "dict", "options": _MEMBER},
    "mode": {"type": "str", "choices": ["active-backup", "balance-slb", "balance-tcp", "none"]},
    "lacp": {"type": "str", "choices": ["active", "passive", "off", "none"]},
    "updelay": {"type": "int"},
    "downdelay": {"type": "int"},
}
_MIRROR = {
    "name": {"type": "str", "required": True},
    "state": _STATE,
    "select_all": {"type": "bool"},
    "select_src_ports": _NAMES,
    "select_dst_ports": _NAMES,
    "select_vlans": _VLANS,
    "output_port": {"type": "str"},
    "output_vlan": {"type": "int"},
    "snaplen": {"type": "int"},
    "external_ids": {"type": "dict"},
}
_CONTROLLER = {
    "target": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["primary", "service", "none"]},
    "connection_mode": {"type": "str", "choices": ["in-band", "out-of-band", "none"]},
    "inactivity_probe": {"type": "int"},
    "max_backoff": {"type": "int"},
    "local_ip": {"type": "str"},
    "local_netmask": {"type": "str"},
    "local_gateway": {"type": "str"},
    "enable_async_messages": {"type": "bool"},
    "queue_size": {"type": "int"},
    "rate_limit": {"type": "int"},
    "burst_limit": {"type": "int"},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
}
_VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"]
OPTIONS: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "state": _STATE,
    "datapath_type": {"type": "str"},
    "fail_mode": {"type": "str", "choices": ["standalone", "secure", "none"]},
    "stp": {"type": "bool"},
    "rstp": {"type": "bool"},
    "mcast_snooping": {"type": "bool"},
    "protocols": {"type": "list", "elements": "str", "choices": _VERSIONS},
    "flood_vlans": _VLANS,
    "parent": {"type": "str"},
    "vlan": {"type": "int"},
    "controllers": {"type": "list", "elements": "dict", "options": _CONTROLLER},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
    "ports": {"type": "list", "elements": "dict", "options": {**_PORT, **_INTERFACE}},
    "bonds": {"type": "list", "elements": "dict", "options": {**_PORT, **_BOND}},
    "mirrors": {"type": "list", "elements": "dict", "options": _MIRROR},
    "purge": {"type": "bool", "default": False},
    "purge_keys": {"type": "bool", "default": False},
    "allow_move": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
}


def secrets(value: t.Any) -> t.Iterator[str]:
    """Yield the values of secret keys anywhere in a task's options."""
    if isinstance(value, t.Mapping):
        for key, part in value.items():
            if key in SECRET_KEYS and isinstance(part, (str, int)) and part != "":
                yield str(part)
            else:
                yield from secrets(part)
    elif isinstance(value, list):
        for part in value:
            yield from secrets(part)


REQUIRED_TOGETHER = (("parent", "vlan"),)
