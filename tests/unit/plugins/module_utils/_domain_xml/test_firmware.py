# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware as libvirt, virt-install and people write it."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.firmware import FIRMWARES, read

FEATURES = '<firmware><feature enabled="{}" name="secure-boot"/><feature enabled="{}" name="enrolled-keys"/></firmware>'


@pytest.mark.parametrize(
    ("os", "firmware"),
    [
        ("<os/>", "bios"),
        ('<os firmware="bios"/>', "bios"),
        ('<os firmware="efi"/>', "uefi"),
        ('<os><loader type="rom">/usr/share/seabios/bios.bin</loader></os>', "bios"),
        ('<os><loader type="pflash">/OVMF_CODE.fd</loader><nvram>/a</nvram></os>', "uefi"),
        ('<os><loader type="pflash" secure="no">/OVMF_CODE.fd</loader></os>', "uefi"),
        ('<os><loader type="pflash" secure="yes">/OVMF_CODE.ms.fd</loader></os>', "uefi-secure"),
        ('<os><loader type="rom" stateless="yes">/OVMF.amdsev.fd</loader></os>', "uefi"),
        ('<os firmware="efi"><loader secure="yes"/></os>', "uefi-secure"),
        (f'<os firmware="efi">{FEATURES.format("yes", "yes")}</os>', "uefi-secure"),
        (f'<os firmware="efi">{FEATURES.format("yes", "no")}<loader secure="yes"/></os>', "uefi"),
        (f'<os firmware="efi">{FEATURES.format("no", "no")}</os>', "uefi"),
    ],
)
def test_firmware_is_recognized_and_then_left_alone(os: str, firmware: str) -> None:
    root = tree.parse(f"<domain><name>a</name>{os}</domain>")
    assert read(root) == firmware
    assert convergence.converge(root, None, {"firmware": firmware}).definition is None


@pytest.mark.parametrize(
    ("before", "wanted", "nvram"),
    [
        ("<os/>", "uefi", None),
        ("<os/>", "uefi-secure", None),
        ('<os firmware="efi"/>', "uefi-secure", "/var/lib/libvirt/qemu/nvram/a_VARS.uefi-secure.fd"),
        ('<os><loader type="pflash">/c</loader><nvram>/x/b.fd</nvram></os>', "uefi-secure", "/x/b.uefi-secure.fd"),
        (
            '<os><loader type="pflash" secure="yes">/c</loader><nvram>/x/b.uefi-secure.fd</nvram></os>',
            "uefi",
            "/x/b.uefi.fd",
        ),
        ('<os firmware="efi"><nvram><source file="/y/b.fd"/></nvram></os>', "uefi-secure", "/y/b.uefi-secure.fd"),
        ('<os firmware="efi"><nvram>/x/b.fd</nvram></os>', "bios", None),
    ],
)
def test_each_uefi_keeps_its_variables_in_a_file_of_its_own(before: str, wanted: str, nvram: str | None) -> None:
    root = tree.parse(f"<domain><name>a</name>{before}<features><smm state='off'/></features></domain>")
    text = convergence.converge(root, None, {"firmware": wanted}).definition
    assert text is not None
    after = tree.parse(text)
    assert read(after) == wanted
    assert after.findtext("os/nvram") == nvram
    assert after.find("os/loader") is None
    assert (after.find("features/smm") is None) == (wanted == "uefi-secure")
    assert (after.find("features/acpi") is None) == (wanted == "bios")


@pytest.mark.parametrize("first", FIRMWARES)
@pytest.mark.parametrize("second", FIRMWARES)
def test_any_firmware_follows_any_other(first: str, second: str) -> None:
    root = tree.parse("<domain><name>a</name></domain>")
    for firmware in (first, second):
        text = convergence.converge(root, None, {"firmware": firmware}).definition
        root = root if text is None else tree.parse(text)
        assert read(root) == firmware


@pytest.mark.parametrize(("features", "waiting"), [("", ()), (FEATURES.format("yes", "yes"), ("firmware",))])
def test_a_vm_is_not_restarted_for_what_libvirt_selected_by_itself(features: str, waiting: tuple[str, ...]) -> None:
    definition = tree.parse('<domain><os firmware="efi"/></domain>')
    running = tree.parse(f'<domain><os>{features}<loader type="pflash" secure="yes">/c</loader></os></domain>')
    result = convergence.converge(definition, running, {"firmware": "uefi"}, "restart")
    assert result.restart == bool(waiting)
    assert convergence.converge(definition, running, {"firmware": "uefi"}).waiting == waiting
