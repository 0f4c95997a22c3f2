# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The certificates with which libvirt hosts speak to each other.

Sources: https://libvirt.org/kbase/tlscerts.html (where they lie), openssl-x509(1); qemu.conf for those by which VMs travel
(VIR_MIGRATE_TLS), and for what QEMU does with them its object tls-creds-x509. Newer ones take certificates with a number
in their names, too.
"""

from __future__ import annotations

import datetime as dt
import pathlib
import ssl
import typing as t

from .. import _programs
from .._errors import OperationError
from .._names import listed
from .._qemu_conf import ROOT, setting

FILES = ("etc/pki/CA/cacert.pem", "etc/pki/libvirt/servercert.pem", "etc/pki/libvirt/clientcert.pem")
"""Those of libvirt's daemons."""
_QEMU_FOLDER = "etc/pki/qemu"
_OWN_FOLDER = "etc/pki/libvirt-migrate"
_AUTHORITY = "ca-cert.pem"
_QEMU_CERTIFICATES = (_AUTHORITY, "server-cert.pem", "client-cert.pem")
ENDS = {"client": ("client-cert.pem", "client-key.pem"), "server": ("server-cert.pem", "server-key.pem")}
"""The end of a move that a host is -> what its QEMU needs for that, beside the authority's certificate."""


def qemu_folder(qemu_conf: str, root: pathlib.Path = ROOT) -> pathlib.Path:
    """Return where QEMU has the certificates by which VMs travel.

    :param qemu_conf: the text of /etc/libvirt/qemu.conf.
    """
    named = setting(qemu_conf, "migrate_tls_x509_cert_dir")
    if not named and (root / _OWN_FOLDER).exists():
        return root / _OWN_FOLDER
    return root / (named or setting(qemu_conf, "default_tls_x509_cert_dir") or _QEMU_FOLDER).lstrip("/")


def missing(qemu_conf: str, ends: t.Collection[str], root: pathlib.Path = ROOT) -> list[str]:
    """Return one sentence if QEMU lacks files without which no VM moves over TLS, none if it has them.

    A host whose own QEMU asks no client for a certificate (qemu.conf) is taken for one of a cluster that does not.

    :param ends: of ENDS, those that this host is of moves.
    """
    folder = qemu_folder(qemu_conf, root)
    needed = [_AUTHORITY] if ends else []
    for end in sorted(ends):
        needed += ENDS[end] if end == "server" or _verifies(qemu_conf) else ()
    lacking = [str(folder / name) for name in needed if not _is_there(folder, name)]
    if not lacking:
        return []
    sentence = (
        f"QEMU lacks {listed(lacking)}, without which no VM moves over TLS: run the playbook evergreen.virt.configure,"
        f" which makes those of /{_QEMU_FOLDER}, or put them there."
    )
    return [sentence]


def _verifies(qemu_conf: str) -> bool:
    names = ("migrate_tls_x509_verify", "default_tls_x509_verify")
    return next((value for name in names if (value := setting(qemu_conf, name))), "1") != "0"


def _is_there(folder: pathlib.Path, name: str) -> bool:
    return any(file.exists() for file in folder.glob(name.replace(".pem", "*.pem")))


def expiries(folder: pathlib.Path, root: pathlib.Path = ROOT) -> tuple[dict[str, dt.datetime], list[str]]:
    """Return path -> end of validity (UTC) of those that are there, and one sentence for each that cannot be read.

    :param folder: where those of QEMU lie.
    """
    ends, unreadable = {}, []
    files = [*(root / file for file in FILES), *(folder / name for name in _QEMU_CERTIFICATES)]
    for file in [file for file in files if file.exists()]:
        try:
            ends[str(file)] = _expiry(file)
        except OperationError as exc:
            unreadable.append(str(exc))
    return ends, unreadable


def _expiry(file: pathlib.Path) -> dt.datetime:
    printed = _programs.output(
        ["openssl", "x509", "-noout", "-enddate", "-in", str(file)],
        f"the certificate {file} cannot be read",
        hint="Repair it with the role evergreen.virt.configure; openssl must be installed.",
    )
    end = ssl.cert_time_to_seconds(printed.partition("=")[2].strip())
    return dt.datetime.fromtimestamp(end, dt.timezone.utc)


def problems(ends: dict[str, dt.datetime], now: dt.datetime, days: int) -> list[str]:
    """Return one sentence for each certificate that does not last. Pure."""
    return [
        f"the certificate {file} {'has expired' if end <= now else 'expires'} on {end:%Y-%m-%d %H:%M} UTC; it must be"
        f" valid for {days} more days: run the playbook evergreen.virt.configure, which renews it."
        for file, end in ends.items()
        if end < now + dt.timedelta(days=days)
    ]
