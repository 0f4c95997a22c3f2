# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import gc
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Ran
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import occupants

URI = "test:///default"
XML = "<domain type='test'><name>{}</name><memory>65536</memory><os><type>hvm</type></os></domain>"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[libvirt.virConnect]:
    """A host with one VM that runs, one that is paused, one that is off and one that is transient."""
    gc.collect()  # errors that earlier tests caught hold frames with theirs
    connection = libvirt.open(URI)
    connection.lookupByName("test").destroy()
    for name in ("runs", "paused", "off"):
        connection.defineXML(XML.format(name))
    for name in ("runs", "paused"):
        connection.lookupByName(name).create()
    connection.lookupByName("paused").suspend()
    connection.createXML(XML.format("transient"))
    monkeypatch.setattr(occupants, "userspace_id", lambda: "b1")
    yield connection
    connection.close()


def test_who_runs_and_outlasts_it(host: libvirt.virConnect) -> None:
    assert occupants.running(URI) == [Ran("runs", host.lookupByName("runs").UUIDString(), "b1")]


def test_who_is_off(host: libvirt.virConnect) -> None:
    those = [Ran(name, host.lookupByName(name).UUIDString(), "b1") for name in ("runs", "off")]
    assert occupants.off(URI, [*those, Ran("gone", "u", "b1")]) == ["off"]


@pytest.mark.parametrize(("runs", "empty"), [(True, False), (False, True)])
def test_a_vm_that_is_kept_as_it_crashed_is_on_its_host(
    host: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch, runs: bool, empty: bool
) -> None:
    for name in ("paused", "runs", "transient"):
        host.lookupByName(name).destroy()
    if runs:
        host.lookupByName("off").create()
    crashed = {"state.state": libvirt.VIR_DOMAIN_CRASHED}
    monkeypatch.setattr(
        libvirt.virConnect, "getAllDomainStats", lambda one, *_what: [(vm, crashed) for vm in one.listAllDomains()]
    )
    with contextlib.nullcontext() if empty else pytest.raises(ConflictError, match="VMs are active on it: off"):
        occupants.check_none(URI)
    those = [Ran("off", host.lookupByName("off").UUIDString(), "b1")]
    assert occupants.off(URI, those) == (["off"] if empty else [])


def test_a_host_is_empty_when_nothing_is_active(host: libvirt.virConnect) -> None:
    with pytest.raises(ConflictError, match="VMs are active on it: paused, runs, transient"):
        occupants.check_none(URI)
    for name in ("paused", "runs", "transient"):
        host.lookupByName(name).destroy()
    occupants.check_none(URI)
