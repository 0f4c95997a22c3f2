# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The certificates with which libvirt hosts speak to each other.

Sources: https://libvirt.org/kbase/tlscerts.html (where they lie), openssl-x509(1).
"""

from __future__ import annotations

import datetime as dt
import pathlib
import ssl

from .. import _programs
from .._errors import OperationError

FILES = (
    "etc/pki/CA/cacert.pem",
    "etc/pki/libvirt/servercert.pem",
    "etc/pki/libvirt/clientcert.pem",
    "etc/pki/qemu/ca-cert.pem",
    "etc/pki/qemu/server-cert.pem",
    "etc/pki/qemu/client-cert.pem",
)
"""Those of libvirt's daemons, and those of QEMU, by which VMs travel."""


def expiries(root: pathlib.Path = pathlib.Path("/")) -> tuple[dict[str, dt.datetime], list[str]]:
    """Return path -> end of validity (UTC) of those that are there, and one sentence for each that cannot be read."""
    ends, unreadable = {}, []
    for file in [root / file for file in FILES if (root / file).exists()]:
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
