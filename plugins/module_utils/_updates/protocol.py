# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a package manager answers, whichever it is."""

from __future__ import annotations

import dataclasses
import pathlib
import typing as t

from .repository import Repository


@dataclasses.dataclass(frozen=True)
class PendingPackage:
    """A package that an upgrade changes or brings.

    :param name: as the package manager writes it, with the architecture if it is a foreign one (`libc6:i386`, `glibc.i686`).
    :param installed: the version now, None if it is new or comes beside the ones that are there, as a kernel does.
    :param candidate: the version after the upgrade.
    """

    name: str
    installed: str | None
    candidate: str


@dataclasses.dataclass(frozen=True)
class Pending:
    """What a full upgrade would do to a host.

    :param packages: every package that changes or is new.
    :param removed: names of the packages that go.
    :param problems: what stands in the way, one sentence each: packages on hold, half installed, kept back, or asked for
        and not to be had.
    :param download_mib: the size of the packages that are not on the host yet, in MiB, rounded up.
    :param archives: the folder that they are downloaded to.
    :param growth_mib: by how much the installed packages grow, in MiB; negative if they shrink.
    :param versions: package -> version after the upgrade, of every package that is installed then.
    :param release: the operating system after the upgrade ("Debian 13"), None if it cannot be told.
    :param offered: names of the packages that the repositories have and that are not installed after the upgrade.
    :param since_boot: names of the packages that were installed after the host's last boot, where only that tells whether a
        boot is owed; Debian's packages ask for it themselves (/run/reboot-required).
    :param replaced: package -> version of what the upgrade replaces or removes.
    :param lost: `package version` of those that neither the host's own repositories nor its archives have.
    :param keep_mib: the size of their packages as files, in MiB, rounded up; 0 if the upgrade is to another release, which they do not undo.
    """

    packages: list[PendingPackage]
    removed: list[str]
    problems: list[str]
    download_mib: int
    archives: str
    growth_mib: int
    versions: dict[str, str]
    release: str | None
    offered: frozenset[str]
    since_boot: list[str] = dataclasses.field(default_factory=list)
    replaced: dict[str, str] = dataclasses.field(default_factory=dict)
    lost: list[str] = dataclasses.field(default_factory=list)
    keep_mib: int = 0


@dataclasses.dataclass(frozen=True)
class Archives:
    """Installed packages as files.

    :param paths: the files.
    :param automatic: names of those that were installed because others needed them.
    """

    paths: list[str]
    automatic: list[str]


class PackageManager(t.Protocol):
    """What every package manager can do without changing what is installed."""

    name: str

    def pending(self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str]) -> Pending:
        """Return what a full upgrade would do with exactly these repositories; None means the host's own.

        :param packages: names of packages that are installed right after it, without those that they only recommend.
        """

    def download(
        self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str], *, check_mode: bool
    ) -> int:
        """Fetch what that upgrade needs to where it is looked for first, and return the bytes that were missing there.

        What the repositories hold is left there as well, so that the upgrade needs to ask none.
        """

    def keep(self, replaced: t.Mapping[str, str], folder: pathlib.Path) -> Archives:
        """Put the packages with these versions, which are installed, into a folder; OSError when they cannot be."""

    def installed(self) -> dict[str, str]:
        """Return package -> version of what is completely installed."""

    def is_older(self, version: str, other: str) -> bool:
        """Return whether a version of a package is older than another one of it."""
