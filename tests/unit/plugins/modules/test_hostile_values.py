# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts and numbers that nobody means well: taken and kept exactly, or refused before anything is changed.

Every option that is a text or a number gets every one of them, on libvirt's own driver for tests.
"""

from __future__ import annotations

import collections
import typing as t

import libvirt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM
from ansible_collections.evergreen.virt.plugins.modules import network, storage_pool, storage_volume, vm

from .tasks import Module, Options

TEXTS = (
    "-rf", "--", "a;b $(c)", "../x", "a'b", 'a"b', "a<b>&c", "]]>", "'/><evil/>", "a,b=c", "%s{0}", " a ", "a  b", "",
    "a\nb", "a\tb", "a\rb", "a\x01b", "\x00", "\ud800", "\ufffe", "\u00fcn\u00efcode\U0001F600", "x" * 250, "x" * 300,
)  # fmt: skip
NUMBERS = (-1, 0, 2**31, 2**32, 2**63, 2**64, 10**30)
UUID = "6a4e2b1e-5d0c-4b8e-9a3f-0c1d2e3f4a5b"
REFUSED = {"invalid_input", "not_found", "unsupported"}
"""How errors are told that come before any change."""

LIST = "[]"
Path = tuple[str, ...]


def leaves(options: t.Mapping[str, t.Any], path: Path = ()) -> t.Iterator[tuple[Path, t.Sequence[t.Any]]]:
    """The path of each option that is a text or a number, and what it gets."""
    for name, option in options.items():
        here = (*path, name, *([LIST] if option["type"] == "list" else ()))
        kind = option.get("elements", option["type"])
        if option.get("options"):
            yield from leaves(option["options"], here)
        elif kind in ("str", "path") and not option.get("choices"):
            yield here, TEXTS
        elif kind in ("int", "float"):
            yield here, NUMBERS


DEVICES = ("disks", "cdroms")
INSIDE: dict[Path, Options] = {
    (): {"name": "h", "memory_mib": 64},
    ("disks", LIST): {"target": "vda", "format": "raw", "path": "/dev/x"},
    ("cdroms", LIST): {"target": "sda"},
    ("disks", LIST, "image"): {"pool": "default-pool", "volume": "base"},
    **{(device, LIST, "network"): {"protocol": "rbd", "name": "a"} for device in DEVICES},
    **{(device, LIST, "network", "hosts", LIST): {"host": "h"} for device in DEVICES},
    ("interfaces", LIST): {"bridge": "br0"},
    ("interfaces", LIST, "teaming"): {"type": "transient"},
    ("consoles", LIST): {"port": 0},
    ("graphics",): {"type": "vnc"},
    ("memory_devices", LIST): {"name": "h", "size_mib": 2},
    ("numa", "cells", LIST): {"id": 0, "cpus": "0", "memory_mib": 64},
}
"""What a dictionary has beside the option that is tried."""

WITH: dict[Path, Options] = {
    ("disks", LIST, "pool"): {"path": None, "volume": "v"},
    ("disks", LIST, "volume"): {"path": None, "pool": "default-pool", "size_mib": 1},
    ("disks", LIST, "network"): {"path": None},
    ("disks", LIST, "image"): {"path": None, "pool": "default-pool", "volume": "v"},
    ("disks", LIST, "image", "path"): {"pool": None, "volume": None},
    ("disks", LIST, "size_gib"): {"path": None, "pool": "default-pool", "volume": "v"},
    ("disks", LIST, "size_mib"): {"path": None, "pool": "default-pool", "volume": "v"},
    ("cdroms", LIST, "pool"): {"volume": "v"},
    ("cdroms", LIST, "volume"): {"pool": "default-pool"},
    **{(device, LIST, "network", "username"): {"secret_uuid": UUID} for device in DEVICES},
    **{(device, LIST, "network", "secret_uuid"): {"username": "u"} for device in DEVICES},
    ("interfaces", LIST, "network"): {"bridge": None},
    ("interfaces", LIST, "pci"): {"bridge": None},
    ("interfaces", LIST, "portgroup"): {"bridge": None, "network": "default"},
    ("consoles", LIST, "path"): {"type": "file"},
    ("memory_devices",): {"memory_hotplug": {"max_mib": 2**32}},
    ("memory_devices", LIST, "requested_mib"): {"model": "virtio-mem"},
}
"""What one option needs beside it, or, as None, does not stand."""

NOT_TRIED = ("uri", "timeout", "ready_timeout", "purge", "xml", "vms")
"""Numbers that only wait, and an overlay, which is XML itself."""


def wanted(path: Path, value: t.Any, base: Path = ()) -> t.Any:
    """Options in which the one at `path` has the value."""
    if not path:
        return value
    if path[0] == LIST:
        return [wanted(path[1:], value, (*base, LIST))]
    here = (*base, path[0])
    found = {**INSIDE.get(base, {}), **WITH.get(here, {}), path[0]: wanted(path[1:], value, here)}
    return {key: part for key, part in found.items() if part is not None}


def shown(result: t.Any, path: Path) -> t.Any:
    for name in path:
        result = None if not result else result[0] if name == LIST else result.get(name)
    return result


def tags(host: libvirt.virConnect, name: str) -> t.Counter[str]:
    """How often each element is in a VM's definition; libvirt's own text must be well-formed for that."""
    return collections.Counter(element.tag for element in tree.parse(host.lookupByName(name).XMLDesc(0)).iter())


def tidy(host: libvirt.virConnect) -> None:
    for domain in host.listAllDomains():
        if domain.name() != "test":
            domain.undefine()
    for volume in host.storagePoolLookupByName("default-pool").listAllVolumes():
        volume.delete()


OPTIONS = [(path, values) for path, values in leaves(VM.options) if path[0] not in NOT_TRIED]
HIDDEN: dict[Path, str] = {("graphics", "password"): "(hidden)"}
UNSHOWN = {("disks", LIST, "size_gib"), ("disks", LIST, "size_mib")}
"""A disk's size is its volume's."""


def outcome(module: Module, options: Options) -> Options | VirtError:
    """A task's result, or why it failed."""
    try:
        return module(**options)
    except VirtError as exc:
        return exc


def took(host: libvirt.virConnect, path: Path, value: t.Any) -> bool:
    """Whether a new VM took the value; it has it exactly then, and is not there otherwise."""
    options = wanted(path, value)
    made = outcome(Module(vm), options)
    if isinstance(made, VirtError):
        assert made.code in REFUSED, (value, str(made))
        assert [domain.name() for domain in host.listAllDomains()] == ["test"], (value, str(made))
        assert path not in HIDDEN or not value or value not in str(made)
        return False
    again = Module(vm)(**options)
    assert made["changed"], value
    assert not again["changed"], (value, again["diff"])
    if path not in UNSHOWN:
        expected = HIDDEN.get(path, value)
        assert (shown(again["vm"], path) or "") == (expected or ""), value
    return True


@pytest.mark.parametrize(("path", "values"), OPTIONS, ids=[".".join(path) for path, _values in OPTIONS])
def test_an_option_of_a_vm(host: libvirt.virConnect, path: Path, values: t.Sequence[t.Any]) -> None:
    for value in values:
        if took(host, path, value):
            assert "evil" not in tags(host, wanted(path, value)["name"]), value
        tidy(host)


def test_a_text_changes_nothing_but_itself(host: libvirt.virConnect) -> None:
    counted = []
    for text in ("plain", "a<b>&c'\"]]>"):
        serial = [{"target": "vda", "path": "/dev/x", "format": "raw", "serial": text}]
        Module(vm)(name=text, memory_mib=64, description=text, cmdline=text, disks=serial, labels={text: text})
        counted.append(tags(host, text))
    assert counted[0] == counted[1]
    tidy(host)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.sampled_from([("name",), ("description",), ("cmdline",), ("disks", LIST, "path")]))
def test_any_text(host: libvirt.virConnect, text: str, path: Path) -> None:
    took(host, path, f"/{text}" if path[-1] == "path" else text)
    tidy(host)


@pytest.mark.parametrize(
    "options",
    [
        {"labels": {"a": None}},
        {"labels": {"a\x00": "b"}},
        {"labels": {"a": {"b": "\ud800"}}},
        {"cpu": {"features": {"'/><evil/>": "require"}}},
        {"pinning": {"vcpus": {"0'/>": "0"}}},
        {"interfaces": [{"bridge": "br0", "filter": {"name": "a", "parameters": {"IP'/>": "1"}}}]},
        {"interfaces": [{"bridge": "br0", "filter": {"name": "a", "parameters": {"IP": [None, -1]}}}]},
        {"interfaces": [{"bridge": "br0", "trunks": [True]}]},
        {"interfaces": [{"bridge": "br0", "trunks": [-1]}]},
        {"boot": ["disk", "disk"]},
        {"qemu_arguments": ["a\nb"]},
    ],
)
def test_what_lists_and_dictionaries_do_not_take(host: libvirt.virConnect, options: Options) -> None:
    with pytest.raises(VirtError) as caught:
        Module(vm)(name="h", memory_mib=64, **options)
    assert caught.value.code == "invalid_input"
    assert host.listDefinedDomains() == []


@pytest.mark.parametrize("labels", [{"'/><evil/>": "]]>"}, {"\n": "\t\r\n"}, {"a": True, "b": -1}, {"": ""}])
def test_labels_are_kept_exactly(host: libvirt.virConnect, labels: Options) -> None:
    Module(vm)(name="h", memory_mib=64, labels=labels)
    again = Module(vm)(name="h", labels=labels)
    assert not again["changed"]
    assert again["vm"]["labels"] == {key: str(value) for key, value in labels.items()}
    tidy(host)


ADDRESS = {"address": "192.0.2.1", "prefix": 24}
SOURCES: dict[str, Options] = {
    "netfs": {"hosts": ["h"], "dir": "/d"},
    "rbd": {"hosts": ["h"], "name": "n"},
    "iscsi": {"hosts": ["h"], "devices": ["d"]},
}
AUTH = {"username": "u", "secret": UUID}


def pool(kind: str, **source: t.Any) -> tuple[Module, Options]:
    path = {} if kind == "rbd" else {"path": "/q"}
    return Module(storage_pool), {"name": "q", "type": kind, **path, "source": {**SOURCES[kind], **source}}


def made(**options: t.Any) -> tuple[Module, Options]:
    return Module(storage_volume), {"pool": "default-pool", "name": "v", **options}


def net(**options: t.Any) -> tuple[Module, Options]:
    return Module(network), {"name": "n", "bridge": "b", "mode": "isolated", **options}


def served(**options: t.Any) -> tuple[Module, Options]:
    return net(addresses=[{**ADDRESS, **options}])


OTHERS: dict[str, t.Callable[[t.Any], tuple[Module, Options]]] = {
    "pool.name": lambda text: (Module(storage_pool), {"name": text, "type": "dir", "path": "/q"}),
    "pool.path": lambda text: (Module(storage_pool), {"name": "q", "type": "dir", "path": text}),
    "pool.source.dir": lambda text: pool("netfs", dir=text),
    "pool.source.name": lambda text: pool("rbd", name=text),
    "pool.source.hosts": lambda text: pool("rbd", hosts=[text]),
    "pool.source.username": lambda text: pool("rbd", **{**AUTH, "username": text}),
    "pool.source.secret": lambda text: pool("rbd", **{**AUTH, "secret": text}),
    "pool.source.devices": lambda text: pool("iscsi", devices=[text]),
    "pool.source.initiator": lambda text: pool("iscsi", initiator=text),
    "volume.name": lambda text: (Module(storage_volume), {"pool": "default-pool", "name": text, "size_gib": 1}),
    "volume.pool": lambda text: (Module(storage_volume), {"pool": text, "name": "v", "size_gib": 1}),
    "volume.source.pool": lambda text: made(source={"pool": text, "volume": "w"}),
    "volume.source.volume": lambda text: made(source={"volume": text}),
    "volume.source.checksum": lambda text: made(source={"volume": "w", "checksum": text}),
    "volume.upload": lambda text: made(upload=text),
    "network.name": lambda text: net(name=text),
    "network.bridge": lambda text: net(bridge=text),
    "network.zone": lambda text: net(zone=text),
    "network.domain": lambda text: net(domain=text),
    "network.portgroups": lambda text: net(portgroups=[{"name": text}]),
    "network.devices": lambda text: (Module(network), {"name": "n", "mode": "vepa", "devices": [text]}),
    "network.pf": lambda text: (Module(network), {"name": "n", "mode": "hostdev", "pf": text}),
    "network.dns.hosts": lambda text: net(dns={"hosts": [{"address": "192.0.2.9", "names": [text]}]}),
    "network.dns.txt.name": lambda text: net(dns={"txt": [{"name": text, "value": "v"}]}),
    "network.dns.txt.value": lambda text: net(dns={"txt": [{"name": "a", "value": text}]}),
    "network.dns.srv.service": lambda text: net(dns={"srv": [{"service": text, "protocol": "tcp"}]}),
    "network.dns.srv.domain": lambda text: net(dns={"srv": [{"service": "s", "protocol": "tcp", "domain": text}]}),
    "network.dns.srv.target": lambda text: net(dns={"srv": [{"service": "s", "protocol": "tcp", "target": text}]}),
    "network.dns.forwarders": lambda text: net(dns={"forwarders": [{"domain": text}]}),
    "network.tftp_root": lambda text: served(tftp_root=text),
    "network.dhcp.hosts.name": lambda text: served(dhcp={"hosts": [{"name": text, "address": "192.0.2.9"}]}),
    "network.dhcp.hosts.id": lambda text: served(dhcp={"hosts": [{"id": text, "address": "192.0.2.9"}]}),
    "network.dhcp.bootp_file": lambda text: served(dhcp={"start": "192.0.2.8", "end": "192.0.2.9", "bootp_file": text}),
}


def took_other(module: Module, options: Options) -> bool:
    made = outcome(module, options)
    if isinstance(made, VirtError):
        assert made.code in REFUSED, (options, str(made))
        return False
    assert made["changed"], options
    assert not module(**options)["changed"], options
    return True


def things(host: libvirt.virConnect) -> list[t.Any]:
    """What there is beside what libvirt's driver for tests begins with."""
    volumes = host.storagePoolLookupByName("default-pool").listAllVolumes()
    pools = [found for found in host.listAllStoragePools() if found.name() != "default-pool"]
    return [*volumes, *pools, *(found for found in host.listAllNetworks() if found.name() != "default")]


@pytest.mark.parametrize("option", OTHERS)
def test_an_option_of_another_object(host: libvirt.virConnect, option: str) -> None:
    for text in TEXTS:
        module, options = OTHERS[option](text)
        left = 1 if took_other(module, options) else 0
        found = things(host)
        assert len(found) == left, text
        for thing in found:
            if isinstance(thing, libvirt.virStorageVol):
                thing.delete()
            else:
                thing.destroy()
                thing.undefine()


@pytest.mark.parametrize("size", [-1, 0, 2**63, 10**30, -0.5, 1e308, float("nan"), float("inf")])
def test_sizes_of_volumes(host: libvirt.virConnect, size: float) -> None:
    with pytest.raises(VirtError) as caught:
        Module(storage_volume)(pool="default-pool", name="v", size_gib=size)
    assert caught.value.code == "invalid_input"
    assert host.storagePoolLookupByName("default-pool").listVolumes() == []


@pytest.mark.parametrize("uri", ["\x00", "\ud800", "test:///default\n"])
def test_uris(uri: str) -> None:
    with pytest.raises(VirtError) as caught:
        Module(vm)(name="h", memory_mib=64, uri=uri)
    assert caught.value.code == "invalid_input"
