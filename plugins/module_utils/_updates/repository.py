# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A package repository as data, and as a deb822 stanza (pure).

The options are those of ansible.builtin.deb822_repository, so that the same data can ask what an upgrade would do and
then be written to the host. Source: sources.list(5), "DEB822-STYLE FORMAT". A repository of the type `rpm` has of them
what a .repo file can say: dnf.conf(5), "REPO OPTIONS".
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import InvalidInputError
from .._facts import Fact

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")
_ID = re.compile(r"[A-Za-z0-9_.:-]+")
_TYPES = {"apt": {"deb", "deb-src"}, "dnf": {"rpm"}}


@dataclasses.dataclass(frozen=True)
class Repository(Fact):
    """One source of packages."""

    name: str
    uris: list[str]
    suites: list[str] = dataclasses.field(default_factory=list)
    types: list[str] = dataclasses.field(default_factory=lambda: ["deb"])
    components: list[str] = dataclasses.field(default_factory=list)
    architectures: list[str] = dataclasses.field(default_factory=list)
    trusted: t.Optional[bool] = None
    signed_by: t.Optional[str] = None
    """Path of a keyring, fingerprints, or the key itself."""
    enabled: bool = True


def parse(options: t.Sequence[t.Mapping[str, t.Any]]) -> list[Repository]:
    """Return the enabled repositories.

    :raises InvalidInputError: when one makes no sense, or none is enabled: every update would then be missed.
    """
    repositories = [repository for repository in map(_given, options) if repository.enabled]
    if not repositories:
        raise InvalidInputError(
            "'repositories' names no enabled repository, so nothing could ever be pending.",
            hint="Name at least one, or leave the option out to ask the host's own.",
        )
    for repository in repositories:
        _check(repository)
    return repositories


def asked(params: t.Mapping[str, t.Any]) -> list[Repository] | None:
    """Return the repositories that a task's options ask for; None: all of the host's own, as they are.

    Where only obsolete sources are named there are none but the host's others, which are asked beside given ones.

    :param params: options of `_argspec.UPDATES`.
    :raises InvalidInputError: as `parse`.
    """
    given = params["repositories"]
    if given is None:
        return [] if params["obsolete_repositories"] else None
    return parse(given)


def read(options: t.Mapping[str, t.Any]) -> Repository:
    """Return one repository, enabled or not.

    :raises InvalidInputError: when it makes no sense.
    """
    repository = _given(options)
    _check(repository)
    return repository


def _given(options: t.Mapping[str, t.Any]) -> Repository:
    return Repository.from_dict({key: value for key, value in options.items() if value is not None})


def require_types(repositories: t.Sequence[Repository], manager: str) -> None:
    """Refuse repositories that a package manager (`apt`, `dnf`) does not read.

    :raises InvalidInputError: when there is one.
    """
    for repository in repositories:
        if not _TYPES[manager].issuperset(repository.types):
            raise InvalidInputError(
                f"repository '{repository.name}' is of the type {' '.join(repository.types)}, and this host has {manager},"
                f" which reads {' and '.join(sorted(_TYPES[manager]))}."
            )


def without_passwords(text: str) -> str:
    """Return what a package manager says with its URLs as everybody may read them: a URL may hold a user and a password."""
    return _CREDENTIALS.sub("", text)


def _check(repository: Repository) -> None:
    where = f"repository '{repository.name}'"
    if not repository.uris or not repository.types:
        raise InvalidInputError(f"{where} needs at least one URI and type.")
    if "://" in (repository.signed_by or ""):
        raise InvalidInputError(
            f"{where}: 'signed_by' is a URL, and this module fetches no keys.",
            hint="Give the path of the keyring on the host, or the key itself.",
        )
    if "rpm" in repository.types:
        _check_rpm(repository, where)
    else:
        _check_deb(repository, where)


def _check_rpm(repository: Repository, where: str) -> None:
    if repository.types != ["rpm"] or repository.suites or repository.components or repository.architectures:
        raise InvalidInputError(
            f"{where}: a repository of RPM packages has no other type, and neither suites, components nor architectures.",
            hint="Its URIs are base URLs, the folders that hold 'repodata'; several are mirrors of one another.",
        )
    if not _ID.fullmatch(repository.name):
        raise InvalidInputError(
            f"{where}: its name is the id of the repository, which has letters, digits and any of '-_.:' only."
        )
    if repository.signed_by and not repository.signed_by.startswith("/"):
        raise InvalidInputError(f"{where}: 'signed_by' must be the path of a key on the host.")


def _check_deb(repository: Repository, where: str) -> None:
    if not repository.suites:
        raise InvalidInputError(f"{where} needs at least one suite.")
    flat = [suite.endswith("/") for suite in repository.suites]
    if any(flat) == bool(repository.components) or any(flat) != all(flat):
        raise InvalidInputError(
            f"{where}: components and suites do not fit: {', '.join(repository.suites)}.",
            hint="A suite that is a path ends with '/' and has no components; every other suite needs at least one.",
        )


def stanza(repository: Repository) -> str:
    """Return the repository as one deb822 stanza."""
    fields: dict[str, str] = {
        "Types": " ".join(repository.types),
        "URIs": " ".join(repository.uris),
        "Suites": " ".join(repository.suites),
        "Components": " ".join(repository.components),
        "Architectures": " ".join(repository.architectures),
        "Signed-By": _folded(repository.signed_by or ""),
    }
    if repository.trusted is not None:
        fields["Trusted"] = "yes" if repository.trusted else "no"
    if not repository.enabled:
        fields["Enabled"] = "no"
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _folded(value: str) -> str:
    lines = value.strip().splitlines()
    if len(lines) < 2:
        return value.strip()
    return "\n" + "\n".join(f" {line.strip() or '.'}" for line in lines)
