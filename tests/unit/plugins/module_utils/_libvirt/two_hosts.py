# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two hosts and one VM between them, made up: libvirt's own driver for tests moves nothing."""

from __future__ import annotations

import contextlib
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import NotFoundError, UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import move_target, offline_mover
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.domain import STATES


class CrashError(BaseException):
    """The mover dies here."""


class World:
    """Where the VM is, with what may go wrong.

    :param here: its state on the source, None if it is not there.
    :param there: the same of the target.
    :param deaf: its guest does not hear the power button.
    :param refuses: what libvirt refuses: `move`, `start here`, `start there`, `autostart 1`; `answer`: it moves the VM, and says that it failed.
    :param dies: before which of these the mover dies, once.
    :param silent: the target's libvirtd does not answer.
    """

    def __init__(
        self,
        here: str | None,
        there: str | None = None,
        *,
        deaf: bool = False,
        refuses: t.Collection[str] = (),
        dies: str = "",
        silent: bool = False,
    ) -> None:
        self.places = {"here": here, "there": there}
        self.uuids = {"here": "u", "there": "u"}
        self.deaf, self.refuses, self.dies, self.silent = deaf, refuses, dies, silent
        self.done: list[str] = []

    def attempt(self, what: str) -> None:
        """Note that libvirt was asked for something, and refuse it or die over it if that is wanted."""
        if self.dies == what:
            self.dies = ""
            raise CrashError(what)
        self.done.append(what)
        if self.silent and what == "move":
            raise UnavailableError("cannot move it: libvirt says: the target is away.")
        if what in self.refuses:
            raise libvirt.libvirtError(f"no {what}")

    def put_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let movers find this world instead of libvirt's."""

        @contextlib.contextmanager
        def reach(_name: str, _address: str) -> t.Iterator[Host]:
            if self.silent:
                raise UnavailableError("nobody there.")
            yield Host(self, "there")

        monkeypatch.setattr(offline_mover, "outlive_libvirtd", lambda _uri, work: work(Host(self, "here")))
        monkeypatch.setattr(move_target, "reach", reach)
        monkeypatch.setattr(move_target, "PAUSE_S", 0.0)


class Domain:
    """The VM on one of the hosts."""

    def __init__(self, world: World, place: str) -> None:
        self.world, self.place = world, place

    def name(self) -> str:
        return "web"

    def UUIDString(self) -> str:  # noqa: N802 - libvirt's name
        return self.world.uuids[self.place]

    def isActive(self) -> bool:  # noqa: N802 - libvirt's name
        return self.world.places[self.place] != "shutoff"

    def ID(self) -> int:  # noqa: N802 - libvirt's name
        return -1 if self.world.places[self.place] == "shutoff" else 1

    def state(self) -> list[int]:
        return [STATES.index(self.world.places[self.place] or ""), 0]

    def jobStats(self) -> dict[str, int]:  # noqa: N802 - libvirt's name
        return {"type": 0}

    def XMLDesc(self, _flags: int) -> str:  # noqa: N802 - libvirt's name
        return "<domain/>"

    def shutdownFlags(self, _flags: int) -> None:  # noqa: N802 - libvirt's name
        self.world.attempt("ask")
        if not self.world.deaf:
            self.world.places[self.place] = "shutoff"

    def migrateToURI3(self, _uri: str, _parameters: object, _flags: int) -> None:  # noqa: N802 - libvirt's name
        self.world.attempt("move")
        self.world.places = {"here": None, "there": "shutoff"}
        if "answer" in self.world.refuses:
            raise libvirt.libvirtError("the connection broke")

    def create(self) -> None:
        self.world.attempt(f"start {self.place}")
        self.world.places[self.place] = "running"

    def setAutostart(self, wanted: int) -> None:  # noqa: N802 - libvirt's name
        self.world.attempt(f"autostart {wanted}")


class Host:
    """A connection to one of the hosts."""

    def __init__(self, world: World, place: str) -> None:
        self.world, self.place = world, place

    def getHostname(self) -> str:  # noqa: N802 - libvirt's name
        return self.place

    def getLibVersion(self) -> int:  # noqa: N802 - libvirt's name
        return 9_000_000

    def getVersion(self) -> int:  # noqa: N802 - libvirt's name
        return 7_002_022

    def lookupByUUIDString(self, _uuid: str) -> Domain:  # noqa: N802 - libvirt's name
        if self.world.places[self.place] is None:
            raise NotFoundError("there is no such VM.")
        return Domain(self.world, self.place)

    lookupByName = lookupByUUIDString  # noqa: N815 - libvirt's name
