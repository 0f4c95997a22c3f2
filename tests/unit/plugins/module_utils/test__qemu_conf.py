# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirt's settings for QEMU."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _qemu_conf

LOCKD = 'lock_manager = "lockd"\n'


def test_they_are_read_whatever_their_comments_are_written_in(tmp_path: Path) -> None:
    assert _qemu_conf.read(tmp_path) == ""
    (tmp_path / "etc/libvirt").mkdir(parents=True)
    (tmp_path / "etc/libvirt/qemu.conf").write_bytes(b"# \xe9\n" + LOCKD.encode())
    assert LOCKD in str(_qemu_conf.read(tmp_path))


def test_who_may_not_read_them_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_arguments: object, **_how: object) -> str:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", refuses)
    assert _qemu_conf.read(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("", "lock_manager", None),
        (LOCKD, "lock_manager", "lockd"),
        ('# {mark} a block\nmigration_port_min = 49152\nlock_manager = "lockd"\n# end\n', "lock_manager", "lockd"),
        ("  lock_manager='lockd'   # why\n", "lock_manager", "lockd"),
        ('#lock_manager = "lockd"\n', "lock_manager", None),
        ('# lock_manager = "lockd"\n', "lock_manager", None),
        ('lock_manager_x = "lockd"\n', "lock_manager", None),
        ('lock_manager = "sanlock"\n' + LOCKD, "lock_manager", "sanlock"),
        ('lock_manager = ""\n', "lock_manager", ""),
        ("migrate_tls_x509_verify = 0\n", "migrate_tls_x509_verify", "0"),
        ("migrate_tls_x509_verify=1 # yes\n", "migrate_tls_x509_verify", "1"),
    ],
)
def test_a_setting(text: str, name: str, expected: str | None) -> None:
    assert _qemu_conf.setting(text, name) == expected
