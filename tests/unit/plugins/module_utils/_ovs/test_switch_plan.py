# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, NotFoundError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import columns as c
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.column import nothing
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.operations import (
    Attach,
    Create,
    Detach,
    Plan,
    Refer,
    Write,
)
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.switch_model import (
    Sample,
    Switch,
    Wanted,
    wanted_switch,
)
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.switch_plan import plan_switch, restart_required
from ansible_collections.evergreen.virt.plugins.modules.ovs_switch import SPEC

SWITCH_PACKAGE = Path(__file__).resolve().parents[5] / ".cache" / "openvswitch"
MANAGER: dict[str, t.Any] = {**nothing(c.MANAGER), "inactivity_probe": 5000, "other_config": {"dscp": "10"}}
SFLOW: dict[str, t.Any] = {**nothing(c.SFLOW), "targets": ["192.0.2.1:6343"], "sampling": 64}
TLS = {"private_key": "/k", "certificate": "/c", "ca_certificate": "/a", "bootstrap_ca": False}
SAMPLE: dict[str, t.Any] = {**nothing(c.FLOW_SAMPLE), "targets": ["192.0.2.1:4739"], "cache_max_flows": 9}
SWITCH = Switch(
    {"external_ids": {"system-id": "s", "k": "v"}, "other_config": {}},
    {"ptcp:6640": MANAGER},
    dict(TLS),
    {"br0": {"sflow": SFLOW}, "br1": {}, "br2": {"sflow": SFLOW}, "br3": {"sflow": SFLOW}},
    {"br0": {7: Sample("some-uuid", SAMPLE), 8: Sample("bare-uuid", None)}},
    frozenset({("br2", "sflow"), ("br3", "sflow")}),
)


def filled(value: t.Any, spec: t.Mapping[str, t.Any]) -> t.Any:
    """A value with what Ansible adds to it: None or the default for each suboption that is not named."""
    options = spec.get("options")
    if options is None or value is None:
        return value
    if spec["type"] == "list":
        return [filled(entry, {"type": "dict", "options": options}) for entry in value]
    return {name: filled(value.get(name, inner.get("default")), inner) for name, inner in options.items()}


def wanted(**options: t.Any) -> Wanted:
    return wanted_switch(filled(options, {"type": "dict", "options": SPEC.options}))


def plan(**options: t.Any) -> Plan:
    return plan_switch(wanted(**options), SWITCH)


HOLDS: list[dict[str, t.Any]] = [
    {},
    {"system_id": "s"},
    {"system_id": "s", "purge_keys": True},
    {"external_ids": {"k": "v"}, "purge_keys": True},
    {"external_ids": {"k": "v", "gone": None}},
    {"managers": [{"target": "ptcp:6640"}]},
    {"managers": [{"target": "ptcp:6640", "inactivity_probe": 5000, "max_backoff": -1, "other_config": {"dscp": 10}}]},
    {"managers": [{"target": "ssl:192.0.2.1:6640", "state": "absent"}]},
    {"managers": [{"target": "ptcp:6640"}], "purge": True},
    {"purge": True},
    {"tls": {"private_key": "/k"}},
    {"tls": {}},
    {"monitors": [{"bridge": "br2", "sflow": {"sampling": 64}}]},
    {"monitors": [{"bridge": "br0", "sflow": {"targets": ["192.0.2.1:6343"], "sampling": 64, "agent": ""}}]},
    {"monitors": [{"bridge": "br1", "netflow": {"targets": []}}]},
    {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7}, {"id": 9, "state": "absent"}]}]},
    {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7, "targets": ["192.0.2.1:4739"], "stats_interval": -1}]}]},
]


@pytest.mark.parametrize("options", HOLDS)
def test_what_holds_already_is_no_change(options: dict[str, t.Any]) -> None:
    assert plan(**options) == Plan()


CHANGES: list[tuple[dict[str, t.Any], list[str]]] = [
    ({"system_id": "t"}, ["external_ids.system-id"]),
    ({"external_ids": {"k": None}}, ["external_ids.k"]),
    ({"other_config": {"a": True}, "purge_keys": True}, ["other_config.a"]),
    ({"external_ids": {}, "purge_keys": True}, ["external_ids.k"]),
    ({"external_ids": {}, "system_id": "t", "purge_keys": True}, ["external_ids.k", "external_ids.system-id"]),
    ({"system_id": "t", "purge_keys": True}, ["external_ids.system-id"]),
    ({"monitors": [{"bridge": "br2", "sflow": {"sampling": 9}}]}, ["monitors[br2].sflow.sampling"]),
    ({"monitors": [{"bridge": "br2", "sflow": {"targets": []}}]}, ["monitors[br2].sflow"]),
    ({"managers": [{"target": "ptcp:6640", "inactivity_probe": -1}]}, ["managers[ptcp:6640].inactivity_probe"]),
    ({"managers": [{"target": "ptcp:6640", "state": "absent"}]}, ["managers[ptcp:6640]"]),
    (
        {"managers": [{"target": "pssl:6641", "max_backoff": 9}], "purge": True},
        ["managers[pssl:6641]", "managers[pssl:6641].max_backoff", "managers[ptcp:6640]"],
    ),
    ({"tls": {"certificate": "/d"}}, ["tls.certificate"]),
    ({"tls": {"state": "absent"}}, ["tls"]),
    ({"monitors": [{"bridge": "br0", "sflow": {"sampling": -1}}]}, ["monitors[br0].sflow.sampling"]),
    ({"monitors": [{"bridge": "br0", "sflow": {"targets": []}}]}, ["monitors[br0].sflow"]),
    (
        {"monitors": [{"bridge": "br1", "ipfix": {"targets": ["[2001:db8::1]:4739"], "obs_domain_id": 0}}]},
        ["monitors[br1].ipfix", "monitors[br1].ipfix.targets", "monitors[br1].ipfix.obs_domain_id"],
    ),
    (
        {"monitors": [{"bridge": "br1", "flow_samples": [{"id": 7, "targets": ["192.0.2.1:1"]}]}]},
        ["monitors[br1].flow_samples[7]", "monitors[br1].flow_samples[7].targets"],
    ),
    (
        {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7, "cache_max_flows": -1}]}]},
        ["monitors[br0].flow_samples[7].cache_max_flows"],
    ),
    (
        {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 8, "targets": ["192.0.2.1:1"]}]}]},
        ["monitors[br0].flow_samples[8].targets"],
    ),
    (
        {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7, "state": "absent"}]}]},
        ["monitors[br0].flow_samples[7]"],
    ),
]


@pytest.mark.parametrize(("options", "paths"), CHANGES)
def test_what_differs_is_told(options: dict[str, t.Any], paths: list[str]) -> None:
    found = plan(**options)
    assert [change.path for change in found.changes] == paths
    assert found.operations


def test_a_new_row_is_attached_after_it_has_its_values() -> None:
    operations = plan(managers=[{"target": "pssl:6641", "max_backoff": 9}]).operations
    assert isinstance(operations[0], Create)
    assert isinstance(operations[-1], Attach)
    assert operations[-1].child == ("Manager", "pssl:6641")


def test_a_row_that_goes_is_taken_out_of_its_set() -> None:
    (operation,) = plan(monitors=[{"bridge": "br0", "sflow": {"targets": []}}]).operations
    assert operation == Detach(("Bridge", "br0"), "sflow", ("sFlow", "br0"))


def test_a_monitor_that_other_bridges_have_too_is_replaced_by_one_of_its_own() -> None:
    row = ("sFlow", "br2")
    operations = plan(monitors=[{"bridge": "br2", "sflow": {"sampling": 9}}]).operations
    assert operations == (
        Create(row),
        Write(row, "targets", ["192.0.2.1:6343"]),
        Write(row, "sampling", [9]),
        Refer(("Bridge", "br2"), "sflow", (row,)),
    )


def test_collectors_of_a_number_are_replaced_as_a_whole() -> None:
    operations = plan(monitors=[{"bridge": "br0", "flow_samples": [{"id": 7, "stats_interval": 5}]}]).operations
    assert operations[0] == Create(("IPFIX", "br0/7"))
    assert {operation.column: operation.value for operation in operations if isinstance(operation, Write)} == {
        "targets": ["192.0.2.1:4739"],
        "cache_max_flows": [9],
        "stats_interval": [5],
    }
    assert operations[-1] == Refer((c.SAMPLE_SET, "some-uuid"), "ipfix", (("IPFIX", "br0/7"),))


def test_settings_of_dpdk_wait_for_the_daemon() -> None:
    found = plan(other_config={"dpdk-init": True, "max-idle": 10})
    assert restart_required(found) == ["other_config.dpdk-init"]


def test_all_settings_wait_for_the_daemon_of_which_its_manual_says_so() -> None:
    manual = gzip.decompress((SWITCH_PACKAGE / "usr/share/man/man5/ovs-vswitchd.conf.db.5.gz").read_bytes()).decode()
    _head, *parts = re.split(r'^\.IP "\\fBother_config : ', manual.replace("\\-", "-"), flags=re.MULTILINE)
    keys = {part.partition("\\")[0] for part in parts if "requires restarting the daemon" in " ".join(part.split())}
    assert len(keys) > 10
    found = plan(other_config=dict.fromkeys(keys, "x"))
    assert {change.path for change in found.changes} == set(restart_required(found))


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"managers": [{"target": "x"}]}, InvalidInputError, "no target"),
        ({"managers": [{"target": "ptcp:1"}, {"target": "ptcp:1"}]}, InvalidInputError, "is named twice"),
        ({"managers": [{"target": "ptcp:1", "other_config": {"a": [1]}}]}, InvalidInputError, "must be one text"),
        ({"monitors": [{"bridge": "none", "sflow": {"sampling": 1}}]}, NotFoundError, "no bridge 'none'"),
        ({"monitors": [{"bridge": "br1", "sflow": {"sampling": 1}}]}, InvalidInputError, "needs targets"),
        ({"monitors": [{"bridge": "br1", "sflow": {"targets": ["nonsense"]}}]}, InvalidInputError, "no collector"),
        ({"monitors": [{"bridge": "br1", "flow_samples": [{"id": 7}]}]}, InvalidInputError, "needs targets"),
        (
            {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7}, {"id": 7}]}]},
            InvalidInputError,
            "is named twice",
        ),
        ({"monitors": [{"bridge": "br0", "flow_samples": [{"id": -1}]}]}, InvalidInputError, "from 0 to"),
        (
            {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7, "targets": []}]}]},
            InvalidInputError,
            "no collector",
        ),
        (
            {"monitors": [{"bridge": "br0", "flow_samples": [{"id": 7, "targets": ["x"]}]}]},
            InvalidInputError,
            "no coll",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, t.Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        plan(**options)


def test_new_tls_needs_all_three_files() -> None:
    with pytest.raises(InvalidInputError, match="tls lacks private_key, ca_certificate"):
        plan_switch(wanted(tls={"certificate": "/c"}), Switch())
    with pytest.raises(InvalidInputError, match="tls lacks private_key, certificate, ca_certificate"):
        plan_switch(wanted(tls={}), Switch())
