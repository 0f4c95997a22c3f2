# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces import conflicts
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.interface import Interface
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.managers import IFUPDOWN, NETWORKD

IFQUERY = """#!/bin/sh
case "$*" in
  "--list --allow=hotplug") echo plugged ;;
  --list) echo lo; echo auto ;;
  br0) printf 'address: 192.0.2.1\\novs_type: OVSBridge\\novs_ports: eno1\\n' ;;
  eno1) echo 'ovs-type: OVSPort' ;;
  eno2) echo 'mtu: 9000' ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the only programs that there are."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(programs: Path, name: str, text: str) -> None:
    (programs / name).write_text(text)
    (programs / name).chmod(0o755)


@pytest.mark.parametrize(
    ("state", "name", "refused"),
    [
        ("enabled", "auto", True),
        ("disabled", "auto", False),
        ("disabled", "plugged", True),
        ("enabled", "eno2", False),
    ],
)
def test_networkd_takes_no_interface_that_ifupdown_brings_up_at_boot(
    programs: Path, state: str, name: str, refused: bool
) -> None:
    install(programs, "ifquery", IFQUERY)
    install(programs, "systemctl", f"#!/bin/sh\necho UnitFileState={state}\n")
    conflicts.refuse(NETWORKD, [Interface(name, absent=True)], [])
    if refused:
        with pytest.raises(ConflictError, match=f"'{name}' would be brought up by systemd-networkd") as caught:
            conflicts.refuse(NETWORKD, [Interface(name)], [])
        assert "ifupdown" in caught.value.hint
    else:
        conflicts.refuse(NETWORKD, [Interface(name)], [name])


def test_without_ifupdown_there_is_nothing_in_the_way(programs: Path) -> None:
    assert list(programs.iterdir()) == []
    conflicts.refuse(NETWORKD, [Interface("auto")], ["auto"])


@pytest.mark.parametrize("name", ["br0", "eno1"])
def test_what_the_scripts_of_open_vswitch_would_remove_is_not_taken_down(programs: Path, name: str) -> None:
    install(programs, "ifquery", IFQUERY)
    with pytest.raises(ConflictError, match=f"'{name}' has ovs_type in the files of ifupdown") as caught:
        conflicts.refuse(IFUPDOWN, [Interface(name)], [name])
    assert "ovs_" in caught.value.hint
    conflicts.refuse(IFUPDOWN, [Interface(name), Interface("eno2")], ["eno2", "new"])
