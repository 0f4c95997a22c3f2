# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flows of a real ovs-vswitchd: on a bridge that is yet to be made, and over the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge, ovs_flows, ovs_switch

from .open_vswitch import OpenVSwitch, free_port, signed_by_itself
from .tasks import Module, Options

FLOWS = ["priority=5,in_port=e1,ip actions=drop", "priority=0 actions=NORMAL"]


def bridges(switch: OpenVSwitch) -> Module:
    return Module(ovs_bridge, host={"database": switch.remote})


def flows(switch: OpenVSwitch) -> Module:
    return Module(ovs_flows, host={"run_dir": str(switch.folder)})


def test_check_mode_tells_what_a_bridge_will_get_that_is_yet_to_be_made(switch: OpenVSwitch) -> None:
    warnings: list[str] = []
    wanted: Options = {
        "bridge": "br7",
        "cookie": "0x5",
        "flows": FLOWS,
        "groups": [{"id": 1, "type": "all", "buckets": ["output:e1"]}],
        "meters": [{"id": 2, "unit": "kbps", "bands": [{"rate": 10}]}],
    }
    result = flows(switch)(check_mode=True, warnings=warnings, **wanted)
    assert result["changed"]
    assert result["flows"]["added"] == [f"cookie=0x5,{flow}" for flow in FLOWS]
    assert result["groups"]["added"] == ["group_id=1,type=all,bucket=output:e1"]
    assert result["meters"]["added"] == ["meter=2 kbps bands=type=drop rate=10"]
    assert result["diff"]["after"].splitlines()[-1] == f"cookie=0x5,{FLOWS[-1]}"
    assert "br7" in warnings[0]
    with pytest.raises(NotFoundError, match="br7"):
        flows(switch)(**wanted)


def test_a_switch_that_does_not_run_is_told_in_check_mode_too(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no bridge 'br0'"):
        Module(ovs_flows, host={"run_dir": str(tmp_path)})(check_mode=True, bridge="br0", flows=FLOWS)


@pytest.fixture(params=["tcp", "ssl"])
def listening(request: pytest.FixtureRequest, switch: OpenVSwitch, keys: Options) -> Options:
    """Options that reach a bridge over the network."""
    method, port = str(request.param), free_port()
    Module(ovs_switch, host={"database": switch.remote})(tls=keys)
    controller = {"target": f"p{method}:{port}:127.0.0.1", "type": "service", "connection_mode": "out-of-band"}
    bridges(switch)(name="br0", ports=[{"name": "e1"}], controllers=[controller])
    return {"target": f"{method}:127.0.0.1:{port}", **(keys if method == "ssl" else {})}


def test_flows_are_managed_over_the_network(switch: OpenVSwitch, listening: Options, tmp_path: Path) -> None:
    far = Module(ovs_flows, host={**listening, "run_dir": str(tmp_path)})
    assert far.once(bridge="br0", flows=FLOWS)["flows"]["added"] == ["priority=5,ip,in_port=e1 actions=drop"]
    assert not flows(switch)(bridge="br0", flows=FLOWS)["changed"]


def test_another_bridge_than_the_named_one_is_left_alone(switch: OpenVSwitch, listening: Options) -> None:
    with pytest.raises(NotFoundError, match="is 'br0' and not 'br1'"):
        Module(ovs_flows, host=listening)(bridge="br1", flows=FLOWS)


@pytest.mark.parametrize(
    ("target", "error", "says"),
    [
        ("tcp:127.0.0.1", InvalidInputError, "no address of a bridge"),
        ("unix:/run/x", InvalidInputError, "no address of a bridge"),
        ("tcp:127.0.0.1:70000", InvalidInputError, "no address of a bridge"),
        ("ssl:127.0.0.1:6654", InvalidInputError, "needs private_key"),
        ("tcp:127.0.0.1:1", UnavailableError, "nobody answers to OpenFlow at tcp:127.0.0.1:1"),
    ],
)
def test_what_is_no_bridge_is_told(target: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Module(ovs_flows, host={"target": target})(bridge="br0", flows=FLOWS)


def test_keys_that_are_none_are_told(tmp_path: Path) -> None:
    names = ("private_key", "certificate", "ca_certificate")
    with pytest.raises(InvalidInputError, match="cannot be used"):
        Module(ovs_flows, host={"target": "ssl:127.0.0.1:1", **dict.fromkeys(names, str(tmp_path / "none"))})(
            bridge="br0", flows=FLOWS
        )


def test_a_switch_that_the_authority_has_not_signed_is_not_trusted(
    switch: OpenVSwitch, keys: Options, tmp_path: Path
) -> None:
    stranger = signed_by_itself(tmp_path)["certificate"]
    port = free_port()
    Module(ovs_switch, host={"database": switch.remote})(tls=keys)
    bridges(switch)(name="br0", controllers=[{"target": f"pssl:{port}:127.0.0.1", "type": "service"}])
    with pytest.raises(UnavailableError, match="nobody answers to OpenFlow at ssl"):
        Module(ovs_flows, host={"target": f"ssl:127.0.0.1:{port}", **keys, "ca_certificate": stranger})(
            bridge="br0", flows=FLOWS
        )
