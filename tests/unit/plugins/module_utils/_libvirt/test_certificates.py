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


def expiries(root: Path) -> tuple[dict[str, dt.datetime], list[str]]:
    return certificates.expiries(root / "etc/pki/qemu", root)


def test_real_ones_are_read(tmp_path: Path) -> None:
    file = make(tmp_path, certificates.FILES[1])
    ends, unreadable = expiries(tmp_path)
    left = ends.pop(str(file)) - dt.datetime.now(dt.timezone.utc)
    assert dt.timedelta(days=2, hours=23) < left <= dt.timedelta(days=3)
    assert (ends, unreadable) == ({}, [])


def test_none_is_no_problem_and_a_broken_one_is_one_among_others(tmp_path: Path) -> None:
    assert expiries(tmp_path) == ({}, [])
    broken = tmp_path / certificates.FILES[0]
    broken.parent.mkdir(parents=True)
    broken.write_text("no certificate")
    whole = make(tmp_path, certificates.FILES[1])
    ends, unreadable = expiries(tmp_path)
    assert list(ends) == [str(whole)]
    assert len(unreadable) == 1
    assert f"the certificate {broken} cannot be read: " in unreadable[0]
    assert "evergreen.virt.configure" in unreadable[0]


MIGRATE = 'migrate_tls_x509_cert_dir = "/srv/migrate"\n'
DEFAULT = 'default_tls_x509_cert_dir = "/srv/default"\n'


@pytest.mark.parametrize(
    ("qemu_conf", "present", "expected"),
    [
        ("", "", "etc/pki/qemu"),
        (DEFAULT, "", "srv/default"),
        (DEFAULT + MIGRATE, "", "srv/migrate"),
        (DEFAULT, "etc/pki/libvirt-migrate", "etc/pki/libvirt-migrate"),
        (MIGRATE, "etc/pki/libvirt-migrate", "srv/migrate"),
    ],
)
def test_where_qemu_has_them(qemu_conf: str, present: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / present).mkdir(parents=True, exist_ok=True)
    assert certificates.qemu_folder(qemu_conf, tmp_path) == tmp_path / expected


CLIENT = {"client-cert.pem", "client-key.pem"}
SERVER = {"server-cert.pem", "server-key.pem"}
ALL = {"ca-cert.pem", *CLIENT, *SERVER}


@pytest.mark.parametrize(
    ("qemu_conf", "ends", "present", "lacking"),
    [
        ("", [], set(), set()),
        ("", ["client", "server"], ALL, set()),
        ("", ["client", "server"], set(), ALL),
        ("", ["client"], {"ca-cert.pem", *SERVER}, CLIENT),
        ("", ["server"], {"ca-cert.pem", *CLIENT}, SERVER),
        ("", ["server"], {"ca-cert.pem", "server-cert-0.pem", "server-key-0.pem"}, set()),
        ("migrate_tls_x509_verify = 0\n", ["client"], {"ca-cert.pem"}, set()),
        ("default_tls_x509_verify = 0\n", ["client"], {"ca-cert.pem"}, set()),
        ("default_tls_x509_verify = 0\nmigrate_tls_x509_verify = 1\n", ["client"], {"ca-cert.pem"}, CLIENT),
        ("migrate_tls_x509_verify = 0\n", ["server"], {"ca-cert.pem"}, SERVER),
    ],
)
def test_what_qemu_lacks_for_a_move_is_named(
    qemu_conf: str, ends: list[str], present: set[str], lacking: set[str], tmp_path: Path
) -> None:
    folder = tmp_path / "etc/pki/qemu"
    folder.mkdir(parents=True)
    for name in present:
        (folder / name).touch()
    found = certificates.missing(qemu_conf, ends, tmp_path)
    assert len(found) == bool(lacking)
    assert {name for name in ALL if str(folder / name) in "".join(found)} == lacking


def test_a_link_to_nothing_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "etc/pki/qemu").mkdir(parents=True)
    (tmp_path / "etc/pki/qemu/ca-cert.pem").symlink_to("../CA/cacert.pem")
    assert "ca-cert.pem, " in certificates.missing("", ["server"], tmp_path)[0]
