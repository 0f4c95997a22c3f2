# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`site` makes hypervisors of bare hosts, tells beforehand what it would do, and does nothing the second time."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import first_audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, GUESTS, changed, play, ssh

pytestmark = pytest.mark.usefixtures("lab")


def test_a_host_without_libvirt_is_told_what_it_lacks() -> None:
    done = play("evergreen.virt.rolling_upgrade", "--check")
    assert done.returncode != 0
    assert "libvirt" in done.stdout
    assert "Install" in done.stdout


def test_check_on_bare_hosts_says_what_would_change_and_changes_nothing() -> None:
    packages = ssh("h1", "dpkg-query", "-W")
    done = play("evergreen.virt.site", "--check")
    assert done.returncode == 0, done.stdout
    assert changed(done.stdout) > 0
    assert "would change" in done.stdout
    assert ssh("h1", "dpkg-query", "-W") == packages


def test_site_makes_hypervisors_with_running_vms() -> None:
    done = play("evergreen.virt.site")
    assert done.returncode == 0, done.stdout
    found = first_audit()
    assert {vm: len(found.places("running", vm)) for vm in GUESTS} == dict.fromkeys(GUESTS, 1)
    assert {vm: answer.get("error") for vm, answer in found.guests.items()} == dict.fromkeys(GUESTS)


@pytest.mark.parametrize("arguments", [pytest.param(["--check"], marks=pytest.mark.slow), []], ids=["check", "run"])
def test_a_second_site_changes_nothing(arguments: list[str]) -> None:
    done = play("evergreen.virt.site", *arguments)
    assert done.returncode == 0, done.stdout
    assert changed(done.stdout) == 0, done.stdout


def test_private_keys_never_left_their_hosts() -> None:
    keys = {ssh(host, "sha256sum", "/etc/pki/libvirt/private/serverkey.pem").split()[0] for host in CLUSTER}
    assert len(keys) == len(CLUSTER)
