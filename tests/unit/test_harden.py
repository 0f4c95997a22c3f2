# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role `harden` makes of the inventory and of what the kernel says: its variables, evaluated as Ansible does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

ROOT = Path(__file__).resolve().parents[2]
HOSTS = {
    "a": {"ansible_host": "192.0.2.1", "configure_migration_address": "2001:db8::1"},
    "b": {"ansible_host": "b.example.org", "switch_tunnel_address": "198.51.100.2"},
    "192.0.2.77": {},
    "c": {"ansible_host": "c.example.org"},
}


def variable(name: str, **given: Any) -> Any:
    """Return a variable of the role for a host of this inventory."""
    return evaluated("harden", name, **{"groups": {"hypervisors": list(HOSTS)}, "hostvars": HOSTS, **given})


def test_hosts_are_let_in_by_every_address_that_the_inventory_knows() -> None:
    addresses = {each["name"]: each["addresses"] for each in variable("__harden_sets")}
    assert addresses["hosts4"] == ["192.0.2.1", "192.0.2.77", "198.51.100.2"]
    assert addresses["hosts6"] == ["2001:db8::1"]
    assert variable("__harden_without_address") == ["c"]


def test_addresses_that_are_given_are_taken_as_they_are() -> None:
    given = {"harden_cluster_addresses": ["203.0.113.0/24"], "harden_allowed_addresses": ["2001:db8::/64"]}
    addresses = {each["name"]: each["addresses"] for each in variable("__harden_sets", **given)}
    assert addresses == {"hosts4": ["203.0.113.0/24"], "hosts6": [], "allowed4": [], "allowed6": ["2001:db8::/64"]}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Uid:\t0\t0\t0\t0", ["my vm runs as root"]),
        ("Uid:\t64055\t64055\t64055\t64055", []),
        ("CapEff:\t0000000000000000", []),
        ("CapEff:\t000000000000000a", ["my vm has capabilities"]),
        ("Seccomp:\t0", ["my vm may call all of the kernel"]),
        ("Seccomp:\t2", []),
    ],
)
def test_a_vm_that_may_too_much_is_named_with_what(line: str, told: list[str]) -> None:
    pids = {"stdout_lines": ["/run/libvirt/qemu/my vm.pid:12", "/run/libvirt/qemu/other.pid:123"]}
    processes = {"stdout_lines": [f"/proc/12/status:{line}"]}
    assert variable("__harden_weak", __harden_pids=pids, __harden_processes=processes) == told


@pytest.mark.parametrize(
    ("address", "program", "told"),
    [
        ("127.0.0.1:5900", "qemu-system-x86", []),
        ("[::1]:5900", "qemu-system-x86", []),
        ("0.0.0.0:5900", "qemu-system-x86", ["0.0.0.0:5900"]),
        ("[::]:5900", "qemu-system-x86", ["[::]:5900"]),
        ("192.0.2.1:49152", "qemu-system-x86", []),
        ("192.0.2.1:49216", "qemu-system-x86", ["192.0.2.1:49216"]),
        ("0.0.0.0:22", "sshd", []),
    ],
)
def test_a_screen_that_others_reach_is_named(address: str, program: str, told: list[str]) -> None:
    line = f'LISTEN 0 1 {address} 0.0.0.0:* users:(("{program}",pid=12,fd=17))'
    assert variable("__harden_open", __harden_listeners={"stdout_lines": [line]}) == told


def test_what_the_kernel_does_otherwise_is_set_and_what_it_does_not_know_is_not() -> None:
    read = {"stdout_lines": ["vm.unprivileged_userfaultfd = 1", "net.ipv4.tcp_rmem = 4096\t131072\t6291456"]}
    given = {"harden_sysctls": {"net.ipv4.tcp_rmem": "4096 131072 6291456", "net.ipv4.tcp_fin_timeout": 61}}
    found = variable("__harden_kernel_differs", __harden_kernel_read=read, harden_bridge_netfilter=False, **given)
    assert found == ["vm.unprivileged_userfaultfd=0"]


@pytest.mark.parametrize(("now", "wanted"), [("0", 1), ("1", 1), ("3", 3)])
def test_what_is_stricter_stays(now: str, wanted: int) -> None:
    read = {"stdout_lines": [f"kernel.yama.ptrace_scope = {now}"]}
    assert variable("__harden_kernel", __harden_kernel_read=read)["kernel.yama.ptrace_scope"] == wanted


def test_a_number_may_come_from_the_command_line_where_it_is_text() -> None:
    read = {"stdout_lines": ["kernel.yama.ptrace_scope = 1"]}
    kernel = variable("__harden_kernel", __harden_kernel_read=read, harden_ptrace_scope="2")
    assert kernel["kernel.yama.ptrace_scope"] == 2


def test_a_setting_that_two_roles_name_is_found() -> None:
    given = {"configure_qemu_settings": {"user": "root", "stdio_handler": "file"}, "configure_libvirtd_settings": {}}
    assert variable("__harden_named_twice", **given) == ["user"]


def test_a_driver_is_named_only_where_it_is_required() -> None:
    settings = {
        harden: variable("__harden_files", harden_apparmor=harden)[1]["settings"] for harden in ("optional", "required")
    }
    assert "security_driver" not in settings["optional"]
    assert settings["required"]["security_driver"] == "apparmor"


def test_the_guide_shows_what_ansible_prints() -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "harden_hosts.rst").read_text(encoding="utf-8")
    shown = re.search(
        r"TASK \[evergreen\.virt\.harden : (.+)\]\n +ok: \[kvm1\] => \(item=(.+)\) => (\{\n.+\n +\}\n)", guide
    )
    assert shown
    tasks = yaml.safe_load((ROOT / "roles" / "harden" / "tasks" / "vms.yml").read_text(encoding="utf-8"))
    (task,) = [task for task in tasks if task["name"] == shown[1]]
    said = task["ansible.builtin.debug"]["msg"].replace("{{ item }}", shown[2])
    assert json.loads(shown[3]) == {"msg": said}
