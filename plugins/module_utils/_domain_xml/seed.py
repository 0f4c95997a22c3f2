# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What cloud-init in a guest reads at its start: the files of a NoCloud seed, and the drive that the seed is in.

A seed's volume is named after its content, so that another content is another medium, which libvirt changes in a
running VM like any other.

Source: https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import string
import typing as t

from .._errors import InvalidInputError
from .disks import disks, target
from .option import Entry
from .tree import Element, attribute, devices

SPEC: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "user_data": {"type": "str", "no_log": True},
        "meta_data": {"type": "dict"},
        "network_config": {"type": "dict"},
        "pool": {"type": "str"},
        "target": {"type": "str"},
    },
}

_MAX_NAME = 255 - len("-seed-0123456789abcdef.iso")
"""Bytes of a VM's name that leave room for the rest of a file's name."""

_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")
"""How JSON escapes a character beyond U+FFFF."""

Files = t.Mapping[str, bytes]


@dataclasses.dataclass(frozen=True)
class Seed:
    """A seed that has to be in a pool."""

    pool: str
    volume: str
    files: Files


@dataclasses.dataclass(frozen=True)
class Medium:
    """What has to be in the drive.

    :param drive: the entry of `cdroms`; None if there is no drive to change.
    :param seed: None if the VM shall have none.
    """

    drive: dict[str, t.Any] | None
    seed: Seed | None = None


def medium(params: Entry, definition: Element | None) -> Medium | None:
    """Return what the option `cloud_init` asks for, None if it is not managed.

    :param params: all options of `vm`.
    :raises InvalidInputError: when it cannot be told where the seed goes.
    """
    wanted, vm = params.get("cloud_init"), params["name"]
    if wanted is None:
        return None
    drive = _drive(definition, vm)
    if wanted["state"] == "absent":
        return Medium(None if drive is None else {"target": target(drive), "path": ""})
    files = _files(vm, wanted)
    seed = Seed(_pool(params, wanted, definition, drive), _volume(vm, files), files)
    place = wanted.get("target") or (target(drive) if drive is not None else _free(params, definition))
    if any(entry["target"] == place for entry in params.get("cdroms") or ()):
        raise InvalidInputError(f"cloud_init: cdroms names its drive {place} as well.", hint="Set cloud_init.target.")
    return Medium({"target": place, "pool": seed.pool, "volume": seed.volume}, seed)


def is_seed(vm: str, volume: str | None) -> bool:
    """Tell whether a volume is one of the VM's seeds, by its name."""
    return re.fullmatch(re.escape(vm) + r"-seed-[0-9a-f]{16}\.iso", volume or "") is not None


def _files(vm: str, wanted: Entry) -> dict[str, bytes]:
    """The instance's id decides whether cloud-init takes the guest for a new one."""
    meta = {"instance-id": vm, "local-hostname": vm, **(wanted.get("meta_data") or {})}
    found = {"user-data": wanted.get("user_data") or "#cloud-config\n", "meta-data": _json(meta)}
    if wanted.get("network_config"):
        found["network-config"] = _json(wanted["network_config"])
    return {name: text.encode() for name, text in found.items()}


def _json(value: t.Mapping[str, t.Any]) -> str:
    """JSON is YAML, but for a character that JSON escapes as a pair: YAML takes that for two characters."""
    return _PAIR.sub(_one_escape, json.dumps(value, sort_keys=True, indent=1)) + "\n"


def _one_escape(pair: re.Match[str]) -> str:
    character = json.loads(f'"{pair[0]}"')
    return f"\\U{ord(character):08x}"


def _volume(vm: str, files: Files) -> str:
    if len(vm.encode()) > _MAX_NAME:
        raise InvalidInputError(f"cloud_init: the name of the VM has more than {_MAX_NAME} bytes.")
    digest = hashlib.sha256(b"\0".join(part for name in sorted(files) for part in (name.encode(), files[name])))
    return f"{vm}-seed-{digest.hexdigest()[:16]}.iso"


def _drive(definition: Element | None, vm: str) -> Element | None:
    found = [] if definition is None else devices(definition, "disk")
    return next((disk for disk in found if is_seed(vm, attribute(disk, "source", "volume"))), None)


def _pool(params: Entry, wanted: Entry, definition: Element | None, drive: Element | None) -> str:
    of_drive = None if drive is None else attribute(drive, "source", "pool")
    of_options = [entry.get("pool") for entry in params.get("disks") or ()]
    of_disks = [] if definition is None else [attribute(disk, "source", "pool") for disk in disks(definition)]
    found = next(filter(None, [wanted.get("pool"), of_drive, *of_options, *of_disks]), None)
    if found is None:
        raise InvalidInputError("cloud_init: no disk of the VM is in a pool.", hint="Set cloud_init.pool.")
    return str(found)


def _free(params: Entry, definition: Element | None) -> str:
    named = [entry["target"] for option in ("disks", "cdroms") for entry in params.get(option) or ()]
    used = {*named, *(() if definition is None else map(target, devices(definition, "disk")))}
    free = next((name for name in map("sd{}".format, string.ascii_lowercase) if name not in used), None)
    if free is None:
        raise InvalidInputError("cloud_init: sda to sdz are all in use.", hint="Set cloud_init.target.")
    return free
