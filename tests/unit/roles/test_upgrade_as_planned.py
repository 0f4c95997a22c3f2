# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the role upgrade believes that a host has got what was planned for it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

PLANNED = {"libvirt0": "9.0-4", "vim": "2"}
DAEMON = "libvirtd was replaced on disk and the old one still runs: restart"


@pytest.mark.parametrize(
    ("pending", "missed"),
    [
        ({}, []),
        ({"libvirt0": "9.0-4"}, ["libvirt0"]),
        ({"libvirt0": "9.0-5", "curl": "8"}, []),
    ],
    ids=["all is there", "one is not", "newer ones were published meanwhile"],
)
def test_after_its_packages(pending: dict[str, str], missed: list[str]) -> None:
    still, planned = {"updates": {"manifest": pending}}, {"manifest": PLANNED}
    assert evaluated("upgrade", "__upgrade_missed", __upgrade_still=still, preflight_updates=planned) == missed


@pytest.mark.parametrize(
    ("updates", "behind"),
    [
        ({"manifest": {}, "reasons": [], "unfinished": []}, []),
        ({"manifest": PLANNED, "reasons": ["libvirt0 9.0-3 -> 9.0-4: restart"]}, ["libvirt0 9.0-4", "vim 2"]),
        ({"manifest": {"libvirt0": "9.0-5"}, "reasons": ["libvirt0 9.0-4 -> 9.0-5: restart"], "unfinished": []}, []),
        ({"manifest": {}, "reasons": [DAEMON], "unfinished": [DAEMON]}, [DAEMON]),
        ({"manifest": {}, "reasons": [], "unfinished": ["a newer kernel is installed: reboot"]}, []),
    ],
    ids=["all is done", "nothing is", "published meanwhile", "not restarted", "a boot that nobody wishes"],
)
def test_at_its_end(updates: dict[str, t.Any], behind: list[str]) -> None:
    found = evaluated("upgrade", "__upgrade_behind", preflight_updates=updates, __upgrade_brought=PLANNED)
    assert found == behind


@pytest.mark.parametrize(
    ("passed_over", "said"),
    [("6.1.0-38", "kernel 6.1.0-38 is installed, and the boot loader chose 6.1.0-37"), (None, "")],
)
def test_a_kernel_that_was_not_booted_is_told(passed_over: str | None, said: str) -> None:
    verified = {"host": {"versions": {"kernel": "6.1.0-37"}}}
    updates = {"passed_over": passed_over}
    found = evaluated("upgrade", "__upgrade_passed_over", preflight_updates=updates, __upgrade_verified=verified)
    assert found == said
    assert not evaluated("upgrade", "__upgrade_passed_over", preflight_updates={}, __upgrade_verified=verified)


@pytest.mark.parametrize("given", ["a, b", ["a", "b"]])
def test_a_list_of_packages_may_come_as_text(given: t.Any) -> None:
    assert evaluated("upgrade", "__upgrade_packages", upgrade_packages=given) == ["a", "b"]
    assert evaluated("upgrade", "__upgrade_obsolete", upgrade_obsolete_repositories=given) == ["a", "b"]


def test_no_package_is_none() -> None:
    assert evaluated("upgrade", "__upgrade_packages", upgrade_packages="") == []
