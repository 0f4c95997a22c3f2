# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _os_release


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n', "Debian 12"),
        ("# comment\nNAME='Rocky Linux'\nVERSION_ID=9.4\n", "Rocky Linux 9.4"),
        ('NAME="AlmaLinux"\nVERSION_ID="9.6"\nID="almalinux"\n', "AlmaLinux 9.6"),
        ('NAME="Arch Linux"\n', "Arch Linux"),
        ("NAME=It's\n", "It's"),
        ("VERSION_ID=\nno assignment\n", None),
        ("", None),
    ],
)
def test_names(tmp_path: Path, text: str, name: str | None) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(text, encoding="utf-8")
    assert _os_release.name(_os_release.read(tmp_path)) == name


def test_the_file_of_the_vendor_is_read_where_the_host_has_none(tmp_path: Path) -> None:
    assert _os_release.read(tmp_path) == {}
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/os-release").write_text('ID=debian\nVARIANT="a \\"b\\""\n', encoding="utf-8")
    assert _os_release.read(tmp_path) == {"ID": "debian", "VARIANT": 'a "b"'}
