# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import hypothesis
import hypothesis.strategies as st
import pytest
import yaml

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import seed, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.seed import Medium
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

DISKS = [{"target": "vda", "pool": "vms", "volume": "a.qcow2"}]


def medium(definition: tree.Element | None = None, cdroms: t.Any = None, **wanted: t.Any) -> Medium | None:
    params = {"name": "a", "disks": DISKS if definition is None else None, "cdroms": cdroms}
    return seed.medium({**params, "cloud_init": {"state": "present", **wanted}}, definition)


def with_drive(volume: str, target: str = "sdb", pool: str = "seeds") -> tree.Element:
    return tree.parse(
        f"<domain><name>a</name><devices><disk type='volume' device='cdrom'><source pool='{pool}' volume='{volume}'/>"
        f"<target dev='{target}'/></disk></devices></domain>"
    )


def test_what_is_not_named_is_not_managed() -> None:
    assert seed.medium({"name": "a"}, None) is None


def test_a_new_vm_has_its_seed_in_the_pool_of_its_disk() -> None:
    found = medium()
    assert found is not None
    assert found.seed is not None
    assert found.drive == {"target": "sda", "pool": "vms", "volume": found.seed.volume}
    assert found.seed.files["user-data"] == b"#cloud-config\n"
    assert json.loads(found.seed.files["meta-data"]) == {"instance-id": "a", "local-hostname": "a"}
    assert "network-config" not in found.seed.files


def test_files_are_as_they_were_named() -> None:
    found = medium(
        user_data="#!/bin/sh\necho ü\n",
        meta_data={"local-hostname": "b", "x": 1},
        network_config={"version": 2, "ethernets": {"all": {"dhcp4": True}}},
    )
    assert found is not None
    assert found.seed is not None
    assert found.seed.files["user-data"].decode() == "#!/bin/sh\necho ü\n"
    assert json.loads(found.seed.files["meta-data"]) == {"instance-id": "a", "local-hostname": "b", "x": 1}
    assert json.loads(found.seed.files["network-config"])["version"] == 2


CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXT = st.text(CHARACTERS)
KEY = st.text(CHARACTERS, max_size=99)
"""YAML takes no key for one that is written with more than 1024 characters."""


@hypothesis.given(st.dictionaries(KEY, TEXT | st.integers() | st.booleans() | st.lists(TEXT)))
@hypothesis.example({"a": "\N{GRINNING FACE}\\\N{GRINNING FACE}\\ud83d\\ude00\x7f\x85"})
def test_a_reader_of_yaml_gets_every_character_back(meta: dict[str, t.Any]) -> None:
    found = medium(meta_data=meta)
    assert found is not None
    assert found.seed is not None
    assert yaml.safe_load(found.seed.files["meta-data"]) == {"instance-id": "a", "local-hostname": "a", **meta}


def volume(**wanted: t.Any) -> str:
    found = medium(**wanted)
    assert found is not None
    assert found.seed is not None
    return found.seed.volume


def test_the_volume_follows_from_the_content() -> None:
    assert volume(user_data="x") == volume(user_data="x")
    assert len({volume(), volume(user_data="x"), volume(user_data="y"), volume(meta_data={"a": 1})}) == 4
    assert seed.is_seed("a", volume())
    assert not seed.is_seed("b", volume())
    assert not seed.is_seed("a", "a.iso")
    assert not seed.is_seed(".", volume())


def test_a_drive_with_a_seed_is_used_again_in_its_pool() -> None:
    found = medium(with_drive("a-seed-0123456789abcdef.iso"), user_data="x")
    assert found is not None
    assert found.drive == {"target": "sdb", "pool": "seeds", "volume": volume(user_data="x")}


def test_a_drive_with_something_else_is_left_alone() -> None:
    found = medium(with_drive("debian.iso", target="sda"), pool="vms")
    assert found is not None
    assert found.drive is not None
    assert found.drive["target"] == "sdb"


@pytest.mark.parametrize(
    ("volume_name", "drive"),
    [("a-seed-0123456789abcdef.iso", {"target": "sdb", "path": ""}), ("debian.iso", None)],
)
def test_absent_takes_only_the_seed_out(volume_name: str, drive: dict[str, str] | None) -> None:
    assert medium(with_drive(volume_name), state="absent") == Medium(drive)


def test_the_drive_is_said_once() -> None:
    with pytest.raises(InvalidInputError, match="names its drive sda as well"):
        medium(cdroms=[{"target": "sda", "path": "/x.iso"}], target="sda")


def test_a_pool_is_needed() -> None:
    with pytest.raises(InvalidInputError, match="no disk of the VM is in a pool"):
        medium(tree.parse("<domain><name>a</name></domain>"))


def test_a_name_without_room_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="more than"):
        seed.medium({"name": "a" * 240, "disks": DISKS, "cloud_init": {"state": "present"}}, None)


def test_without_a_free_drive_one_has_to_be_named() -> None:
    every = [{"target": f"sd{letter}"} for letter in "abcdefghijklmnopqrstuvwxyz"]
    with pytest.raises(InvalidInputError, match="all in use"):
        medium(cdroms=every)
