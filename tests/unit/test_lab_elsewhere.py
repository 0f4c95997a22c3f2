# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The copy of the lab's inventory: it has all hosts and keys, and nothing of the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

from ansible_collections.evergreen.virt.tests.lab import elsewhere
from ansible_collections.evergreen.virt.tests.lab.cluster import ADDRESSES, CLUSTER, OBSERVER, ROOT


def test_the_copy_of_the_inventory_names_nothing_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, project = tmp_path / "run", tmp_path / "project"
    run.mkdir()
    project.mkdir()
    for name in ("id_ed25519", "known_hosts"):
        (run / name).write_text(name)
    monkeypatch.setattr(elsewhere, "RUN", run)
    loader = DataLoader()
    inventory = InventoryManager(loader, [str(elsewhere.copied_inventory(project))])
    variables = VariableManager(loader, inventory)
    assert {host.name for host in inventory.get_hosts("hypervisors")} == {*CLUSTER, OBSERVER}
    for host in inventory.get_hosts("hypervisors"):
        found = variables.get_vars(host=host)
        said = {name: Templar(loader, found).template(found[name]) for name in found if name.startswith("ansible_ssh")}
        assert found["ansible_host"] == ADDRESSES[host.name]
        assert said["ansible_ssh_private_key_file"] == str(project / "keys" / "id_ed25519")
        assert f"UserKnownHostsFile={project}/keys/known_hosts" in said["ansible_ssh_args"]
        assert str(ROOT) not in str(said)


def test_an_inventory_that_says_it_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    (other / "group_vars" / "all").mkdir(parents=True)
    (other / "group_vars" / "all" / "connection.yml").write_text("ansible_user: root\n")
    for name in ("id_ed25519", "known_hosts"):
        (other / name).touch()
    monkeypatch.setattr(elsewhere, "INVENTORY", other)
    monkeypatch.setattr(elsewhere, "RUN", other)
    with pytest.raises(RuntimeError, match="not one line for lab_run, but 0"):
        elsewhere.copied_inventory(tmp_path)
