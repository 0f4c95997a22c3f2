# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A package repository as data, and as a deb822 stanza (pure).

The options are those of ansible.builtin.deb822_repository, so that the same data can ask what an upgrade would do and
then be written to the host. Source: sources.list(5), "DEB822-STYLE FORMAT".
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import InvalidInputError
from .._facts import Fact


@dataclasses.dataclass(frozen=True)
class Repository(Fact):
    """One source of packages."""

    name: str
    uris: list[str]
    suites: list[str]
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
    given = [{key: value for key, value in entry.items() if value is not None} for entry in options]
    repositories = [repository for repository in map(Repository.from_dict, given) if repository.enabled]
    if not repositories:
        raise InvalidInputError(
            "'repositories' names no enabled repository, so nothing could ever be pending.",
            hint="Name at least one, or leave the option out to ask the host's own.",
        )
    for repository in repositories:
        _check(repository)
    return repositories


def _check(repository: Repository) -> None:
    where = f"repository '{repository.name}'"
    if not repository.uris or not repository.suites or not repository.types:
        raise InvalidInputError(f"{where} needs at least one URI, suite and type.")
    flat = [suite.endswith("/") for suite in repository.suites]
    if any(flat) == bool(repository.components) or any(flat) != all(flat):
        raise InvalidInputError(
            f"{where}: components and suites do not fit: {', '.join(repository.suites)}.",
            hint="A suite that is a path ends with '/' and has no components; every other suite needs at least one.",
        )
    if "://" in (repository.signed_by or ""):
        raise InvalidInputError(
            f"{where}: 'signed_by' is a URL, and this module fetches no keys.",
            hint="Give the path of the keyring on the host, or the key itself.",
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
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _folded(value: str) -> str:
    lines = value.strip().splitlines()
    if len(lines) < 2:
        return value.strip()
    return "\n" + "\n".join(f" {line.strip() or '.'}" for line in lines)
