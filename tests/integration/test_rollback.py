# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An update that makes its host unhealthy is taken back, by hand and by the run itself; what cannot be is said before."""

from __future__ import annotations

import json
import textwrap
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import changed, play, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import LIST

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]

HOST = "h1"
PACKAGE = "libvirt-daemon-system"
FOLDER, SOURCE = "/srv/it-third", "/etc/apt/sources.list.d/it-third.list"
UPGRADE, ROLLBACK = "evergreen.virt.rolling_upgrade", "evergreen.virt.rollback"
KEEP_SOURCES: dict[str, t.Any] = {"upgrade_repositories": [], "upgrade_packages": []}
STATE = "/var/lib/evergreen.virt"

# A third channel: one package of the first under another version, which brings another one, whose service fails.
OFFER = f"""
    set -e
    mkdir -p {FOLDER}/watch/DEBIAN {FOLDER}/watch/lib/systemd/system; cd {FOLDER}
    version=$(dpkg-query --show --showformat='${{Version}}' {PACKAGE})
    dpkg-deb --raw-extract $(ls /srv/channels/*/{PACKAGE}_${{version}}_*.deb | head -n 1) newer
    sed -i 's/^Version: .*/&+it1/; s/^Depends: /&it-watch, /' newer/DEBIAN/control
    printf 'Package: it-watch\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody\\nDescription: none\\n' > watch/DEBIAN/control
    printf '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' > watch/lib/systemd/system/it-watch.service
    printf '#!/bin/sh\\nsystemctl daemon-reload; systemctl start it-watch; true\\n' > watch/DEBIAN/postinst
    chmod 755 watch/DEBIAN/postinst
    for name in newer watch; do
      dpkg-deb --build -Znone $name $name.deb > /dev/null
      rm -r $name
    done
    {LIST}
    echo 'deb [trusted=yes] file:{FOLDER} ./' > {SOURCE}
"""
WITHDRAW = f"""
    rm -rf {FOLDER} {SOURCE}
    apt-get -qq update
    apt-get -qq -y --allow-downgrades install {PACKAGE}=$(apt-cache madison {PACKAGE} | cut -d'|' -f2 | tr -d ' ' | head -n 1)
    dpkg --purge it-watch
    systemctl reset-failed it-watch || true
"""
TELL = f"""
    dpkg-query --show | sort; apt-mark showauto | sort; virsh list --uuid | sort
    find {STATE} ! -name '*.lock' '(' -name 'kept*' -o -name 'maint*.json' ')'
"""


def script(text: str) -> str:
    return ssh(HOST, "bash", "-s", stdin=textwrap.dedent(text))


@pytest.fixture(scope="module")
def offered(lab: None) -> t.Iterator[str]:
    """A newer package in a package source of one host; what the host has before."""
    try:
        before = script(TELL)
        script(OFFER)
        yield before
    finally:
        script(WITHDRAW)


def run(playbook: str, folder: Path, *arguments: str, **options: t.Any) -> t.Any:
    values = json.dumps(
        {**KEEP_SOURCES, "upgrade_health_timeout": 6, "upgrade_report_directory": str(folder), **options}
    )
    return play(playbook, "--limit", HOST, *arguments, "-e", values)


def report(folder: Path) -> dict[str, t.Any]:
    found: dict[str, t.Any] = json.loads((folder / "report.json").read_text())
    return found


def test_a_release_upgrade_has_no_way_back_and_says_so() -> None:
    done = play(UPGRADE, "--check")
    assert done.returncode == 0, done.stdout
    assert "No rollback of h1, h2, h3: Debian 12 -> Debian 13 is a release upgrade" in done.stdout


def test_a_minor_update_has_one_and_says_so(offered: str, tmp_path: Path) -> None:
    done = run(UPGRADE, tmp_path, "--check")
    assert done.returncode == 0, done.stdout
    assert f"Rollback of {HOST} by packages: what its update replaces is kept on the host" in done.stdout
    assert "No rollback of h1: nothing is kept" in run(UPGRADE, tmp_path, "--check", upgrade_keep="none").stdout
    assert script(TELL) == offered


def test_an_update_that_fails_is_taken_back_by_hand(offered: str, tmp_path: Path) -> None:
    done = run(UPGRADE, tmp_path / "upgrade")
    assert done.returncode == 2, done.stdout
    assert "it-watch" in report(tmp_path / "upgrade")["hosts"][0]["reason"]
    assert "+it1" in ssh(HOST, "dpkg-query", "--show", PACKAGE)
    shown = run(ROLLBACK, tmp_path / "back", "--check")
    assert (shown.returncode, changed(shown.stdout)) == (0, 0), shown.stdout
    assert f"would be rolled back: {HOST}" in shown.stdout
    back = run(ROLLBACK, tmp_path / "back")
    assert back.returncode == 0, back.stdout
    assert script(TELL) == offered
    told = report(tmp_path / "back")
    assert (told["result"], told["hosts"][0]["result"]) == ("rolled_back", "rolled_back")
    again = run(ROLLBACK, tmp_path / "again")
    assert again.returncode == 2, again.stdout
    assert "Nothing was changed, because none of these hosts" in again.stdout


def test_an_update_that_fails_is_taken_back_by_the_run(offered: str, tmp_path: Path) -> None:
    done = run(UPGRADE, tmp_path, upgrade_rollback=True)
    assert done.returncode == 2, done.stdout
    assert script(TELL) == offered
    told = report(tmp_path)
    [host] = told["hosts"]
    assert (told["result"], host["result"]) == ("failed", "rolled_back")
    assert "it-watch" in host["reason"]
    assert host["to"] == host["from"]
    assert [phase["stage"] for phase in host["phases"]] == ["evacuate", "update", "verify", "rollback", "verify"]
