# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open vSwitch alone is updated, below VMs that stay: by Debian's own packages under another version."""

from __future__ import annotations

import json
import textwrap
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import play, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import LIST

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]

HOST = "h2"
BRIDGE = "it-sw0"
SOURCE = "/etc/apt/sources.list.d/newer-switch.list"
FOLDER = "/srv/newer-switch"
KEEP_SOURCES = ("-e", json.dumps({"upgrade_repositories": [], "upgrade_packages": []}))

OFFER = f"""
    set -e
    mkdir -p {FOLDER}; cd {FOLDER}
    version=$(dpkg-query --show --showformat='${{Version}}' openvswitch-switch)
    for name in openvswitch-common openvswitch-switch; do
      dpkg-deb --raw-extract $(ls /srv/channels/*/${{name}}_${{version}}_*.deb | head -n 1) $name
      sed -i "s/^Version: .*/&+it1/; s/openvswitch-common (= [^)]*)/openvswitch-common (= $version+it1)/" $name/DEBIAN/control
      dpkg-deb --build -Znone $name $name.deb > /dev/null
      rm -r $name
    done
    {LIST}
    echo 'deb [trusted=yes] file:{FOLDER} ./' > {SOURCE}
    ovs-vsctl add-br {BRIDGE} -- set Bridge {BRIDGE} datapath_type=netdev fail_mode=secure
    ovs-ofctl -O OpenFlow15 add-meter {BRIDGE} meter=1,pktps,band=type=drop,rate=100
    ovs-ofctl -O OpenFlow15 add-group {BRIDGE} group_id=1,type=all,bucket=output:LOCAL
    ovs-ofctl -O OpenFlow15 add-flow {BRIDGE} cookie=5,priority=7,ip,actions=meter:1,group:1
    ovs-ofctl -O OpenFlow15 add-flow {BRIDGE} table=3,priority=7,dl_type=0x8137,actions=drop
"""
WITHDRAW = f"""
    rm -rf {FOLDER} {SOURCE}; ovs-vsctl --if-exists del-br {BRIDGE}
    apt-get -qq update
    version=$(dpkg-query --show --showformat='${{Version}}' openvswitch-switch)
    apt-get -qq -y --allow-downgrades install openvswitch-switch=${{version%+it1}} openvswitch-common=${{version%+it1}}
"""
SAID = f"""
    ovs-ofctl -O OpenFlow15 dump-flows --no-stats {BRIDGE} | sort
    ovs-ofctl -O OpenFlow15 dump-groups {BRIDGE} | grep -v xid
    ovs-ofctl -O OpenFlow15 dump-meters {BRIDGE} | grep -v xid
"""


def script(text: str) -> str:
    return ssh(HOST, "bash", "-s", stdin=textwrap.dedent(text))


@pytest.fixture(scope="module")
def offered(lab: None) -> t.Iterator[None]:
    """A newer Open vSwitch in a package source of one host, which has a bridge with flows."""
    try:
        script(OFFER)
        yield
    finally:
        script(WITHDRAW)


def test_the_switch_is_updated_below_its_vms(offered: None, tmp_path: Path) -> None:
    before, vms = script(SAID), ssh(HOST, "virsh", "list", "--name")
    done = play(
        "evergreen.virt.rolling_upgrade",
        *("--limit", HOST, *KEEP_SOURCES, "-e", f"upgrade_report_directory={tmp_path}"),
    )
    assert done.returncode == 0, done.stdout
    assert (script(SAID), ssh(HOST, "virsh", "list", "--name")) == (before, vms)
    assert "+it1" in ssh(HOST, "dpkg-query", "--show", "openvswitch-switch")
    report = json.loads((tmp_path / "report.json").read_text())
    [host] = report["hosts"]
    assert (host["name"], host["impact"], host["result"]) == (HOST, "restart", "upgraded")
    assert {"name": BRIDGE, "flows": 2, "groups": 1, "meters": 1} in host["switch"]["bridges"]
    assert host["switch"]["worst_gap_ms"] > 0
    assert {vm["name"]: vm["moves"] for vm in report["vms"]} == {vm["name"]: [] for vm in report["vms"]}
    assert {vm["name"]: (vm["restarted"], vm["connections_lost"]) for vm in report["vms"]} == {
        vm["name"]: (False, 0) for vm in report["vms"]
    }


def test_a_second_run_has_nothing_to_do(offered: None, tmp_path: Path) -> None:
    done = play(
        "evergreen.virt.rolling_upgrade",
        *("--limit", HOST, *KEEP_SOURCES, "-e", f"upgrade_report_directory={tmp_path}"),
    )
    assert done.returncode == 0, done.stdout
    assert json.loads((tmp_path / "report.json").read_text())["result"] == "nothing_to_do"
