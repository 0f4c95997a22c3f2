# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What libvirt's drivers cannot do to a VM, told before anything is changed. Pure.

A driver that is not listed is asked, and then told by libvirt. Source: https://libvirt.org/hvsupport.html, tried with
libvirt 9.0.
"""

from __future__ import annotations

import typing as t

from .._domain_xml.option import LiveStep
from .._domain_xml.volumes import VolumeStep
from .._errors import UnsupportedError

_TITLES = {
    "attach": "attach devices to a VM that runs",
    "detach": "detach devices from a VM that runs",
    "update": "change devices of a VM that runs",
    "grow": "grow volumes",
    "upload": "write into volumes",
    "start_paused": "start a VM paused",
    "wake": "wake a VM up",
    "acpi": "shut a VM down by ACPI alone",
    "agent": "shut a VM down by its guest agent alone",
}
_CANNOT: dict[str, frozenset[str]] = {"TEST": frozenset(_TITLES)}


def cannot(driver: str) -> list[str]:
    """Return what a driver cannot do, in words."""
    return [title for call, title in _TITLES.items() if call in _CANNOT.get(driver, ())]


def check(
    driver: str,
    name: str,
    *,
    live: t.Mapping[LiveStep, t.Sequence[str]],
    volumes: t.Iterable[VolumeStep],
    uploads: t.Sequence[str] = (),
    power: t.Collection[str],
    shutdown_mode: str,
) -> None:
    """Raise UnsupportedError if the driver (virConnectGetType) cannot do what a task would do.

    :param name: the VM's.
    :param live: calls for the running VM, with the options that need them; a call that may be refused is not looked at.
    :param uploads: options that write into a volume.
    :param power: calls that change its state.
    """
    missing = _CANNOT.get(driver, frozenset())
    for step, options in live.items():
        if step.call in missing and not step.uncertain:
            raise _error(driver, name, step.call, options, "Let it wait for the next start: apply: next_start.")
    for volume in volumes:
        for call in volume.calls:
            if call in missing:
                raise _error(driver, name, call, [f"disks[{volume.target}]"])
    if uploads and "upload" in missing:
        raise _error(driver, name, "upload", uploads)
    for call in (*power, *((shutdown_mode,) if "shutdown" in power else ())):
        if call in missing:
            raise _error(driver, name, call, ["state"])


def _error(driver: str, name: str, call: str, options: t.Sequence[str], hint: str = "") -> UnsupportedError:
    return UnsupportedError(f"VM '{name}': {', '.join(options)} needs it to {_TITLES[call]}.", hint=hint, driver=driver)
