# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs that wait, on libvirt's own driver for tests."""

from __future__ import annotations

import gc
import pathlib
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    DeadlineError,
    NotFoundError,
    OperationError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Stopped
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import busy, stopping
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, record, stopped, turn
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.start import start
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.stop import Wish, stop
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.terms import Terms
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._stopping.as_if import as_if

URI = "test:///default"
XML = "<domain type='test'><name>{}</name><memory>65536</memory><os><type>hvm</type></os></domain>"


@pytest.fixture
def host() -> t.Iterator[libvirt.virConnect]:
    gc.collect()  # errors that earlier tests caught hold frames with theirs
    connection = libvirt.open(URI)
    assert [domain.name() for domain in connection.listAllDomains()] == ["test"]
    for name in ("db", "web", "off"):
        connection.defineXML(XML.format(name))
    for name in ("db", "web"):
        connection.lookupByName(name).create()
    yield connection
    connection.close()


@pytest.fixture
def terms(tmp_path: pathlib.Path) -> Terms:
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00"), tmp_path)
    return Terms(URI, "me", 5.0, 0.0, tmp_path)


def states(host: libvirt.virConnect) -> dict[str, bool]:
    return {name: bool(host.lookupByName(name).isActive()) for name in ("db", "web", "off")}


def owed(terms: Terms) -> list[tuple[str, str, str]]:
    known = record.read(terms.directory)
    assert known is not None
    return [(vm.vm, vm.way, vm.why) for vm in known.stopped]


def results(rows: t.Sequence[dict[str, t.Any]]) -> dict[str, tuple[str, bool]]:
    return {row["vm"]: (row["result"], row["changed"]) for row in rows}


WISHES = [Wish("db", "suspend", "a disk"), Wish("web", "shutdown", "a disk"), Wish("off", "shutdown", "a disk")]


def test_who_was_stopped_is_started_and_nobody_else(host: libvirt.virConnect, terms: Terms) -> None:
    assert results(stop(WISHES, terms, check_mode=True)) == {
        "db": ("would_stop", True),
        "web": ("would_stop", True),
        "off": ("off", False),
    }
    assert (states(host)["db"], owed(terms)) == (True, [])
    assert results(stop(WISHES, terms, check_mode=False)) == {
        "db": ("stopped", True),
        "web": ("stopped", True),
        "off": ("off", False),
    }
    assert states(host) == {"db": False, "web": False, "off": False}
    assert owed(terms) == [("db", "suspend", "a disk"), ("web", "shutdown", "a disk")]
    for check_mode in (True, False):
        again = results(stop(WISHES, terms, check_mode=check_mode))
        assert again == {"db": ("stopped", False), "web": ("stopped", False), "off": ("off", False)}

    assert results(start(terms, check_mode=True)) == {
        "db": ("would_start", True),
        "web": ("would_start", True),
    }
    rows = start(terms, check_mode=False)
    assert results(rows) == {"db": ("restored", True), "web": ("started", True)}
    assert {row["why"] for row in rows} == {"a disk"}
    assert (states(host), owed(terms)) == ({"db": True, "web": True, "off": False}, [])
    known = record.read(terms.directory)
    assert known is not None
    assert known.allow == []
    assert start(terms, check_mode=False) == []


def test_a_crash_after_the_note_and_before_the_stop_costs_nothing(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_positional: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stopping, "stop", crash)
    with pytest.raises(KeyboardInterrupt):
        stop(WISHES, terms, check_mode=False)
    assert [name for name, _way, _why in owed(terms)] == ["db", "web"]
    host.lookupByName("web").shutdown()
    assert results(start(terms, check_mode=False)) == {"db": ("running", True), "web": ("started", True)}
    assert owed(terms) == []


def test_one_that_does_not_stop_does_not_keep_others_and_stays_noted(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_domain: object, _seconds: float) -> None:
        raise DeadlineError("VM 'web' did not shut down; it keeps running.")

    monkeypatch.setattr(stopping, "_shut_down", never)
    with pytest.raises(OperationError, match="not every VM was stopped: VM 'web' did not shut down") as caught:
        stop(WISHES, terms, check_mode=False)
    assert {row["vm"]: row["result"] for row in caught.value.details["vms"]} == {
        "db": "stopped",
        "web": "failed",
        "off": "off",
    }
    assert states(host) == {"db": False, "web": True, "off": False}
    assert [name for name, _way, _why in owed(terms)] == ["db", "web"]


def test_one_that_does_not_start_stays_owed_and_others_start(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(WISHES, terms, check_mode=False)
    real = stopping.start

    def start_all_but_one(domain: libvirt.virDomain) -> str:
        if domain.name() == "db":
            raise OperationError("cannot restore VM 'db'.")
        return real(domain)

    monkeypatch.setattr(stopping, "start", start_all_but_one)
    with pytest.raises(OperationError, match="not every VM was started: cannot restore VM 'db'"):
        start(terms, check_mode=False)
    assert (states(host)["web"], owed(terms)) == (True, [("db", "suspend", "a disk")])


def test_who_is_gone_is_owed_nothing(host: libvirt.virConnect, terms: Terms) -> None:
    stop(WISHES[1:], terms, check_mode=False)
    host.lookupByName("web").undefine()
    assert results(start(terms, check_mode=False)) == {"web": ("gone", True)}
    assert owed(terms) == []


def transient(host: libvirt.virConnect) -> Wish:
    host.createXML(XML.format("passing"))
    return Wish("passing", "shutdown")


def paused(host: libvirt.virConnect) -> Wish:
    host.lookupByName("web").suspend()
    return Wish("web", "shutdown")


@pytest.mark.parametrize(
    ("wish", "error", "text"),
    [
        (transient, ConflictError, "is transient"),
        (paused, ConflictError, "while it is paused"),
        (lambda _host: Wish("nobody", "shutdown"), NotFoundError, "no VM 'nobody'"),
    ],
)
def test_what_is_refused_changes_nothing(
    host: libvirt.virConnect,
    terms: Terms,
    wish: t.Callable[[libvirt.virConnect], Wish],
    error: type[Exception],
    text: str,
) -> None:
    refused = wish(host)
    for check_mode in (True, False):
        with pytest.raises(error, match=text):
            stop([WISHES[0], refused], terms, check_mode=check_mode)
    assert (states(host)["db"], owed(terms)) == (True, [])


def test_nobody_stops_vms_without_a_maintenance_or_in_that_of_another(
    host: libvirt.virConnect, terms: Terms, tmp_path: pathlib.Path
) -> None:
    nowhere = Terms(URI, "me", 5.0, 0.0, tmp_path / "nowhere")
    with pytest.raises(ConflictError, match="not in maintenance"):
        stop(WISHES, nowhere, check_mode=False)
    assert start(nowhere, check_mode=False) == []
    for act in (
        lambda them: stop(WISHES, them, check_mode=False),
        lambda them: start(them, check_mode=False),
    ):
        with pytest.raises(ConflictError, match="is me's, and not you's"):
            act(Terms(URI, "you", 5.0, 0.0, terms.directory))
    assert states(host) == {"db": True, "web": True, "off": False}


def autostarts(host: libvirt.virConnect) -> dict[str, bool]:
    return {name: bool(host.lookupByName(name).autostart()) for name in ("db", "web")}


def test_whose_memory_is_saved_starts_not_with_its_host_until_it_is_back(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("db", "web"):
        host.lookupByName(name).setAutostart(1)

    def never(_domain: object, _uri: str, _seconds: float) -> None:
        raise DeadlineError("VM 'db' was not saved; it keeps running.")

    with monkeypatch.context() as patched:
        patched.setattr(stopping, "_save", never)
        with pytest.raises(OperationError):
            stop(WISHES, terms, check_mode=False)
    assert autostarts(host) == {"db": False, "web": True}
    stop(WISHES, terms, check_mode=False)
    known = record.read(terms.directory)
    assert known is not None
    assert {vm.vm: vm.autostart for vm in known.stopped} == {"db": True, "web": False}
    start(terms, check_mode=False)
    assert autostarts(host) == {"db": True, "web": True}


def test_who_was_not_stopped_after_all_gets_its_autostart_back(host: libvirt.virConnect, terms: Terms) -> None:
    host.lookupByName("db").setAutostart(1)
    stop(WISHES[:1], terms, check_mode=False)
    host.lookupByName("db").create()
    assert results(start(terms, check_mode=False)) == {"db": ("running", True)}
    assert autostarts(host)["db"]


SAVES = [Wish("db", "suspend", "a disk"), Wish("web", "suspend", "a disk")]


def interrupted(monkeypatch: pytest.MonkeyPatch, how: t.Callable[[], object]) -> None:
    """Let something happen while the first VM is stopped."""
    real = stopping.stop

    def stop_it(*positional: t.Any, **named: t.Any) -> bool:
        asked = real(*positional, **named)
        how()
        return asked

    monkeypatch.setattr(stopping, "stop", stop_it)


@pytest.mark.parametrize("noted", [False, True])
def test_one_that_its_owner_stops_before_its_turn_is_left_off_unless_it_was_asked_before(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    web = host.lookupByName("web")
    if noted:
        stopped.owe([Stopped("web", web.UUIDString(), "suspend", "a disk", "then")], terms.directory)
    with monkeypatch.context() as patched:
        interrupted(patched, lambda: web.isActive() and web.shutdown())
        told = results(stop(SAVES, terms, check_mode=False))
    assert told == {"db": ("stopped", True), "web": ("stopped", True) if noted else ("off", False)}
    assert [name for name, _way, _why in owed(terms)] == (["web", "db"] if noted else ["db"])


def test_a_run_that_was_superseded_meanwhile_stops_no_further_vm(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(monkeypatch, lambda: lease.admit("newer", 2, directory=terms.directory))
    lease.admit("r", 1, directory=terms.directory)
    ours = Terms(URI, "me", 5.0, 0.0, terms.directory, ("r", 1))
    with pytest.raises(OperationError, match=r"run r .epoch 1. may not change this host"):
        stop(SAVES, ours, check_mode=False)
    assert states(host) == {"db": False, "web": True, "off": False}
    with pytest.raises(ConflictError, match="may not change this host"):
        stop(SAVES, ours, check_mode=False)


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (stopped.settle, "VM 'web' is not stopped: .* no more that it is owed a start"),
        (lambda _vm, folder: record.clear(folder), "not in maintenance"),
    ],
    ids=["settled", "in service"],
)
def test_who_is_not_noted_any_more_is_not_stopped(
    host: libvirt.virConnect,
    terms: Terms,
    monkeypatch: pytest.MonkeyPatch,
    ended: t.Callable[[str, pathlib.Path], None],
    why: str,
) -> None:
    uuid = host.lookupByName("web").UUIDString()
    interrupted(monkeypatch, lambda: ended(uuid, terms.directory))
    with pytest.raises(OperationError, match=why):
        stop(SAVES, terms, check_mode=False)
    assert states(host) == {"db": False, "web": True, "off": False}


def test_nothing_is_stopped_while_another_task_does(host: libvirt.virConnect, terms: Terms) -> None:
    with turn.taken(0, terms.directory):
        with pytest.raises(ConflictError, match="VMs are being stopped or started here just now"):
            stop(WISHES, terms, check_mode=False)
        assert results(stop(WISHES, terms, check_mode=True))["db"] == ("would_stop", True)
    assert (states(host)["db"], owed(terms)) == (True, [])


def test_who_went_down_with_the_host_is_not_taken_for_stopped_by_somebody(
    host: libvirt.virConnect, terms: Terms
) -> None:
    down = Ran("off", host.lookupByName("off").UUIDString(), "an earlier boot")
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00", ran=[down]), terms.directory)
    for check_mode in (True, False):
        with pytest.raises(ConflictError, match=r"VMs went down with this host .* off: off\.") as caught:
            stop(WISHES, terms, check_mode=check_mode)
        assert "state: recovered" in caught.value.hint
    assert (states(host)["db"], owed(terms)) == (True, [])


def test_a_save_that_somebody_began_is_waited_for_and_not_begun_again(
    host: libvirt.virConnect, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter((True,))

    def saves(vm: libvirt.virDomain) -> bool:
        found = next(looks, False)
        if not found:
            vm.managedSave(0)
        return found

    def save(_vm: libvirt.virDomain, _uri: str, _seconds: float) -> None:
        raise OperationError("cannot save it: it is off.")

    monkeypatch.setattr(busy, "saves", saves)
    monkeypatch.setattr(stopping, "_save", save)
    patient = Terms(URI, "me", 5.0, 30.0, terms.directory)
    assert results(stop(SAVES[:1], patient, check_mode=False)) == {"db": ("stopped", True)}
    assert not states(host)["db"]


@pytest.mark.parametrize("way", ["shutdown", "suspend"])
def test_one_that_is_being_restarted_is_not_stopped(
    host: libvirt.virConnect, terms: Terms, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libvirt calls it going off for a moment, and nobody would start it again."""
    as_if(monkeypatch, "shutdown")
    with pytest.raises(OperationError, match="VM 'db' was being restarted, and runs again"):
        stop([Wish("db", way, "policy")], terms, check_mode=False)
    assert (states(host)["db"], owed(terms)) == (True, [])
