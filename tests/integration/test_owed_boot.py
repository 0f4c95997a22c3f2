# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host that is not booted though its update needs it tells the next run so, even where Debian's packages would not."""

from __future__ import annotations

import json
import re
import textwrap
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import play, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import LIST

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]

HOST = "h2"
FOLDER, SOURCE = "/srv/it-owed", "/etc/apt/sources.list.d/it-owed.list"

# Microcode, by its name.
OFFER = f"""
    set -e
    mkdir -p {FOLDER}/it/DEBIAN; cd {FOLDER}
    for version in 1 2; do
      printf "Package: it-microcode\\nVersion: $version\\nArchitecture: all\\nMaintainer: nobody\\nDescription: none\\n" > it/DEBIAN/control
      dpkg-deb --build -Znone it $version.deb > /dev/null
    done
    dpkg --install 1.deb > /dev/null
    rm 1.deb
    {LIST}
    echo 'deb [trusted=yes] file:{FOLDER} ./' > {SOURCE}
"""
WITHDRAW = f"rm -rf {FOLDER} {SOURCE} /run/reboot-required*; dpkg --purge it-microcode; apt-get -qq update"


@pytest.fixture
def offered(lab: None) -> t.Iterator[None]:
    try:
        ssh(HOST, "bash", "-s", stdin=textwrap.dedent(OFFER))
        yield
    finally:
        ssh(HOST, "bash", "-s", stdin=WITHDRAW)


def upgrade(folder: Path, *arguments: str, **options: t.Any) -> str:
    values = {"upgrade_repositories": [], "upgrade_packages": [], "upgrade_report_directory": str(folder), **options}
    done = play("evergreen.virt.rolling_upgrade", "--limit", HOST, *arguments, "-e", json.dumps(values))
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.usefixtures("offered")
def test_a_boot_that_is_not_given_stays_owed(tmp_path: Path) -> None:
    upgrade(tmp_path, upgrade_reboot="never")
    assert json.loads((tmp_path / "report.json").read_text())["result"] == "upgraded"
    assert ssh(HOST, "cat", "/run/reboot-required.pkgs") == "it-microcode\n"
    assert "nothing to do" in upgrade(tmp_path, "--check", upgrade_reboot="never")
    plan = upgrade(tmp_path, "--check", upgrade_soft_reboot=True)
    assert re.search(rf"^1 +{HOST} +reboot ", plan, re.MULTILINE)
    assert f"Full reboot of {HOST}: its systemd cannot tell" in plan  # Debian 12
