# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._updates.apt import first_lines
from ansible_collections.evergreen.virt.plugins.module_utils._updates.repository import (
    asked,
    parse,
    require_types,
    stanza,
    without_passwords,
)


def entry(**named: Any) -> dict[str, Any]:
    return {"name": "debian", "uris": ["file:/srv"], "suites": ["trixie"], "components": ["main"], **named}


def rpm(**named: Any) -> dict[str, Any]:
    return {"name": "os", "types": ["rpm"], "uris": ["https://mirror/9/os"], **named}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (entry(), "Types: deb\nURIs: file:/srv\nSuites: trixie\nComponents: main\n"),
        (
            entry(suites=["./"], components=None, trusted=True, signed_by=None),
            "Types: deb\nURIs: file:/srv\nSuites: ./\nTrusted: yes\n",
        ),
        (
            entry(architectures=["amd64"], trusted=False, signed_by="/usr/share/keyrings/a.gpg"),
            "Types: deb\nURIs: file:/srv\nSuites: trixie\nComponents: main\nArchitectures: amd64\nSigned-By: /usr/share/keyrings/a.gpg\nTrusted: no\n",
        ),
        (
            entry(signed_by="-----BEGIN\n\nabc\n-----END\n"),
            "Types: deb\nURIs: file:/srv\nSuites: trixie\nComponents: main\nSigned-By: \n -----BEGIN\n .\n abc\n -----END\n",
        ),
    ],
)
def test_stanza(options: dict[str, Any], text: str) -> None:
    (repository,) = parse([options])
    assert stanza(repository) == text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("https://user:secret@mirror/9/os for one", "https://mirror/9/os for one"),
        ("'https://token@a:8443/x' and https://user:s@cret@b: gone", "'https://a:8443/x' and https://b: gone"),
        ("https://mirror/pool/a@b.deb, ask root@mirror", "https://mirror/pool/a@b.deb, ask root@mirror"),
    ],
    ids=["user and password", "several", "none"],
)
def test_passwords_are_told_to_nobody(said: str, told: str) -> None:
    assert without_passwords(said) == told


def test_only_the_enabled_count() -> None:
    assert [each.name for each in parse([entry(enabled=False), entry(name="b")])] == ["b"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "no enabled repository"),
        ([entry(enabled=False)], "no enabled repository"),
        ([entry(uris=[])], "'debian' needs"),
        ([entry(components=[])], "'debian'.*do not fit"),
        ([entry(suites=["./"])], "'debian'.*do not fit"),
        ([entry(suites=["./", "trixie"])], "'debian'.*do not fit"),
        ([entry(suites=["./", "trixie"], components=[])], "'debian'.*do not fit"),
        ([entry(signed_by="http://a/key")], "is a URL"),
        ([entry(suites=None)], "'debian' needs"),
        ([rpm(suites=["9"])], "'os': .*neither suites"),
        ([rpm(components=["main"])], "'os': .*neither suites"),
        ([rpm(architectures=["x86_64"])], "'os': .*neither suites"),
        ([rpm(types=["rpm", "deb"])], "'os': .*no other type"),
        ([rpm(uris=[])], "'os' needs"),
        ([rpm(name="a b")], "'a b': its name"),
        ([rpm(signed_by="0123ABCD")], "'os': .*path of a key"),
        ([rpm(signed_by="https://a/key")], "is a URL"),
    ],
)
def test_what_makes_no_sense_is_refused(options: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        parse(options)


@pytest.mark.parametrize(
    ("given", "obsolete", "names"),
    [
        (None, None, None),
        (None, [], None),
        (None, ["/etc/apt/sources.list"], []),
        ([entry(name="b")], None, ["b"]),
        ([entry(name="b")], ["/etc/apt/sources.list"], ["b"]),
    ],
)
def test_obsolete_sources_alone_leave_the_hosts_others(given: Any, obsolete: Any, names: list[str] | None) -> None:
    found = asked({"repositories": given, "obsolete_repositories": obsolete})
    assert (None if found is None else [each.name for each in found]) == names


def test_libapts_errors_are_told_by_their_first_lines() -> None:
    errors = "E:Failed to fetch a  Hash Sum mismatch\nHashes:\n - b, E:Some index files failed to download., W:Other."
    assert first_lines(errors) == ["Failed to fetch a  Hash Sum mismatch", "Other"]


def test_a_repository_of_rpms_needs_but_a_name_and_a_uri() -> None:
    (repository,) = parse([rpm(signed_by="/etc/pki/rpm-gpg/key")])
    assert (repository.uris, repository.suites) == (["https://mirror/9/os"], [])


@pytest.mark.parametrize(("options", "manager"), [(entry(), "dnf"), (rpm(), "apt")])
def test_a_manager_refuses_what_it_does_not_read(options: dict[str, Any], manager: str) -> None:
    repositories = parse([options])
    require_types(repositories, {"apt": "dnf", "dnf": "apt"}[manager])
    with pytest.raises(InvalidInputError, match=f"'{options['name']}' is of the type .* this host has {manager}"):
        require_types(repositories, manager)
