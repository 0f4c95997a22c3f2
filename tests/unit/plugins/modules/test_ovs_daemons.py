# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real ovs-vswitchd is started again, and has what OpenFlow had told it before."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError, UnsupportedError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import daemons
from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge, ovs_daemons, ovs_flows, ovs_switch

from .open_vswitch import OpenVSwitch
from .tasks import Module, Options

FLOWS = [
    "cookie=0x7,priority=5,in_port=e2,ip,nw_src=10.0.0.0/8 actions=meter:1,group:3",
    "table=4,priority=9,tun_metadata0=0x5 actions=load:0x9->NXM_NX_REG0[],resubmit(,5)",
    "table=5,idle_timeout=600,importance=3 actions=output:e9",
    "priority=1,arp actions=learn(table=9,hard_timeout=60,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])",
]
ANSWERS = ("dump-flows", "dump-groups", "dump-meters", "dump-tlv-map")


@pytest.fixture(scope="module")
def own_switch(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[OpenVSwitch]:
    with OpenVSwitch(tmp_path_factory.mktemp("restart")) as found:
        yield found


@pytest.fixture
def switch(own_switch: OpenVSwitch, monkeypatch: pytest.MonkeyPatch) -> OpenVSwitch:
    """Two bridges with flows; the service manager is asked for nothing but to start one of the daemons again."""

    def systemctl(*arguments: str) -> None:
        assert arguments[:2] == ("--job-mode=ignore-dependencies", "restart")
        own_switch.restart(arguments[2].removesuffix(".service"))

    monkeypatch.setattr(daemons, "systemctl", systemctl)
    own_switch.clear()
    host = {"database": own_switch.remote}
    names = ["e1", "e2", "e3", "e9"]
    Module(ovs_bridge, host=host)(name="br0", fail_mode="secure", ports=[{"name": name} for name in names])
    # A gap in the numbers, so that counting them anew would show.
    Module(ovs_bridge, host=host)(name="br0", ports=[{"name": "e1", "state": "absent"}])
    Module(ovs_bridge, host=host)(name="br1")
    own_switch.ofctl("add-tlv-map", "br0", "{class=0xffff,type=0,len=4}->tun_metadata0")
    Module(ovs_flows, host={"run_dir": str(own_switch.folder)})(
        bridge="br0",
        flows=FLOWS,
        groups=[
            {"id": 3, "type": "select", "selection_method": "dp_hash", "buckets": ["weight:3,output:e3", "output:e9"]}
        ],
        meters=[{"id": 1, "unit": "pktps", "bands": [{"rate": 100, "burst_size": 20}]}],
    )
    return own_switch


def module(switch: OpenVSwitch) -> Module:
    return Module(ovs_daemons, host={"run_dir": str(switch.folder), "timeout": 20.0})


def said(switch: OpenVSwitch) -> list[str]:
    """What Open vSwitch's own tool shows of both bridges, in no order."""
    options = {"dump-flows": ["--no-stats"]}
    texts = [switch.ofctl(answer, *options.get(answer, []), bridge) for answer in ANSWERS for bridge in ("br0", "br1")]
    return [line.strip() for text in texts for line in sorted(text.splitlines()) if "xid" not in line]


def wait_key(switch: OpenVSwitch) -> Options:
    select = {"op": "select", "table": "Open_vSwitch", "where": [], "columns": ["other_config"]}
    [row] = switch.transact(["Open_vSwitch", select])[0]["rows"]
    return dict(row["other_config"][1])


def test_all_is_as_it_was(switch: OpenVSwitch) -> None:
    before = said(switch)
    assert any("tun_metadata0" in line for line in before)
    result = module(switch)(state="restarted", force=True)
    assert said(switch) == before
    assert (result["changed"], result["restarted"], result["seconds"] > 0) == (True, True, True)
    assert result["bridges"] == [
        {"name": "br0", "flows": 4, "groups": 1, "meters": 1},
        {"name": "br1", "flows": 1, "groups": 0, "meters": 0},
    ]
    assert wait_key(switch) == {}
    assert not list(switch.folder.glob("evergreen*"))


def test_check_mode_starts_nothing(switch: OpenVSwitch) -> None:
    pid = (switch.folder / "ovs-vswitchd.pid").read_text()
    result = module(switch)(state="restarted", force=True, check_mode=True)
    assert (result["changed"], result["restarted"], "seconds" in result) == (True, True, False)
    assert (switch.folder / "ovs-vswitchd.pid").read_text() == pid


def test_what_runs_as_installed_is_left_alone(switch: OpenVSwitch) -> None:
    result = module(switch)(state="restarted")
    assert (result["changed"], result["running"], result["replaced"]) == (False, True, [])


def test_an_interrupted_restart_is_finished(switch: OpenVSwitch, monkeypatch: pytest.MonkeyPatch) -> None:
    before, working = said(switch), daemons.systemctl

    def dies(*arguments: str) -> None:
        working(*arguments)
        if "ovs-vswitchd.service" in arguments:
            raise OperationError("killed")

    monkeypatch.setattr(daemons, "systemctl", dies)
    with pytest.raises(OperationError, match="killed"):
        module(switch)(state="restarted", force=True)
    assert wait_key(switch) == {"flow-restore-wait": "true"}
    monkeypatch.setattr(daemons, "systemctl", working)
    assert module(switch)(state="restarted")["restarted"]
    assert (said(switch), wait_key(switch)) == (before, {})
    assert not module(switch)(state="restarted")["changed"]


def test_a_bridge_that_cannot_tell_its_flows_is_told_before_anything(switch: OpenVSwitch) -> None:
    Module(ovs_bridge, host={"database": switch.remote})(name="br1", protocols=["OpenFlow13"])
    for state in ("held", "restarted"):
        with pytest.raises(UnsupportedError, match=r"bridge 'br1' speaks OpenFlow 1\.3 only"):
            module(switch)(state=state, force=True)


def test_where_nothing_runs_nothing_is_done(tmp_path: Path) -> None:
    for state in ("held", "restarted"):
        result = Module(ovs_daemons, host={"run_dir": str(tmp_path)})(state=state)
        assert (result["changed"], result["running"]) == (False, False)


def test_other_settings_stay(switch: OpenVSwitch) -> None:
    Module(ovs_switch, host={"database": switch.remote})(other_config={"max-idle": 20000})
    module(switch)(state="restarted", force=True)
    assert wait_key(switch) == {"max-idle": "20000"}
    Module(ovs_switch, host={"database": switch.remote})(other_config={"max-idle": None})
