# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a connection to libvirt is opened."""

from __future__ import annotations

import concurrent.futures
import threading
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import occupants
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect

HASTE = 600.0


class Hasty(concurrent.futures.Future[t.Any]):
    """Waits only a small part of the time that it is given."""

    def result(self, timeout: float | None = None) -> t.Any:
        return super().result(None if timeout is None else timeout / HASTE)


@pytest.fixture
def hangs(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    """libvirt takes connections and does not answer."""
    over = threading.Event()
    monkeypatch.setattr(libvirt, "open", lambda _uri: over.wait(10.0))
    monkeypatch.setattr(concurrent.futures, "Future", Hasty)
    yield
    over.set()


@pytest.mark.usefixtures("hangs")
def test_a_daemon_that_hangs_is_given_up_by_whoever_asks_it() -> None:
    with pytest.raises(UnavailableError, match="does not answer within 60 s") as caught:
        occupants.check_none("test:///default")
    assert "restart it (running VMs go on)" in caught.value.hint


def test_one_that_refuses_is_named_at_once() -> None:
    with pytest.raises(UnavailableError, match="cannot connect to libvirt at nothing:///"), connect("nothing:///"):
        pass
