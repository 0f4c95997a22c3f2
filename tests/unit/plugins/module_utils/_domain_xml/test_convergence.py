# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._changes import ChangeSet
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.option import Scalar
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.registry import OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

from .samples import SAMPLES, adopted, created

Params = dict[str, t.Any]
EXAMPLES = settings(max_examples=50)

NAME = st.text("abcdefgh012.-", min_size=1, max_size=8).filter(lambda name: name not in (".", ".."))
WORD = st.text("abcDEF012_", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=12)
MIB = st.integers(64, 2**20)
NETWORK = st.fixed_dictionaries(
    {"protocol": st.sampled_from(["nbd", "rbd"]), "name": NAME},
    optional={
        "hosts": st.lists(st.fixed_dictionaries({"host": NAME}, optional={"port": st.integers(1, 65535)}), max_size=2)
    },
)
SOURCE = st.one_of(
    st.fixed_dictionaries({"pool": NAME, "volume": NAME}),
    st.fixed_dictionaries({"path": NAME.map("/srv/{}".format)}),
    st.fixed_dictionaries({"path": NAME.map("/dev/{}".format)}),
    st.fixed_dictionaries({"network": NETWORK}),
)
LIMIT = st.integers(0, 10**6)
DISK = st.builds(
    lambda source, more: {**source, **more},
    SOURCE,
    st.fixed_dictionaries(
        {"target": st.sampled_from(["vda", "vdb", "sdc", "hda"]), "format": st.sampled_from(["raw", "qcow2"])},
        optional={
            "bus": st.sampled_from(["virtio", "sata", "scsi"]),
            "cache": st.sampled_from(["none", "writeback"]),
            "readonly": st.booleans(),
            "serial": NAME,
            "io": st.sampled_from(["native", "threads", "io_uring"]),
            "discard": st.sampled_from(["ignore", "unmap"]),
            "detect_zeroes": st.sampled_from(["off", "on", "unmap"]),
            "shareable": st.booleans(),
            "iothread": st.integers(0, 4),
            "image": st.just({"path": "/srv/image", "format": "raw", "mode": "copy"}),
            "iotune": st.one_of(
                st.fixed_dictionaries({}, optional={"total_bytes_sec": LIMIT, "write_iops_sec": LIMIT}),
                st.fixed_dictionaries(
                    {"read_bytes_sec": LIMIT, "total_bytes_sec": st.just(0), "total_iops_sec": LIMIT}
                ),
            ),
        },
    ),
)
VLAN = st.integers(1, 1999)
TRUNK = st.integers(2000, 4094)  # a later spec may not make the untagged VLAN a tagged one
SIDE = st.fixed_dictionaries({"average_kib": st.integers(1, 99)}, optional={"peak_kib": LIMIT, "burst_kib": LIMIT})
INTERFACE = st.builds(
    lambda place, more: {**place, **more},
    st.one_of(
        st.fixed_dictionaries({"bridge": NAME}, optional={"type": st.sampled_from(["linux", "ovs"])}),
        st.fixed_dictionaries({"network": NAME}, optional={"portgroup": st.one_of(st.just(""), NAME)}),
        st.fixed_dictionaries({"pci": st.integers(0, 255).map("0000:{:02X}:00.1".format)}),
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "mac": st.integers(0, 255).map("52:54:00:ab:00:{:02X}".format),
            "vlan": st.one_of(st.just(0), VLAN),
            "trunks": st.lists(TRUNK, max_size=3),
            "model": st.sampled_from(["virtio", "e1000e"]),
            "offloads": st.booleans(),
            "alias": st.integers(0, 9).map("ua-{}".format),
            "teaming": st.sampled_from(
                [{"type": "none"}, {"type": "persistent"}, {"type": "transient", "persistent": "ua-1"}]
            ),
            "link": st.sampled_from(["up", "down"]),
            "mtu": st.sampled_from([0, 1400, 9000]),
            "queues": st.integers(1, 4),
            "bandwidth": st.one_of(
                st.fixed_dictionaries({}, optional={"inbound": SIDE, "outbound": SIDE}),
                st.just({"inbound": {"average_kib": 0}}),
            ),
            "filter": st.one_of(
                st.just({"name": ""}),
                st.fixed_dictionaries(
                    {"name": NAME.map("f{}".format)},
                    optional={"parameters": st.dictionaries(WORD, st.one_of(WORD, st.lists(WORD)))},
                ),
            ),
        },
    ),
)
CPUSET = st.sampled_from(["", "0", "1,0", "0-3,^2"])


def switches(*names: str) -> st.SearchStrategy[Params]:
    """Some of these, each on or off."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, st.booleans()))


XML = st.lists(
    st.sampled_from(
        [
            "<on_reboot>destroy</on_reboot>",
            "<title>a title</title>",
            '<memtune><min_guarantee unit="GiB">1</min_guarantee></memtune>',
            "<features><hap/><viridian/></features>",
            '<devices><memballoon model="none"/></devices>',
            '<devices><controller type="scsi" index="0" model="virtio-scsi"/></devices>',
            '<devices><redirdev bus="usb" type="spicevmc"/><redirdev bus="usb" type="spicevmc"/></devices>',
            '<q:capabilities xmlns:q="http://libvirt.org/schemas/domain/qemu/1.0"><q:add capability="x"/></q:capabilities>',
            '<devices><sound model="ich9" r:remove="yes" xmlns:r="urn:evergreen.virt:xml:1"/></devices>',
        ]
    ),
    max_size=4,
).map(lambda parts: f"<domain>{''.join(parts)}</domain>")
BLOCKS = st.integers(1, 99).map(lambda blocks: 2 * blocks)
OPTION_VALUES: dict[str, st.SearchStrategy[t.Any]] = {
    "virt_type": st.sampled_from(["kvm", "qemu"]),
    "memory_max_mib": MIB,
    "vcpus": st.integers(1, 8),
    "vcpus_max": st.integers(1, 8),
    "machine": st.sampled_from(["q35", "pc", "pc-q35-7.2", "virt"]),
    "firmware": st.sampled_from(["bios", "uefi", "uefi-secure"]),
    "features": switches("vmport", "pmu", "kvm_hidden"),
    "hyperv": st.builds(
        lambda switched, more: {**switched, **more},
        switches("relaxed", "vapic", "runtime", "reset", "ipi"),
        st.fixed_dictionaries({}, optional={"spinlocks": st.sampled_from([0, 8191]), "vendor_id": NAME}),
    ),
    "clock": st.builds(
        lambda when, timers: {**when, **timers},
        st.sampled_from([{}, {"offset": "utc"}, {"offset": "localtime"}, {"timezone": "Europe/Berlin"}]),
        st.fixed_dictionaries(
            {},
            optional={
                "timers": st.lists(
                    st.fixed_dictionaries(
                        {"name": st.sampled_from(["hpet", "rtc", "tsc"])},
                        optional={"present": st.booleans(), "tickpolicy": st.sampled_from(["catchup", "delay"])},
                    ),
                    max_size=2,
                    unique_by=lambda entry: t.cast(str, entry["name"]),
                )
            },
        ),
    ),
    "memory_backing": st.one_of(
        st.just({"hugepages": False}),
        st.fixed_dictionaries(
            {},
            optional={
                "hugepages": st.just(True),
                "hugepage_kib": st.sampled_from([2048, 2**20]),
                "locked": st.booleans(),
                "shared": st.booleans(),
                "source": st.sampled_from(["memfd", "file"]),
            },
        ),
    ),
    "numa": st.one_of(
        st.just({"nodeset": ""}),
        st.fixed_dictionaries(
            {"nodeset": st.sampled_from(["0", "0,1", "0-1"])},
            optional={"mode": st.sampled_from(["strict", "preferred"]), "cells": st.just([])},
        ),
    ),
    "memory_hotplug": st.one_of(
        st.just({"max_mib": 0}),
        st.fixed_dictionaries({"max_mib": st.integers(4096, 9999)}, optional={"slots": st.integers(1, 9)}),
    ),
    "memory_devices": st.lists(
        st.one_of(
            st.fixed_dictionaries(
                {"name": WORD, "size_mib": BLOCKS}, optional={"model": st.just("dimm"), "node": st.just(0)}
            ),
            st.fixed_dictionaries(
                {"name": WORD, "size_mib": BLOCKS, "model": st.just("virtio-mem")},
                optional={"requested_mib": st.sampled_from([0, 2])},
            ),
        ),
        max_size=2,
        unique_by=lambda entry: t.cast(str, entry["name"]),
    ),
    "pinning": st.fixed_dictionaries(
        {},
        optional={
            "cpuset": CPUSET,
            "vcpus": st.dictionaries(st.sampled_from([0, "0"]), CPUSET, max_size=1),
            "emulator": CPUSET,
        },
    ),
    "tpm": st.one_of(
        st.just({"version": "none"}),
        st.fixed_dictionaries(
            {"version": st.sampled_from(["1.2", "2.0"])},
            optional={"model": st.just("tis"), "persistent_state": st.booleans()},
        ),
    ),
    "cpu": st.builds(
        lambda which, more: {**which, **more},
        st.one_of(
            st.fixed_dictionaries({"mode": st.sampled_from(["host-model", "maximum", "host-passthrough"])}),
            st.fixed_dictionaries({"model": NAME}),
            st.fixed_dictionaries({"mode": st.just("custom"), "model": NAME}),
        ),
        st.fixed_dictionaries(
            {},
            optional={
                "topology": st.one_of(st.just({}), st.fixed_dictionaries({"cores": st.integers(1, 8)})),
                "features": st.dictionaries(
                    st.sampled_from(["vmx", "svm"]), st.sampled_from(["require", "disable", "default"])
                ),
            },
        ),
    ),
    "description": TEXT,
    "boot": st.lists(st.sampled_from(["disk", "cdrom", "network"]), unique=True),
    "kernel": TEXT,
    "initrd": TEXT,
    "cmdline": TEXT,
    "disks": st.lists(DISK, max_size=3, unique_by=lambda entry: t.cast(str, entry["target"])),
    "cdroms": st.lists(
        st.fixed_dictionaries({"target": st.sampled_from(["sda", "sdb"]), "path": st.sampled_from(["", "/srv/a.iso"])}),
        max_size=2,
        unique_by=lambda entry: t.cast(str, entry["target"]),
    ),
    "interfaces": st.lists(INTERFACE, max_size=3, unique_by=lambda entry: entry.get("mac") or id(entry)),
    "iothreads": st.integers(0, 4),
    "hostdevs": st.lists(
        st.one_of(
            st.fixed_dictionaries({"device": st.just("0000:65:00.0")}, optional={"managed": st.booleans()}),
            st.sampled_from(["046D:C52B", "1.04", "c2177883-f1bb-47f0-914d-32a22e3a8804"]).map(
                lambda device: {"device": device}
            ),
        ),
        max_size=3,
        unique_by=lambda entry: t.cast(str, entry["device"]),
    ),
    "video": st.fixed_dictionaries({"model": st.sampled_from(["none", "virtio", "vga"])}),
    "inputs": st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["tablet", "keyboard"])}, optional={"bus": st.sampled_from(["usb", "virtio"])}
        ),
        max_size=2,
        unique_by=lambda entry: t.cast(str, entry["type"]),
    ),
    "watchdog": st.one_of(
        st.just({"model": "none"}),
        st.fixed_dictionaries(
            {"model": st.sampled_from(["i6300esb", "itco", "ib700"])},
            optional={"action": st.sampled_from(["reset", "pause"])},
        ),
    ),
    "panic": st.booleans(),
    "tuning": st.fixed_dictionaries(
        {},
        optional={
            "cpu": st.fixed_dictionaries(
                {},
                optional={
                    "shares": st.integers(2, 10000),
                    "period_us": st.integers(1000, 10**6),
                    "quota_us": st.one_of(st.just(0), st.integers(1000, 10**6)),
                    "emulator_quota_us": st.one_of(st.just(0), st.integers(1000, 10**6)),
                },
            ),
            "memory": st.fixed_dictionaries({}, optional={"hard_limit_mib": LIMIT, "soft_limit_mib": LIMIT}),
            "block_io": st.fixed_dictionaries({}, optional={"weight": st.integers(1, 1000)}),
        },
    ),
    "graphics": st.one_of(
        st.just({"type": "none"}),
        st.fixed_dictionaries(
            {"type": st.sampled_from(["vnc", "spice"])},
            optional={"listen": NAME, "port": st.sampled_from([0, 5901]), "password": NAME},
        ),
    ),
    "consoles": st.lists(
        st.fixed_dictionaries(
            {"port": st.integers(0, 3), "type": st.sampled_from(["pty", "null"])},
            optional={"log": NAME.map("/tmp/{}".format)},
        ),
        max_size=2,
        unique_by=lambda entry: t.cast(int, entry["port"]),
    ),
    "guest_agent": st.booleans(),
    "rng": st.booleans(),
    "labels": st.dictionaries(NAME, st.one_of(TEXT, st.integers())),
    "policy": st.fixed_dictionaries(
        {},
        optional={
            "evacuation": st.sampled_from(["live", "stay"]),
            "anti_affinity": st.lists(NAME, max_size=2),
            "affinity": st.lists(NAME, max_size=2),
            "priority": st.integers(-9, 9),
            "max_downtime_ms": st.integers(1, 9999),
            "post_copy": st.booleans(),
            "hosts": st.lists(NAME, max_size=2),
        },
    ),
    "qemu_arguments": st.lists(TEXT, max_size=3),
    "xml": XML,
}


def possible(params: Params) -> bool:
    """Tell whether a VM without NUMA cells is asked to have memory plugged in."""
    return params.get("numa", {}).get("cells") != [] or not params.get("memory_hotplug", {}).get("max_mib")


WANTED = st.fixed_dictionaries({"memory_mib": MIB}, optional=OPTION_VALUES).filter(
    lambda params: (
        possible(params)
        and params.get("memory_max_mib", 2**20) >= params["memory_mib"]
        and params.get("vcpus_max", 8) >= params.get("vcpus", 1)
    )
)
# Of memory and CPUs one each: two that contradict what the VM has are refused.
CHANGES = {
    **{name: value for name, value in OPTION_VALUES.items() if name not in ("memory_max_mib", "vcpus_max")},
    "purge": st.lists(st.sampled_from(["disks", "interfaces", "consoles", "memory_devices"])),
}


def test_every_option_takes_part_in_the_round_trip() -> None:
    assert {option.name for option in OPTIONS} == {"memory_mib", *OPTION_VALUES}


@EXAMPLES
@given(WANTED)
def test_a_new_vm_has_what_was_wanted(params: Params) -> None:
    convergence.check(params)
    definition = created(params)
    assert convergence.converge(definition, None, params) == convergence.Convergence(ChangeSet())


@EXAMPLES
@given(WANTED)
def test_an_adopted_vm_converges_once_and_keeps_the_rest(params: Params) -> None:
    definition = adopted()
    first = convergence.converge(definition, None, params)
    after = definition if first.definition is None else tree.parse(first.definition)
    assert not convergence.converge(after, None, params).changes
    kept = ("metadata/{urn:example:other}thing", "on_crash", "devices/shmem", "os/bootmenu", "cpu/feature")
    for path in kept:
        found = after.find(path)
        assert found is not None
        assert ET.tostring(found) == ET.tostring(t.cast(ET.Element, definition.find(path)))
    assert after.findtext("uuid") == definition.findtext("uuid")
    assert "KEPT" in tree.serialize(after)
    assert '<other:thing xmlns:other="urn:example:other">kept</other:thing>' in tree.serialize(after)
    macs = [mac.get("address") for mac in after.iterfind("devices/interface/mac")]
    assert macs[:2] == ["52:54:00:00:00:01", "52:54:00:00:00:02"]
    assert len(set(macs)) == len(macs)


@EXAMPLES
@given(
    st.sampled_from([*SAMPLES, None]),
    st.lists(st.fixed_dictionaries({}, optional=CHANGES).filter(possible), min_size=2, max_size=4),
)
def test_any_sequence_of_specs_converges_in_one_step_each(sample: str | None, specs: list[Params]) -> None:
    definition = created({"memory_mib": 64, "disks": []}) if sample is None else tree.parse(SAMPLES[sample])
    for params in specs:
        first = convergence.converge(definition, None, params)
        definition = definition if first.definition is None else tree.parse(first.definition)
        assert convergence.converge(definition, definition, params) == convergence.Convergence(ChangeSet())


@EXAMPLES
@given(WANTED)
def test_what_is_read_can_be_written_as_options(params: Params) -> None:
    definition = created(params)
    values = {option.name: option.read(definition) for option in OPTIONS}
    assert not convergence.converge(definition, None, values).changes


@EXAMPLES
@given(WANTED)
def test_a_running_vm_that_equals_its_definition_needs_nothing(params: Params) -> None:
    definition = created(params)
    assert convergence.converge(definition, definition, params) == convergence.Convergence(ChangeSet())


LIVE: list[tuple[Params, list[str], list[str]]] = [
    ({"memory_mib": 256}, ["memory"], []),
    ({"memory_mib": 2048}, ["memory"], []),
    ({"memory_max_mib": 4096}, [], ["memory_max_mib"]),
    ({"vcpus": 2}, ["vcpus"], []),
    ({"vcpus_max": 4}, [], ["vcpus_max"]),
    ({"cmdline": "quiet"}, [], ["cmdline"]),
    ({"machine": "q35"}, [], []),
    ({"machine": "pc-q35-10.0"}, [], ["machine"]),
    ({"cpu": {"mode": "host-model"}}, [], []),
    ({"cpu": {"topology": {"cores": 2}}}, [], ["cpu.topology"]),
    ({"cpu": {"features": {"svm": "disable", "aes": "require"}}}, [], ["cpu.features"]),
    ({"cpu": {"features": {"aes": "optional"}}}, [], []),
    ({"firmware": "uefi"}, [], ["firmware"]),
    ({"features": {"vmport": False}}, [], ["features.vmport"]),
    ({"hyperv": {"relaxed": True, "ipi": False}}, [], ["hyperv.relaxed"]),
    ({"clock": {"offset": "localtime"}}, [], ["clock.offset"]),
    ({"memory_backing": {"shared": True, "locked": False}}, [], ["memory_backing.shared"]),
    ({"numa": {"nodeset": "0"}}, ["nodeset"], []),
    ({"numa": {"nodeset": "0", "mode": "preferred"}}, ["nodeset"], ["numa.mode"]),
    ({"numa": {"cells": [{"id": 0, "cpus": "0-1", "memory_mib": 1024}]}}, [], ["numa.cells"]),
    ({"memory_hotplug": {"max_mib": 8192}}, [], ["memory_hotplug.max_mib"]),
    ({"memory_devices": [{"name": "more", "size_mib": 512}]}, ["attach"], []),
    ({"pinning": {"vcpus": {0: "1"}}}, ["pin_vcpus"], []),
    ({"pinning": {"emulator": "0-1"}}, ["pin_emulator"], []),
    ({"pinning": {"cpuset": "0"}}, [], ["pinning.cpuset"]),
    ({"pinning": {"cpuset": "1,0", "vcpus": {1: ""}}}, [], []),
    ({"tpm": {"version": "2.0"}}, [], ["tpm.version"]),
    ({"tpm": {"version": "none"}}, [], []),
    ({"xml": '<domain><devices><watchdog action="none"/></devices></domain>'}, [], ["xml.devices.watchdog@action"]),
    ({"xml": '<domain><devices><graphics type="vnc" port="-1"/></devices></domain>'}, [], []),
    ({"description": "x"}, ["description"], []),
    ({"labels": {"a": "b"}}, ["metadata"], []),
    ({"policy": {"priority": 1}}, ["metadata"], []),
    ({"disks": [{"target": "vda", "cache": "none"}]}, [], ["disks[vda].cache"]),
    ({"disks": [{"target": "vdb", "path": "/dev/b"}]}, ["attach"], []),
    ({"disks": [{"target": "sdb", "path": "/dev/b", "bus": "sata"}]}, [], ["disks[sdb]"]),
    ({"disks": [], "purge": ["disks"]}, ["detach"], []),
    ({"cdroms": [{"target": "sda", "path": "/srv/a.iso"}]}, ["update"], []),
    ({"interfaces": [{"vlan": 11, "trunks": [20]}]}, ["update"], []),
    ({"interfaces": [{"model": "e1000e", "vlan": 11}]}, ["update"], ["interfaces[52:54:00:00:00:01].model"]),
    ({"interfaces": [{"mac": "52:54:00:00:00:02"}], "purge": ["interfaces"]}, ["detach"], []),
    ({"disks": [{"target": "vda", "iotune": {"total_iops_sec": 9, "read_bytes_sec": 5}}]}, ["block_limits"], []),
    ({"disks": [{"target": "vda", "discard": "ignore", "io": "native"}]}, [], ["disks[vda].io", "disks[vda].discard"]),
    ({"disks": [{"target": "sdb", "path": "/dev/b", "bus": "scsi"}]}, ["attach"], []),
    ({"iothreads": 2}, ["iothreads"], []),
    ({"interfaces": [{"link": "down", "bandwidth": {"inbound": {"average_kib": 5}}}]}, ["update"], []),
    ({"interfaces": [{"filter": {"name": "clean-traffic", "parameters": {"IP": "192.0.2.1"}}}]}, ["update"], []),
    ({"interfaces": [{"link": "down", "vlan": 11}]}, ["update", "update"], []),
    ({"interfaces": [{"mtu": 1400}]}, [], ["interfaces[52:54:00:00:00:01].mtu"]),
    ({"interfaces": [{}, {}, {"pci": "0000:65:00.1"}]}, ["attach"], []),
    ({"hostdevs": [{"device": "0000:65:00.0"}, {"device": "046d:c52b"}]}, ["attach", "attach"], []),
    ({"inputs": [{"type": "tablet"}]}, ["attach"], []),
    ({"video": {"model": "virtio"}, "panic": True}, [], ["video.model", "panic"]),
    ({"watchdog": {"model": "i6300esb", "action": "pause"}}, [], ["watchdog.action"]),
    ({"tuning": {"cpu": {"shares": 200, "quota_us": 5000}}}, ["scheduler"], []),
    (
        {"tuning": {"memory": {"hard_limit_mib": 2048}, "block_io": {"weight": 200}}},
        ["memory_limits", "block_weight"],
        [],
    ),
    ({"graphics": {"type": "vnc", "password": "new"}}, ["update"], []),
    ({"graphics": {"type": "vnc", "port": 5910}}, [], ["graphics.port"]),
    ({"consoles": [{"port": 1}]}, [], ["consoles[1]"]),
]


@pytest.mark.parametrize(("params", "calls", "waiting"), LIVE)
def test_what_a_running_vm_takes(params: Params, calls: list[str], waiting: list[str]) -> None:
    result = convergence.converge(adopted(), adopted(), params)
    assert [step.call for step in result.steps] == calls
    assert list(result.waiting) == waiting
    assert result.changes.restart_required == waiting
    later = convergence.converge(adopted(), adopted(), params, "next_start")
    assert not later.steps
    restart = convergence.converge(adopted(), adopted(), params, "restart")
    assert restart.restart == bool(waiting)
    assert not (restart.restart and (restart.steps or restart.waiting))


@pytest.mark.parametrize(("params", "calls", "waiting"), LIVE)
def test_uncertain_calls_are_made_once(params: Params, calls: list[str], waiting: list[str]) -> None:
    text = convergence.converge(adopted(), adopted(), params).definition
    again = convergence.converge(tree.parse(text) if text else adopted(), adopted(), params)
    assert again.definition is None
    assert not any(step.uncertain for step in again.steps)
    assert {change.path.partition(".")[0] for change in again.changes} <= {"running"}


def test_a_device_that_the_running_vm_lacks_is_taken_from_the_definition() -> None:
    text = convergence.converge(
        adopted(), None, {"disks": [{"target": "vdb", "path": "/dev/b", "serial": "S"}]}
    ).definition
    assert text is not None
    result = convergence.converge(tree.parse(text), adopted(), {"disks": [{"target": "vdb", "readonly": False}]})
    (step,) = result.steps
    assert "/dev/b" in step.argument
    assert "S" in step.argument


def test_graphics_that_the_running_vm_lacks_wait_with_all_their_options() -> None:
    running = adopted()
    tree.drop(running, "devices/graphics")
    graphics = {"type": "vnc", "password": "new"}
    result = convergence.converge(running, running, {"graphics": graphics})
    assert result.steps == {}
    assert set(result.waiting) == {"graphics.type", "graphics.password"}
    assert convergence.options_of(tree.parse(result.definition or ""))["graphics"]["type"] == "vnc"


def test_labels_and_policy_are_written_to_the_running_vm_together() -> None:
    result = convergence.converge(adopted(), adopted(), {"labels": {"a": "b"}, "policy": {"priority": 1}})
    last = list(result.steps)[-1].argument
    assert "labels" in last
    assert '"a"' in last.replace("&quot;", '"')
    assert "priority" in last


def test_secrets_are_not_shown() -> None:
    result = convergence.converge(adopted(), adopted(), {"graphics": {"type": "vnc", "password": "new"}})
    assert list(result.changes.diff()["before"].values()) == ["(hidden)"]
    assert "new" not in str(result.changes.diff()["after"].values())
    assert convergence.options_of(adopted())["graphics"]["password"] == "(hidden)"


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"memory_mib": 0}, "memory_mib: 0 is not between"),
        ({"memory_mib": 2, "memory_max_mib": 1}, "memory_max_mib"),
        ({"vcpus": 2, "vcpus_max": 1}, "vcpus_max"),
        ({"cpu": {"mode": "maximum", "model": "qemu64"}}, "cpu: a model"),
        ({"cpu": {"topology": {"cores": 0}}}, "cpu.topology: cores: 0 is not"),
        ({"cpu": {"features": {"aes": "on"}}}, "cpu.features: aes: 'on' is not one of"),
        ({"hyperv": {"spinlocks": 1}}, "spinlocks: 1 is neither"),
        ({"hyperv": {"vendor_id": "a,b"}}, "vendor_id"),
        ({"hyperv": {"synic": True, "vpindex": False}}, "synic needs vpindex"),
        ({"clock": {"offset": "timezone"}}, "needs a timezone"),
        ({"clock": {"offset": "utc", "timezone": "Europe/Berlin"}}, "needs offset timezone"),
        ({"clock": {"timers": [{"name": "rtc"}, {"name": "rtc"}]}}, "named twice"),
        ({"memory_backing": {"hugepages": False, "hugepage_kib": 2048}}, "needs hugepages"),
        ({"memory_backing": {"hugepage_kib": -1}}, "hugepage_kib"),
        ({"numa": {"nodeset": "a"}}, "numa.nodeset: 'a' is not a set"),
        ({"numa": {"nodeset": "", "mode": "strict"}}, "needs a nodeset"),
        ({"numa": {"cells": [{"id": 1, "cpus": "0", "memory_mib": 1}]}}, "numbered from 0"),
        ({"numa": {"cells": [{"id": 0, "cpus": "", "memory_mib": 1}]}}, r"cells\[0\]"),
        ({"numa": {"cells": [{"id": 0, "cpus": "0", "memory_mib": -1}]}}, "no memory"),
        ({"numa": {"cells": []}, "memory_hotplug": {"max_mib": 9999}}, "numa.cells: memory_hotplug needs one"),
        ({"memory_hotplug": {"slots": 2}}, "without max_mib"),
        ({"memory_devices": [{"name": "a b"}]}, r"memory_devices\[a b\].*letters"),
        ({"memory_devices": [{"name": "a", "size_mib": 3}]}, "no multiple of 2"),
        ({"memory_devices": [{"name": "a", "size_mib": 0}]}, "no memory"),
        ({"memory_devices": [{"name": "a", "size_mib": 4, "requested_mib": 6}]}, "6 MiB are requested of 4"),
        ({"pinning": {"vcpus": {"a": "0"}}}, "'a' is not the number"),
        ({"pinning": {"vcpus": {"9" * 5000: "0"}}}, "is not the number"),
        ({"pinning": {"vcpus": {0: None}}}, "vcpus: 0: 'None'"),
        ({"pinning": {"vcpus": {0: "5-3"}}}, "vcpus: 0: '5-3'"),
        ({"pinning": {"emulator": "0;reboot"}}, "emulator"),
        ({"tpm": {"version": "none", "model": "tis"}}, "version none"),
        ({"tpm": {"version": "1.2", "model": "crb"}}, "needs version 2.0"),
        ({"boot": ["disk", "disk"]}, "twice"),
        ({"disks": [{"target": "x/1"}]}, r"disks\[x/1\].target"),
        ({"disks": [{"target": "vda", "path": "a"}]}, "absolute"),
        ({"disks": [{"target": "vda", "path": ""}]}, "medium"),
        ({"disks": [{"target": "vda"}, {"target": "vda"}]}, "named twice"),
        ({"interfaces": [{"mac": "52:54"}]}, "MAC address"),
        ({"interfaces": [{"mac": "01:00:00:00:00:01"}]}, "multicast"),
        ({"interfaces": [{"vlan": 4095}]}, r"interfaces\[1\].vlan"),
        ({"interfaces": [{"trunks": [0]}]}, "trunks"),
        ({"disks": [{"target": "vda", "iotune": {"total_iops_sec": 1, "read_iops_sec": 1}}]}, "exclude each other"),
        ({"disks": [{"target": "vda", "iotune": {"total_iops_sec": -1}}]}, r"disks\[vda\].iotune.total_iops_sec"),
        ({"interfaces": [{"pci": "1.4"}]}, "PCI address"),
        ({"interfaces": [{"alias": "net0"}]}, "ua-"),
        ({"interfaces": [{"teaming": {"type": "transient"}}]}, "persistent partner"),
        ({"interfaces": [{"teaming": {"type": "persistent", "persistent": "ua-1"}}]}, "persistent partner"),
        ({"interfaces": [{"bandwidth": {"inbound": {"average_kib": 0, "peak_kib": 1}}}]}, "needs an average"),
        ({"interfaces": [{"filter": {"name": "", "parameters": {"IP": "192.0.2.1"}}}]}, "need a filter"),
        ({"hostdevs": [{"device": "65:00.0"}]}, "PCI address"),
        ({"hostdevs": [{"device": "046d:c52b", "managed": True}]}, "only a PCI device"),
        ({"watchdog": {"model": "none", "action": "reset"}}, "watchdog"),
        ({"tuning": {"cpu": {"quota_us": 5}}}, r"tuning.cpu.quota_us: 5 is not"),
        ({"tuning": {"memory": {"hard_limit_mib": 2, "swap_hard_limit_mib": 1}}}, "tuning.memory"),
        ({"graphics": {"type": "none", "port": 1}}, "graphics"),
        ({"consoles": [{"port": 0, "type": "file"}]}, "path"),
        ({"labels": {"a": "\x00"}}, "XML"),
    ],
)
def test_what_cannot_be_meant_is_refused(params: Params, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        convergence.check(params)


@pytest.mark.parametrize(
    "params",
    [{"disks": [{"target": "vda"}]}, {"disks": [{"target": "vda", "path": "/a"}]}, {"interfaces": [{"vlan": 1}]}],
)
def test_a_new_device_needs_a_source(params: Params) -> None:
    with pytest.raises(InvalidInputError):
        created(params)


@pytest.mark.parametrize(
    ("target", "bus"),
    [("vda", "virtio"), ("vdaa", "virtio"), ("sda", "sata"), ("sdaa", "sata"), ("hdb", "ide"), ("xvda", "xen")],
)
def test_a_new_disk_is_on_the_bus_that_its_name_says(target: str, bus: str) -> None:
    element = created({"disks": [{"target": target, "path": "/a", "format": "raw"}]}).find("devices/disk/target")
    assert element is not None
    assert element.get("bus") == bus


def test_no_emulator_and_no_address_is_baked_in() -> None:
    text = tree.serialize(created({"memory_mib": 1}))
    assert "emulator" not in text
    assert "address" not in text


def test_a_new_interface_is_told_once() -> None:
    result = convergence.converge(adopted(), adopted(), {"interfaces": [{}, {}, {"bridge": "b"}]})
    assert [change.path for change in result.changes] == ["interfaces[3]"]


def test_names_of_options_are_unique() -> None:
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert all(isinstance(option.spec, dict) for option in OPTIONS)
    assert any(isinstance(option, Scalar) for option in OPTIONS)
