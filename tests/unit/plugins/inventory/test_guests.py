# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of hosts that libvirt's own test driver plays: in this process, and as ansible-inventory prints it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import typing as t
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader
from ansible.utils.display import Display
from ansible.utils.plugin_docs import add_fragments

from ansible_collections.evergreen.virt.plugins.inventory import guests
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT

PLUGIN = "evergreen.virt.guests"
VM = """
<domain type="test">
  <name>{name}</name>
  <memory unit="MiB">{memory}</memory>
  <os><type>hvm</type></os>
  <metadata><evergreen:vm xmlns:evergreen="urn:evergreen.virt:vm:1">{content}</evergreen:vm></metadata>
  <devices>
    <disk type="file" device="disk"><source file="/srv/disk.qcow2"/><target dev="vda"/></disk>
    <disk type="file" device="cdrom"><source file="/srv/seed.iso"/><target dev="vdb"/><readonly/></disk>
    <disk type="network" device="disk"><source protocol="nbd" name="e"><host name="s"/></source><target dev="vdc"/></disk>
  </devices>
  {state}
</domain>
"""
OFF = '<test:runstate xmlns:test="http://libvirt.org/schemas/domain/test/1.0">5</test:runstate>'


def vm(name: str, *, memory: int = 64, off: bool = False, **labels: str) -> str:
    content = escape(json.dumps({"labels": labels, "policy": {}}))
    return VM.format(name=escape(name), memory=memory, content=content, state=OFF if off else "")


class Site:
    """Hosts as files, and the inventory file that names them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "site.guests.yml"
        self.hosts: dict[str, str | None] = {}

    def host(self, name: str, *vms: str) -> None:
        path = self.folder / f"{name}.xml"
        path.write_text(f"<node>{''.join(vms)}</node>", encoding="utf-8")
        self.hosts[name] = f"test://{path}"

    def write(self, **options: t.Any) -> Path:
        config = {"plugin": PLUGIN, "hosts": self.hosts, **options}
        self.file.write_text(yaml.safe_dump(config), encoding="utf-8")
        return self.file

    def parse(
        self, *, refresh: bool = False, inventory: InventoryData | None = None, **options: t.Any
    ) -> InventoryData:
        inventory = inventory or InventoryData()
        plugin = loaded()
        file = str(self.write(**options))
        assert plugin.verify_file(file)
        plugin.parse(inventory, DataLoader(), file, cache=not refresh)
        if options.get("cache"):
            plugin.update_cache_if_changed()
        inventory.reconcile_inventory()
        return inventory


@pytest.fixture(scope="module", autouse=True)
def _options_are_known() -> None:
    """What Ansible's plugin loader does, which finds no collection that Python has imported before."""
    documentation = yaml.safe_load(guests.DOCUMENTATION)
    add_fragments(documentation, guests.__file__, fragment_loader)
    constants.config.initialize_plugin_configuration_definitions("inventory", PLUGIN, documentation["options"])


def loaded() -> guests.InventoryModule:
    plugin = guests.InventoryModule()
    plugin._load_name = PLUGIN
    return plugin


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda _self, text, **_more: told.append(str(text)))
    return told


@pytest.fixture
def silent() -> t.Iterator[str]:
    """The URI of a host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"qemu+tcp://127.0.0.1:{server.getsockname()[1]}/system"


def variables(inventory: InventoryData, name: str) -> dict[str, t.Any]:
    return dict(inventory.hosts[name].get_vars())


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("guests.yml", True),
        ("guests.yaml", True),
        ("site-a.guests.yml", True),
        ("myguests.yml", False),
        ("hosts.yml", False),
        ("guests.json", False),
        ("guests", False),
    ],
)
def test_its_files_are_known_by_their_names(tmp_path: Path, name: str, taken: bool) -> None:
    (tmp_path / name).touch()
    assert loaded().verify_file(str(tmp_path / name)) is taken
    assert loaded().verify_file(str(tmp_path / "none" / name)) is False


def test_vms_of_several_hosts_and_their_variables(site: Site) -> None:
    site.host("h1", vm("web1", address="192.0.2.1", tier="web"), vm("web2", off=True))
    site.host("h2", vm("db1", address="db1.example.org"))
    inventory = site.parse()
    assert set(inventory.hosts) == {"web1", "web2", "db1"}
    web1, web2, db1 = (variables(inventory, name) for name in ("web1", "web2", "db1"))
    assert (web1["virt_host"], web1["virt_state"], web1["ansible_host"]) == ("h1", "running", "192.0.2.1")
    assert (web2["virt_host"], web2["virt_state"]) == ("h1", "shutoff")
    assert "ansible_host" not in web2
    assert (db1["virt_host"], db1["ansible_host"]) == ("h2", "db1.example.org")
    assert Vm.from_dict(web1["virt_vm"]).to_dict() == web1["virt_vm"]
    assert web1["virt_vm"]["labels"] == {"address": "192.0.2.1", "tier": "web"}


def test_the_controller_is_not_mistaken_for_the_host(site: Site) -> None:
    site.host("h1", vm("web1"))
    facts = variables(site.parse(), "web1")["virt_vm"]
    assert [disk["backend"] for disk in facts["disks"]] == [None, None, "nbd://s:10809/e"]
    assert [disk["source"] for disk in facts["disks"]][:2] == ["/srv/disk.qcow2", "/srv/seed.iso"]
    assert facts["emulator_stale"] is None
    assert len(facts["obstacles"]) == 2
    assert "only its own host can tell" in facts["obstacles"][0]


def test_uri_is_for_hosts_without_their_own(site: Site) -> None:
    site.host("h1", vm("web1"))
    site.host("h2", vm("web2"))
    site.hosts["h2"] = None
    assert set(site.parse(uri=f"test://{site.folder}/{{{{ inventory_hostname }}}}.xml").hosts) == {"web1", "web2"}
    with pytest.raises(AnsibleParserError, match=r"cannot be made for host 'h2': .*ansible_user"):
        site.parse(uri="qemu+ssh://{{ ansible_user }}@{{ inventory_hostname }}/system")


def hypervisors(folder: Path, *names: str) -> InventoryData:
    """An inventory that has read a source of hosts, with `group_vars` beside it."""
    inventory = InventoryData()
    inventory.add_group("hypervisors")
    for name in names:
        inventory.add_host(name, "hypervisors")
        inventory.set_variable(name, "file", f"{name}.xml")
    (folder / "group_vars").mkdir()
    (folder / "group_vars" / "hypervisors.yml").write_text(f"folder: {folder}\n", encoding="utf-8")
    inventory.processed_sources.append(str(folder / "hosts.yml"))
    return inventory


def test_hosts_of_the_inventory_are_asked_by_their_variables(site: Site) -> None:
    inventory = hypervisors(site.folder, "h1", "h2")
    site.host("h1", vm("web1"))
    site.host("h2", vm("web2"))
    site.hosts = {}
    site.parse(inventory=inventory, host_groups=["hypervisors"], uri="test://{{ folder }}/{{ file }}")
    assert set(inventory.hosts) == {"h1", "h2", "web1", "web2"}
    assert variables(inventory, "web2")["virt_host"] == "h2"
    assert {host.name for host in inventory.groups["vms"].get_hosts()} == {"web1", "web2"}


def test_a_group_that_was_not_read_yet(site: Site) -> None:
    with pytest.raises(AnsibleParserError, match=r"has a group 'hypervisors'\. Sources are read in the order"):
        site.parse(host_groups=["hypervisors"])


def test_an_option_that_does_not_exist(site: Site) -> None:
    with pytest.raises(AnsibleParserError, match="there is no option wher"):
        site.parse(wher="state == 'running'")


def members(inventory: InventoryData) -> dict[str, set[str]]:
    groups = {name: {host.name for host in group.get_hosts()} for name, group in inventory.groups.items()}
    return {name: hosts for name, hosts in groups.items() if name not in ("all", "ungrouped")}


def test_groups_that_are_there_by_themselves(site: Site) -> None:
    site.host("h-1", vm("web1", tier="a b"), vm("db1", off=True))
    assert members(site.parse()) == {
        "vms": {"web1", "db1"},
        "host_h_1": {"web1", "db1"},
        "state_running": {"web1"},
        "state_shutoff": {"db1"},
    }
    assert members(site.parse(group="guests", group_by=["labels.tier"])) == {
        "guests": {"web1", "db1"},
        "label_tier_a_b": {"web1"},
    }
    with pytest.raises(AnsibleParserError, match=r"'tier' is none of host, state, and labels\.NAME"):
        site.parse(group_by=["tier"])


def test_groups_and_composed_variables(site: Site) -> None:
    site.host("h1", vm("web1", memory=128, tier="web"), vm("db1", tier="db"))
    inventory = site.parse(
        compose={"twice": "virt_vm.memory_mib * 2"},
        groups={"large": "virt_vm.memory_mib > 100"},
        keyed_groups=[{"key": "virt_host", "prefix": "on"}, {"key": "virt_vm.labels.tier", "prefix": "tier"}],
    )
    groups = members(inventory)
    assert (groups["large"], groups["tier_web"], groups["on_h1"]) == ({"web1"}, {"web1"}, {"web1", "db1"})
    assert variables(inventory, "web1")["twice"] == 256


def test_strict_makes_errors_of_composed_variables_count(site: Site) -> None:
    site.host("h1", vm("web1"))
    wrong = {"tier": "virt_vm.labels.tier"}
    assert "tier" not in variables(site.parse(compose=wrong), "web1")
    with pytest.raises(AnsibleError, match="tier"):
        site.parse(compose=wrong, strict=True)


def test_where_chooses_vms(site: Site) -> None:
    site.host("h1", vm("web1", tier="web"), vm("web2", off=True, tier="web"), vm("db1", tier="db"))
    assert set(site.parse(where="state == 'running' && labels.tier == 'web'").hosts) == {"web1"}
    with pytest.raises(AnsibleParserError, match="no JMESPath expression"):
        site.parse(where="state ==")


def test_patterns_choose_vms(site: Site) -> None:
    site.host("h1", *map(vm, ("web1", "web2", "web2-old", "db1", "Web3", "web[1]")))
    assert set(site.parse(include=["web*", "x"], exclude=["*-old", "web[[]*"]).hosts) == {"web1", "web2"}


def test_hostile_names_and_labels_stay_what_they_are(site: Site, warnings: list[str]) -> None:
    hostile = "{{ lookup('pipe', 'id') }}"
    site.host("h1", vm(hostile, address="-oProxyCommand=id", note=hostile), vm("a b, c:d[1:2]"), vm("übung"))
    inventory = site.parse(compose={"note": "virt_vm.labels.note"})
    assert set(inventory.hosts) == {hostile, "a b, c:d[1:2]", "übung"}
    found = variables(inventory, hostile)
    assert found["virt_vm"]["labels"]["note"] == hostile == found["note"]
    assert "ansible_host" not in found
    assert warnings == []


@pytest.mark.parametrize("name", ["localhost", "all", "h1", "-oProxyCommand=id"])
def test_no_vm_takes_the_place_of_another_machine(site: Site, warnings: list[str], name: str) -> None:
    site.host("h1", vm(name), vm("web1"))
    assert set(site.parse().hosts) == {"web1"}
    assert len(warnings) == 1
    assert f"VM '{name}' of host 'h1' is left out" in warnings[0]


@pytest.mark.parametrize("name", ["hypervisors", "controller"])
def test_no_vm_takes_the_place_of_what_the_inventory_has(site: Site, warnings: list[str], name: str) -> None:
    """A group could be made a member of another by a VM of its name, and a host be reached at the VM's address."""
    inventory = hypervisors(site.folder, "h1", "controller")
    site.host("h1", vm(name, tier="web", address="192.0.2.66"))
    site.parse(inventory=inventory, groups={"web": "true"})
    assert set(inventory.hosts) == {"h1", "controller"}
    assert "ansible_host" not in variables(inventory, "controller")
    assert members(inventory) == {"hypervisors": {"h1", "controller"}, "vms": set()}
    assert f"VM '{name}' of host 'h1' is left out" in warnings[0]


def test_two_vms_of_one_name(site: Site) -> None:
    site.host("h1", vm("web1", off=True))
    site.host("h2", vm("web1"))
    with pytest.raises(AnsibleParserError, match="several VMs 'web1': shutoff on h1, running on h2"):
        site.parse()
    assert variables(site.parse(same_name="active"), "web1")["virt_host"] == "h2"
    assert variables(site.parse(where="state == 'shutoff'"), "web1")["virt_host"] == "h1"


def test_a_host_that_refuses_is_named_with_what_libvirt_says(site: Site, warnings: list[str]) -> None:
    site.host("h1", vm("web1"))
    site.hosts["h2"] = "test:///nowhere.xml"
    assert set(site.parse().hosts) == {"web1"}
    (warning,) = warnings
    assert "host 'h2'" in warning
    assert "failed to parse xml document '/nowhere.xml'" in warning
    assert set(site.parse().groups["all"].get_vars()["virt_unreachable"]) == {"h2"}
    with pytest.raises(AnsibleParserError, match="host 'h2'"):
        site.parse(unreachable="fail")


def test_dead_hosts_add_no_more_than_one_timeout(site: Site, silent: str, warnings: list[str]) -> None:
    site.host("h1", vm("web1"))
    dead = ("h2", "h3", "h4", "h5")
    site.hosts |= dict.fromkeys(dead, silent)
    started = time.monotonic()
    assert set(site.parse(timeout=1).hosts) == {"web1"}
    assert 1 <= time.monotonic() - started < 3
    assert warnings == [f"the VMs of host '{host}' are not known: it has not answered within 1 s." for host in dead]


def test_three_hundred_vms(site: Site) -> None:
    for host in range(3):
        site.host(f"h{host}", *(vm(f"vm{host}-{number}", address=f"10.0.{host}.{number}") for number in range(1, 101)))
    inventory = site.parse(keyed_groups=[{"key": "virt_host", "prefix": "on"}])
    assert len(inventory.hosts) == 300
    assert len(inventory.groups["on_h2"].get_hosts()) == 100
    assert variables(inventory, "vm2-100")["ansible_host"] == "10.0.2.100"


class TestCache:
    @pytest.fixture
    def options(self, tmp_path: Path) -> dict[str, t.Any]:
        return {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}

    def test_is_read_until_it_is_to_be_renewed(self, site: Site, options: dict[str, t.Any]) -> None:
        site.host("h1", vm("old"))
        assert set(site.parse(**options).hosts) == {"old"}
        site.host("h1", vm("new"))
        assert set(site.parse(**options).hosts) == {"old"}
        assert set(site.parse(refresh=True, **options).hosts) == {"new"}
        assert set(site.parse(**options).hosts) == {"new"}

    def test_answers_only_the_question_that_was_asked(self, site: Site, options: dict[str, t.Any]) -> None:
        site.host("h1", vm("web1", address="192.0.2.1", other="192.0.2.2"))
        site.parse(**options)
        assert variables(site.parse(address_label="other", **options), "web1")["ansible_host"] == "192.0.2.2"
        site.host("h2", vm("web2"))
        assert set(site.parse(**options).hosts) == {"web1", "web2"}

    def test_does_not_keep_that_a_host_was_silent(
        self, site: Site, options: dict[str, t.Any], warnings: list[str]
    ) -> None:
        site.host("h1", vm("web1"))
        site.hosts["h2"] = f"test://{site.folder}/h2.xml"
        assert set(site.parse(**options).hosts) == {"web1"}
        site.host("h1", vm("new"))
        site.host("h2", vm("web2"))
        inventory = site.parse(**options)
        assert set(inventory.hosts) == {"web1", "web2"}
        assert inventory.groups["all"].get_vars()["virt_unreachable"] == {}


def test_a_network_that_is_none_is_refused(site: Site) -> None:
    site.host("h1", vm("web1"))
    with pytest.raises(AnsibleParserError, match=r"address_networks: '192\.0\.2\.0/33'"):
        site.parse(address_networks=["192.0.2.0/33"])


def test_a_controller_without_libvirt_says_what_it_lacks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.host("h1", vm("web1"))
    monkeypatch.setattr(LIBVIRT, "error", ImportError("No module named 'libvirt'"))
    with pytest.raises(AnsibleParserError, match=r"'libvirt' cannot be imported .* the Python that runs Ansible"):
        site.parse()


@pytest.mark.programs
def test_ansible_inventory_prints_it(site: Site, silent: str) -> None:
    hostile = "{{ 7 * 6 }}"
    site.host("h1", vm("web1", address="192.0.2.1", note=hostile))
    site.hosts["h2"] = silent
    file = site.write(timeout=1, keyed_groups=[{"key": "virt_host", "prefix": "on"}])
    argv = ["ansible-inventory", "-i", str(file), "--list"]
    environment = os.environ | {"ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=300, check=True)
    printed = json.loads(done.stdout, object_hook=lambda value: value.get("__ansible_unsafe", value))
    found = printed["_meta"]["hostvars"]["web1"]
    assert (found["ansible_host"], found["virt_vm"]["labels"]["note"]) == ("192.0.2.1", hostile)
    assert printed["on_h1"]["hosts"] == printed["vms"]["hosts"] == ["web1"]
    assert "the VMs of host 'h2' are not known" in done.stderr
