# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Open vSwitch that carries nothing, as that of the host that modules run on."""

from __future__ import annotations

import typing as t

import pytest

from .open_vswitch import OpenVSwitch, signed_by_itself


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts Open vSwitch."""
    for item in items:
        if "running_switch" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.programs)


@pytest.fixture(scope="session")
def running_switch(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[OpenVSwitch]:
    """An Open vSwitch of the tests' own, once for all of them."""
    with OpenVSwitch(tmp_path_factory.mktemp("ovs")) as found:
        yield found


@pytest.fixture
def switch(running_switch: OpenVSwitch) -> OpenVSwitch:
    """The same with nothing in it."""
    running_switch.clear()
    return running_switch


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One certificate for both sides, which trust each other by it."""
    return signed_by_itself(tmp_path_factory.mktemp("keys"))
