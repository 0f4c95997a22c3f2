# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module vm on libvirt's own driver for tests."""

from __future__ import annotations

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    UnsupportedError,
)
from ansible_collections.evergreen.virt.plugins.modules import vm

from .tasks import Module, Options

converge = Module(vm)
POOL = {"pool": "default-pool", "volume": "a"}


def test_the_life_of_a_vm(host: libvirt.virConnect) -> None:
    assert converge.once(name="a", memory_mib=64)["vm"]["state"] == "shutoff"
    for state, after in (("started", "running"), ("paused", "paused"), ("started", "running"), ("stopped", "shutoff")):
        assert converge.once(name="a", state=state)["vm"]["state"] == after
    assert converge(name="a", state="restarted")["vm"]["state"] == "running"
    converge.once(name="a", autostart=True)
    assert host.lookupByName("a").autostart()
    assert converge.once(name="a", state="absent")["vm"] is None
    assert "a" not in [domain.name() for domain in host.listAllDomains()]


CHANGES: list[tuple[Options, list[str]]] = [
    ({"labels": {"a": "b"}}, []),
    ({"description": "d"}, []),
    ({"policy": {"priority": 1}}, []),
    ({"memory_mib": 32}, []),
    ({"memory_max_mib": 128}, ["memory_max_mib"]),
    ({"cpu": {"model": "qemu64"}}, ["cpu.model"]),
    ({"cmdline": "quiet"}, ["cmdline"]),
    ({"rng": False}, ["rng"]),
    ({"guest_agent": True}, ["guest_agent"]),
    ({"firmware": "uefi"}, ["firmware"]),
    ({"cdroms": [{"target": "sda", "path": "/a.iso"}]}, ["cdroms[sda]"]),
    ({"disks": [{"target": "sdb", "bus": "sata", "path": "/dev/b"}]}, ["disks[sdb]"]),
]


@pytest.mark.parametrize(("wanted", "waiting"), CHANGES)
@pytest.mark.parametrize("state", ["started", "stopped"])
def test_a_change(host: libvirt.virConnect, wanted: Options, waiting: list[str], state: str) -> None:
    converge(name="a", memory_mib=64, state=state)
    result = converge.once(name="a", **wanted)
    assert result["restart_required"] == (waiting if state == "started" else [])
    assert bool(host.lookupByName("a").isActive()) is (state == "started")


def test_a_restart_brings_what_waits(host: libvirt.virConnect) -> None:
    converge(name="a", memory_mib=64, state="started")
    converge.once(name="a", cmdline="quiet", apply="restart")
    assert "quiet" in host.lookupByName("a").XMLDesc(0)


def test_disks_of_pools(host: libvirt.virConnect) -> None:
    converge.once(name="a", memory_mib=64, disks=[{"target": "vda", **POOL, "size_mib": 10}])
    assert host.storagePoolLookupByName("default-pool").storageVolLookupByName("a").info()[1] == 10 * 2**20
    with pytest.raises(NotFoundError, match="storage pool 'none'"):
        converge(name="b", memory_mib=64, disks=[{"target": "vda", "pool": "none", "volume": "a", "size_mib": 1}])


def test_a_disk_that_is_pointed_to_another_place_gets_the_format_of_what_is_there(host: libvirt.virConnect) -> None:
    def pointed(**place: str | int) -> list[tuple[str | None, str]]:
        """Where the disk is then, and in which format."""
        found = converge.once(name="a", disks=[{"target": "vda", **place}])
        return [(disk.get("volume"), disk["format"]) for disk in found["vm"]["disks"]]

    converge(name="a", memory_mib=64, disks=[{"target": "vda", "path": "/srv/a.img", "format": "raw"}])
    assert pointed(**POOL, size_mib=10) == [("a", "qcow2")]
    assert pointed(path="/dev/a") == [(None, "raw")]
    with pytest.raises(InvalidInputError, match=r"VM 'a': disks\[vda\]: name the format"):
        pointed(path="/srv/a.img")


def test_the_overlay_of_an_external_snapshot_is_no_other_place(host: libvirt.virConnect) -> None:
    converge(name="a", memory_mib=64, disks=[{"target": "vda", "path": "/srv/a.img", "format": "raw"}])
    domain = host.lookupByName("a")
    snapshot = domain.snapshotCreateXML(
        "<domainsnapshot><name>s</name><state>shutoff</state><creationTime>1</creationTime>"
        "<disks><disk name='vda' snapshot='external'><source file='/srv/a.s'/></disk></disks>"
        f"{domain.XMLDesc(0)}</domainsnapshot>",
        libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE,
    )
    host.defineXML(domain.XMLDesc(0).replace("/srv/a.img", "/srv/a.s").replace("type='raw'", "type='qcow2'"))
    try:
        assert not converge(name="a", disks=[{"target": "vda", "path": "/srv/a.img"}])["changed"]
    finally:
        snapshot.delete()


UNSUPPORTED: list[tuple[Options, str]] = [
    ({"disks": [{"target": "vdb", "path": "/dev/b"}]}, r"disks\[vdb\] needs it to attach devices"),
    ({"disks": [{"target": "sda", **POOL, "size_mib": 20}], "apply": "next_start"}, r"disks\[sda\] needs it to grow"),
    ({"interfaces": [{"network": "default"}]}, r"interfaces\[1\] needs it to attach"),
    ({"disks": [], "purge": ["disks"]}, r"disks\[vda\] needs it to detach"),
    ({"state": "stopped", "shutdown_mode": "agent"}, "state needs it to shut a VM down by its guest agent"),
    ({"state": "absent", "shutdown_mode": "acpi"}, "by ACPI"),
]


@pytest.mark.parametrize(("wanted", "said"), UNSUPPORTED)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_the_driver_cannot_do_is_told_first(
    host: libvirt.virConnect, wanted: Options, said: str, check_mode: bool
) -> None:
    disks = [{"target": "vda", "path": "/dev/a"}, {"target": "sda", **POOL, "size_mib": 10}]
    converge(name="a", memory_mib=64, disks=disks, state="started")
    domain = host.lookupByName("a")
    before = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    with pytest.raises(UnsupportedError, match=said) as caught:
        converge(name="a", **{"apply": "live", **wanted}, description="new", check_mode=check_mode)
    assert caught.value.message.startswith("libvirt's driver TEST at test:///default cannot do this: VM 'a': ")
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == before
    assert domain.isActive()


def test_disks_from_images(host: libvirt.virConnect) -> None:
    pool = host.storagePoolLookupByName("default-pool")
    image = {"pool": "default-pool", "volume": "base"}
    disk = {"target": "vda", "pool": "default-pool", "volume": "a", "image": image}
    soon = converge(
        name="soon", memory_mib=64, disks=[disk], check_mode=True
    )  # an earlier task would have made the image
    assert soon["diff"]["after"]["disks[vda].image"]["size_mib"] is None
    with pytest.raises(NotFoundError, match=r"disks\[vda\].image: volume 'base' of storage pool 'default-pool'"):
        converge(name="soon", memory_mib=64, disks=[disk])
    pool.createXML("<volume><name>base</name><capacity>1048576</capacity></volume>")
    made = converge.once(
        name="v",
        memory_mib=64,
        disks=[disk, {**disk, "target": "vdb", "volume": "b", "image": {**image, "mode": "backing"}}],
    )
    assert [disk["format"] for disk in made["vm"]["disks"]] == ["raw", "qcow2"]
    converge.once(name="v", apply="next_start", disks=[{**disk, "target": "vdc", "volume": "c"}])
    assert sorted(pool.listVolumes()) == ["a", "b", "base", "c"]


def test_a_new_vm_that_the_driver_cannot_start_is_not_defined(host: libvirt.virConnect) -> None:
    with pytest.raises(UnsupportedError, match="state needs it to start a VM paused"):
        converge(name="new", memory_mib=64, state="paused")
    assert "new" not in host.listDefinedDomains()


def test_a_uuid_of_another_vm(host: libvirt.virConnect) -> None:
    uuid = host.lookupByName("test").UUIDString()
    with pytest.raises(ConflictError, match="belongs to VM 'test'"):
        converge(name="a", memory_mib=64, uuid=uuid)


@pytest.mark.parametrize(
    ("uri", "hint"),
    [
        ("nonsense", "package of its own"),
        ("test:///no/such/file", "Check the URI"),
        ("test+tcp://127.0.0.1:1/default", "libvirtd"),
    ],
)
def test_a_host_that_does_not_answer(uri: str, hint: str) -> None:
    with pytest.raises(UnavailableError, match="cannot connect to libvirt at") as caught:
        converge(name="a", memory_mib=64, uri=uri)
    assert uri in caught.value.message
    assert hint in caught.value.hint
