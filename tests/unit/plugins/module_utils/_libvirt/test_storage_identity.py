# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which storage it really is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Pool
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.host_facts import pool_from_xml, version_text
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import (
    Mount,
    Storage,
    parse_mounts,
)

MOUNTINFO = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:50 / /mnt/shared rw,relatime shared:20 - nfs4 nfs.example.com:/export/vms rw,vers=4.2
41 22 0:50 /isos /mnt/with\040space rw,relatime - nfs4 nfs.example.com:/export/vms rw
42 22 0:51 / /mnt/shared/local rw - tmpfs tmpfs rw
"""
STORAGE = Storage("m1", parse_mounts(MOUNTINFO))


@pytest.mark.parametrize(
    ("path", "backend"),
    [
        ("/var/lib/libvirt/images/a", "local:m1"),
        ("/mnt/shared", "nfs:nfs.example.com:/export/vms"),
        ("/mnt/shared/a/b", "nfs:nfs.example.com:/export/vms"),
        ("/mnt/sharedby/others", "local:m1"),
        ("/mnt/shared/../x", "local:m1"),
        ("/mnt/shared/local/x", "local:m1"),
        ("/mnt/with space/x", "nfs:nfs.example.com:/export/vms/isos"),
    ],
)
def test_path(path: str, backend: str) -> None:
    assert STORAGE.of_path(path) == backend


def test_a_symbolic_link_is_followed() -> None:
    storage = Storage("m1", parse_mounts(MOUNTINFO), resolve=lambda path: path.replace("/images", "/mnt/shared"))
    assert storage.of_path("/images/a") == "nfs:nfs.example.com:/export/vms"


@given(st.text("abc/. ", min_size=1))
def test_without_network_mounts_everything_is_local(path: str) -> None:
    assert Storage("m1", (Mount("/", "ext4", "/dev/sda1"),)).of_path(f"/{path}") == "local:m1"


HOSTS = "<host name='b'/><host name='a' port='6789'/>"


@pytest.mark.parametrize(
    ("xml", "backend"),
    [
        ("<pool type='dir'><target><path>/mnt/shared/pool</path></target></pool>", "nfs:nfs.example.com:/export/vms"),
        ("<pool type='dir'><target><path>/srv</path></target></pool>", "local:m1"),
        (f"<pool type='rbd'><source>{HOSTS}<name>vms</name></source></pool>", "rbd:a:6789,b:6789/vms"),
        (
            "<pool type='iscsi'><source><host name='san'/><device path='iqn.2026-01.com.example:vms'/></source></pool>",
            "iscsi://san:3260/iqn.2026-01.com.example:vms",
        ),
        (
            "<pool type='logical'><source><name>vg0</name></source><target><path>/dev/vg0</path></target></pool>",
            "local:m1",
        ),
        ("<pool type='gluster'><source><host name='g'/><name>vol</name></source></pool>", "gluster:g:/vol"),
    ],
)
def test_pool(xml: str, backend: str) -> None:
    assert STORAGE.of_pool(parse(xml)) == backend


def test_the_fsid_stands_for_the_monitors() -> None:
    pool = parse(f"<pool type='rbd'><source>{HOSTS}<name>vms</name></source></pool>")
    assert Storage("m1", ceph_fsid="f-1").of_pool(pool) == "rbd:f-1/vms"


def test_pool_facts_count_mib() -> None:
    text = (Path(__file__).parent / "samples" / "pool_netfs.xml").read_text(encoding="utf-8")
    pool = pool_from_xml(parse(text), [2, 10 * 2**30, 4 * 2**30, 6 * 2**30], STORAGE)
    assert (pool.name, pool.type, pool.active, pool.path) == ("shared", "netfs", True, "/mnt/shared")
    assert (pool.backend, pool.capacity_mib, pool.free_mib) == ("nfs:nfs.example.com:/export/vms", 10240, 6144)


def test_an_nfs_pool_is_the_mount_that_it_makes() -> None:
    text = (Path(__file__).parent / "samples" / "pool_netfs.xml").read_text(encoding="utf-8")
    assert STORAGE.of_pool(parse(text)) == STORAGE.of_path("/mnt/shared/vm.qcow2")


@pytest.mark.parametrize(("number", "text"), [(9000000, "9.0.0"), (7002022, "7.2.22"), (11003010, "11.3.10")])
def test_version(number: int, text: str) -> None:
    assert version_text(number) == text


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        (Pool("p", "dir", active=True, backend="local:m1", path="/srv/p"), ("/srv/p/v", "local:m1")),
        (Pool("p", "netfs", active=True, backend="nfs:s:/e", path="/mnt/p/"), ("/mnt/p/v", "nfs:s:/e")),
        (Pool("p", "rbd", active=True, backend="rbd:m/vms"), ("rbd:m/vms/v", "rbd:m/vms/v")),
        (Pool("p", "iscsi", active=True, backend="iscsi://s:3260/i", path="/dev"), ("p/v", "iscsi://s:3260/i")),
        (Pool("other", "dir", active=True, backend="nfs:s:/e", path="/x"), ("p/v", "local:m1")),
    ],
)
def test_a_volume_is_where_its_pool_is(pool: Pool, expected: tuple[str, str]) -> None:
    assert Storage("m1", pools={pool.name: pool}).of_volume("p", "v") == expected
