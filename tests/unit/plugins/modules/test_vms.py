# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules for many VMs ask of libvirt, on libvirt's own test driver."""

from __future__ import annotations

import collections
import typing as t
from pathlib import Path

import libvirt
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task
from ansible_collections.evergreen.virt.plugins.modules import vm_info, vms

NODE = '<node xmlns:test="http://libvirt.org/schemas/domain/test/1.0">{}</node>'
DOMAIN = """
<domain type="test">
  <test:runstate>5</test:runstate>
  <name>vm{}</name><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>
</domain>"""
ASKS = {
    libvirt: ["open"],
    libvirt.virConnect: ["listAllDomains", "getAllDomainStats", "getCapabilities", "getCPUModelNames", "lookupByName"],
    libvirt.virDomain: ["XMLDesc", "state", "info", "isActive", "isPersistent", "autostart"],
}
Calls = t.Counter[str]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """How often each of ASKS was called."""
    counted: Calls = collections.Counter()

    def counting(name: str, call: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def wrapper(*args: t.Any, **kwargs: t.Any) -> t.Any:
            counted[name] += 1
            return call(*args, **kwargs)

        return wrapper

    for owner, names in ASKS.items():
        for name in names:
            monkeypatch.setattr(owner, name, counting(name, getattr(owner, name)))
    return counted


def node(folder: Path, count: int) -> str:
    """The URI of a host with so many VMs, all off."""
    path = folder / f"{count}.xml"
    path.write_text(NODE.format("".join(DOMAIN.format(number) for number in range(count))))
    return f"test://{path}"


def task(spec: ArgSpec, **params: t.Any) -> Task:
    found = ArgumentSpecValidator(**spec.as_module_arguments()).validate(params)
    assert not found.error_messages
    return Task(found.validated_parameters, check_mode=False, warn=pytest.fail)


def converged(uri: str, names: t.Iterable[str]) -> dict[str, t.Any]:
    entries = [{"name": name, "memory_mib": 64} for name in names]
    return vms.converge(task(vms.SPEC, uri=uri, vms=entries))


@pytest.mark.parametrize("count", [3, 30])
def test_unchanged_vms_cost_their_xml_and_a_handful_of_lists(tmp_path: Path, calls: Calls, count: int) -> None:
    result = converged(node(tmp_path, count), [f"vm{number}" for number in range(count)])
    assert not result["changed"]
    assert [entry["vm"]["state"] for entry in result["results"]] == ["shutoff"] * count
    assert calls == {"open": 1, "listAllDomains": 3, "getAllDomainStats": 1, "XMLDesc": count}


@pytest.mark.parametrize("count", [3, 30])
def test_new_vms_ask_the_host_once_what_it_can(tmp_path: Path, calls: Calls, count: int) -> None:
    result = converged(node(tmp_path, 1), [f"new{number}" for number in range(count)])
    assert [entry["changed"] for entry in result["results"]] == [True] * count
    assert [entry["vm"]["memory_mib"] for entry in result["results"]] == [64] * count
    assert (calls["open"], calls["getCapabilities"], calls["listAllDomains"]) == (1, 1, 3)
    assert calls["lookupByName"] == count  # what has become of them


@pytest.mark.parametrize("count", [3, 30])
def test_facts_cost_the_xml_and_a_handful_of_lists(tmp_path: Path, calls: Calls, count: int) -> None:
    found = vm_info.read(task(vm_info.SPEC, uri=node(tmp_path, count)))
    assert len(found["vms"]) == count
    assert calls == {"open": 1, "listAllDomains": 5, "getAllDomainStats": 1, "XMLDesc": count}
