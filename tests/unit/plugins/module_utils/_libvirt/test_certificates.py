# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long libvirt's certificates last."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import certificates

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (NOW + dt.timedelta(days=7), None),
        (NOW + dt.timedelta(days=6, hours=23), "expires on 2026-12-03 11:00 UTC; it must be valid for 7 more days"),
        (NOW, "has expired on 2026-11-26 12:00 UTC"),
    ],
)
def test_one_that_ends_too_early_is_named(end: dt.datetime, words: str | None) -> None:
    found = certificates.problems({"/etc/pki/a.pem": end}, NOW, 7)
    assert len(found) == (words is not None)
    assert words is None or f"/etc/pki/a.pem {words}" in found[0]


def test_real_ones_are_read(tmp_path: Path) -> None:
    file = tmp_path / certificates.FILES[1]
    file.parent.mkdir(parents=True)
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=h1", "-days", "3"]
    subprocess.run([*argv, "-keyout", str(tmp_path / "key"), "-out", str(file)], check=True, capture_output=True)
    (found,) = certificates.expiries(tmp_path).items()
    left = found[1] - dt.datetime.now(dt.timezone.utc)
    assert found[0] == str(file)
    assert dt.timedelta(days=2, hours=23) < left <= dt.timedelta(days=3)


def test_none_is_no_problem_and_a_broken_one_is(tmp_path: Path) -> None:
    assert certificates.expiries(tmp_path) == {}
    file = tmp_path / certificates.FILES[0]
    file.parent.mkdir(parents=True)
    file.write_text("no certificate")
    with pytest.raises(UnavailableError, match=r"cacert\.pem cannot be read"):
        certificates.expiries(tmp_path)
