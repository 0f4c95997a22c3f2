# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Room for an update."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import Pending, PendingPackage
from ansible_collections.evergreen.virt.plugins.module_utils._updates.space import Room, needed, problems, room

ARCHIVES = "/var/cache/apt/archives/"
NEW_KERNEL = PendingPackage("linux-image-6.12.1-amd64", None, "6.12.1-1")
NEWER = PendingPackage("libvirt0", "9.0.0-4", "11.3.0-3")


def pending(*packages: PendingPackage, download: int = 100, growth: int = 50, keep: int = 0) -> Pending:
    return Pending(list(packages), [], [], download, ARCHIVES, growth, {}, None, frozenset(), keep_mib=keep)


@pytest.mark.parametrize(
    ("update", "needs"),
    [
        (pending(download=0, growth=0), {ARCHIVES: 0, "/usr": 0, "/boot": 0}),
        (pending(NEWER), {ARCHIVES: 100, "/usr": 306, "/boot": 0}),
        (pending(NEWER, growth=-500), {ARCHIVES: 100, "/usr": 256, "/boot": 0}),
        (pending(PendingPackage("kernel-core", None, "6.12.0-1.fc41")), {ARCHIVES: 100, "/usr": 306, "/boot": 200}),
        (pending(NEWER, NEW_KERNEL), {ARCHIVES: 100, "/usr": 306, "/boot": 200}),
    ],
)
def test_what_an_update_needs(update: Pending, needs: dict[str, int]) -> None:
    assert needed(update) == needs


@pytest.mark.parametrize(("keep_in", "needs"), [(None, {}), ("/var/lib/kept", {"/var/lib/kept": 70})])
def test_what_is_kept_of_an_update_needs_room_too(keep_in: str | None, needs: dict[str, int]) -> None:
    update = pending(NEWER, keep=70)
    assert needed(update, keep_in) == {**needed(update), **needs}


ROOMS = {"/var": Room(1, 300), "/usr": Room(1, 300), "/boot": Room(2, 100)}


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ({"/var": 0, "/usr": 0, "/boot": 0}, []),
        ({"/var": 100, "/usr": 200, "/boot": 100}, []),
        (
            {"/var": 100, "/usr": 201, "/boot": 0},
            ["the update needs 301 MiB in /usr and /var, where 300 MiB are free."],
        ),
        ({"/var": 0, "/usr": 0, "/boot": 101}, ["the update needs 101 MiB in /boot, where 100 MiB are free."]),
    ],
)
def test_file_systems_without_room_are_named(needs: t.Mapping[str, int], found: list[str]) -> None:
    assert problems(needs, ROOMS) == found


def test_the_room_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert room(str(tmp_path / "not/yet")) == room(str(tmp_path))
    assert room(str(tmp_path)).device == tmp_path.stat().st_dev
