# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long libvirt's certificates last."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

import pytest

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


def make(root: Path, name: str) -> Path:
    file = root / name
    file.parent.mkdir(parents=True)
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=h1", "-days", "3"]
    subprocess.run([*argv, "-keyout", str(root / "key"), "-out", str(file)], check=True, capture_output=True)
    return file


def test_real_ones_are_read(tmp_path: Path) -> None:
    file = make(tmp_path, certificates.FILES[1])
    ends, unreadable = certificates.expiries(tmp_path)
    left = ends.pop(str(file)) - dt.datetime.now(dt.timezone.utc)
    assert dt.timedelta(days=2, hours=23) < left <= dt.timedelta(days=3)
    assert (ends, unreadable) == ({}, [])


def test_none_is_no_problem_and_a_broken_one_is_one_among_others(tmp_path: Path) -> None:
    assert certificates.expiries(tmp_path) == ({}, [])
    broken = tmp_path / certificates.FILES[0]
    broken.parent.mkdir(parents=True)
    broken.write_text("no certificate")
    whole = make(tmp_path, certificates.FILES[1])
    ends, unreadable = certificates.expiries(tmp_path)
    assert list(ends) == [str(whole)]
    assert len(unreadable) == 1
    assert f"the certificate {broken} cannot be read: " in unreadable[0]
    assert "evergreen.virt.configure" in unreadable[0]
