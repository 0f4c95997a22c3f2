# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM boots by: BIOS or UEFI, without or with secure boot.

libvirt selects the file by what it shall do (`<os firmware="efi">`). VMs that name files (`<loader>`, `<nvram>`) keep
them until another firmware is asked for. https://libvirt.org/formatdomain.html#bios-bootloader
"""

from __future__ import annotations

import posixpath
import re

from .option import Option, Scalar
from .tree import Element, attribute, drop, ensure, set_attribute, text

FIRMWARES = ("bios", "uefi", "uefi-secure")

_NVRAM_FOLDER = "/var/lib/libvirt/qemu/nvram"
"""Where libvirt's system mode keeps the variables of VMs whose definition names no file."""

_FEATURES = ("enrolled-keys", "secure-boot")


def read(root: Element) -> str:
    """Return one of FIRMWARES; whoever wrote the definition, and whether it names files or leaves them to libvirt."""
    os = root.find("os")
    if os is None or not _is_efi(os):
        return "bios"
    return "uefi-secure" if _is_secure(os) else "uefi"


def _is_efi(os: Element) -> bool:
    """Only UEFI lies in flash memory, and only of UEFI there are builds without variables."""
    by_file = attribute(os, "loader", "type") == "pflash" or attribute(os, "loader", "stateless") == "yes"
    return os.get("firmware") == "efi" or (os.get("firmware") is None and by_file)


def _is_secure(os: Element) -> bool:
    """Secure boot is enforced only with keys; of a named file nobody says whether it has them."""
    features = {feature.get("name"): feature.get("enabled") for feature in os.findall("firmware/feature")}
    said = [features.get(name) for name in _FEATURES]
    return "no" not in said and ("yes" in said or attribute(os, "loader", "secure") == "yes")


def _put(root: Element, firmware: str) -> None:
    before, file = read(root), text(root, "os/nvram") or attribute(root, "os/nvram/source", "file")
    os = ensure(root, "os")
    for tag in ("loader", "nvram", "firmware"):
        drop(os, tag)
    set_attribute(os, "firmware", None if firmware == "bios" else "efi")
    if firmware == "bios":
        return
    secure = firmware == "uefi-secure"
    for name in _FEATURES:
        feature = Element("feature", {"enabled": "yes" if secure else "no", "name": name})
        ensure(os, "firmware").append(feature)
    ensure(root, "features/acpi")  # UEFI hands the machine over by ACPI, libvirt insists on it
    if secure:
        drop(root, "features/smm")  # libvirt turns it on, unless it is off by name
    if before != "bios":
        ensure(os, "nvram").text = _variables(file or f"{_NVRAM_FOLDER}/{text(root, 'name')}_VARS.fd", firmware)


def _variables(file: str, firmware: str) -> str:
    """The variables of one UEFI have no keys for another, or do not even fit: each gets a file of its own."""
    folder, name = posixpath.split(file)
    stem = re.sub(r"(\.(uefi|uefi-secure))?(\.fd|\.qcow2)?$", "", name)
    return posixpath.join(folder, f"{stem}.{firmware}.fd")


def _restartable(running: Element, firmware: str) -> bool:
    """Where a definition says no more than `efi`, libvirt 9 selects what it likes: a restart would select it again."""
    selected = read(running) == "uefi-secure" and running.find("os/firmware") is None
    return firmware != "uefi" or not selected


OPTIONS: tuple[Option, ...] = (
    Scalar("firmware", {"type": "str", "choices": list(FIRMWARES)}, read, _put, restartable=_restartable),
)
