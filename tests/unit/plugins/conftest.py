# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirt's own driver for tests, as the host."""

from __future__ import annotations

import gc
import typing as t

import libvirt
import pytest


@pytest.fixture(scope="session", autouse=True)
def nothing_to_collect() -> None:
    """What is there before the first test is not looked through again before each of them."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def host() -> t.Iterator[libvirt.virConnect]:
    """test:///default, which remembers what modules do as long as something holds a connection to it."""
    gc.collect()  # errors that earlier tests caught hold frames with theirs
    connection = libvirt.open("test:///default")
    assert [domain.name() for domain in connection.listAllDomains()] == ["test"]
    yield connection
    connection.close()
