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
import subprocess

from .._errors import UnavailableError

FILES = (
    "etc/pki/CA/cacert.pem",
    "etc/pki/libvirt/servercert.pem",
    "etc/pki/libvirt/clientcert.pem",
    "etc/pki/qemu/ca-cert.pem",
    "etc/pki/qemu/server-cert.pem",
    "etc/pki/qemu/client-cert.pem",
)
"""Those of libvirt's daemons, and those of QEMU, by which VMs travel."""


def expiries(root: pathlib.Path = pathlib.Path("/")) -> dict[str, dt.datetime]:
    """Return path -> end of validity (UTC) of those that are there.

    :raises UnavailableError: when one cannot be read.
    """
    found = [root / file for file in FILES if (root / file).exists()]
    return {str(file): _expiry(file) for file in found}


def _expiry(file: pathlib.Path) -> dt.datetime:
    argv = ["openssl", "x509", "-noout", "-enddate", "-in", str(file)]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        said = (getattr(exc, "stderr", None) or str(exc)).strip()
        raise UnavailableError(
            f"the certificate {file} cannot be read: {said}.",
            hint="Repair it with the role evergreen.virt.configure; openssl must be installed.",
        ) from exc
    end = ssl.cert_time_to_seconds(done.stdout.partition("=")[2].strip())
    return dt.datetime.fromtimestamp(end, dt.timezone.utc)


def problems(ends: dict[str, dt.datetime], now: dt.datetime, days: int) -> list[str]:
    """Return one sentence for each certificate that does not last. Pure."""
    return [
        f"the certificate {file} {'has expired' if end <= now else 'expires'} on {end:%Y-%m-%d %H:%M} UTC; it must be"
        f" valid for {days} more days: run the playbook evergreen.virt.configure, which renews it."
        for file, end in ends.items()
        if end < now + dt.timedelta(days=days)
    ]
