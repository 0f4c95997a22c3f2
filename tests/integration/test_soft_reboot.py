# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upgraded host is soft-rebooted for an update that leaves its kernel alone, and is proven to take VMs again.

The last test on this lab: a host whose soft reboot does not end well is in nobody's way.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.faults.toll import left_behind
from ansible_collections.evergreen.virt.tests.lab.audit import audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import RUN, play, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import SOURCES, Updates

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]

HOST = "h1"
PACKAGE = "glibc"
"""After which a soft reboot does, by its name (_updates/impact.py). Debian has no package of this name."""

# The folders that a lab host shares were mounted from outside before it booted, and nobody mounts them again after a soft reboot: they have to stay.
FOLDERS = ("channels", "guest", "shared")
KEEP = "".join(
    f"mkdir -p /run/systemd/system/srv-{folder}.mount.d\n"
    f"printf '[Unit]\\nDefaultDependencies=no\\n' > /run/systemd/system/srv-{folder}.mount.d/lab.conf\n"
    for folder in FOLDERS
)
FORGET = f"rm -rf /run/systemd/system/srv-*.mount.d; systemctl daemon-reload; dpkg --purge {PACKAGE}"


@pytest.fixture
def update(lab: None) -> t.Iterator[None]:
    updates = Updates(RUN / "shared")
    updates.introduce([PACKAGE], [HOST])
    updates.publish(PACKAGE)
    try:
        ssh(HOST, "sh", "-e", stdin=f"{KEEP}systemctl daemon-reload\n")
        yield
    finally:
        ssh(HOST, FORGET)


def boots() -> tuple[int, str]:
    """Return how often the host was soft-rebooted in this boot, and when the boot was: its first process begins no other time."""
    count, began = ssh(
        HOST, "systemctl --no-pager show --property=SoftRebootsCount --value; cut -d' ' -f22 /proc/1/stat"
    ).split()
    return int(count), began


@pytest.mark.usefixtures("update")
def test_a_host_is_soft_rebooted_where_that_does(tmp_path: Path) -> None:
    values = {
        **SOURCES,
        "upgrade_soft_reboot": True,
        "upgrade_reboot_timeout": 120,
        "upgrade_report_directory": str(tmp_path),
    }
    options = ("--limit", HOST, "-e", json.dumps(values))
    before, (count, began) = audit(), boots()
    shown = play("evergreen.virt.rolling_upgrade", *options, "--check")
    assert f"Soft reboot of {HOST}: the kernel stays as it is" in shown.stdout, shown.stdout
    done = play("evergreen.virt.rolling_upgrade", *options)
    assert done.returncode == 0, done.stdout
    (host,) = json.loads((tmp_path / "report.json").read_text())["hosts"]
    assert (host["impact"], host["result"]) == ("reboot", "upgraded")
    assert boots() == (count + 1, began)
    after = audit()
    assert losses(before, after) == []
    assert left_behind(after) == []
