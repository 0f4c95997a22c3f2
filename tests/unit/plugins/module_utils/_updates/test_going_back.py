# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host can go back behind an update, and whether it did."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Kept
from ansible_collections.evergreen.virt.plugins.module_utils._updates.going_back import differences, no_return
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import Pending, PendingPackage

DEBIAN = "Debian 12"


def pending(*packages: PendingPackage, release: str = DEBIAN, lost: t.Sequence[str] = ()) -> Pending:
    return Pending(list(packages), [], [], 0, "/archives", 0, {}, release, frozenset(), lost=list(lost))


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        (pending(), None),
        (pending(PendingPackage("libvirt0", "9.0.0-4", "9.0.0-5"), PendingPackage("libnew", None, "1")), None),
        (pending(PendingPackage("linux-image-amd64", "6.1.1", "6.1.2")), None),
        (
            pending(release="Debian 13", lost=["a 1"]),
            "Debian 12 -> Debian 13 is a release upgrade, which packages do not undo",
        ),
        (
            pending(PendingPackage("linux-image-6.1.0-38-amd64", None, "6.1.147-1"), lost=["a 1"]),
            "linux-image-6.1.0-38-amd64 is a new kernel, and cannot be removed while it runs",
        ),
        (
            pending(PendingPackage("kernel-uek-core", None, "5.15.0-205")),
            "kernel-uek-core is a new kernel, and cannot be removed while it runs",
        ),
        (
            pending(PendingPackage("kernel-core", None, "5.14.0-503")),
            "kernel-core is a new kernel, and cannot be removed while it runs",
        ),
        (pending(lost=["a 1", "b 2", "c 3"]), "no repository has a 1, b 2, c 3 any more"),
        (pending(lost=["a 1", "b 2", "c 3", "d 4", "e 5"]), "no repository has a 1, b 2, c 3 and 2 more any more"),
    ],
)
def test_no_return(update: Pending, reason: str | None) -> None:
    assert no_return(update, DEBIAN) == reason


@pytest.mark.parametrize(
    ("installed", "told"),
    [
        ({"a": "1", "b": "2", "other": "9"}, []),
        ({"a": "1", "b": "3"}, ["b is at 3, and was at 2"]),
        ({"b": "2", "c": "1"}, ["a is not installed, and was at 1", "c is installed, and was not"]),
    ],
)
def test_differences(installed: dict[str, str], told: list[str]) -> None:
    kept = Kept("2026-01-01T00:00:00+00:00", packages={"a": "1", "b": "2"}, new={"c": "1"})
    assert differences(kept, installed) == told
