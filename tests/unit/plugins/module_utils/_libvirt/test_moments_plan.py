# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done to the snapshots of a VM, and what is refused before that."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnsupportedError,
    VirtError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import moments_check
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_plan import Disk, Ground, overlay, plan
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_xml import Moment, MomentDisk, parse

VDA = Disk("vda", "file", "/srv/a.qcow2", "qcow2")
CDROM = Disk("vdz", "file", "/srv/c.qcow2", "qcow2", writable=False)
DEBIAN_12 = Ground("QEMU", 9_000_000, reverts_external=False, active=True, disks=(VDA, CDROM))
DEBIAN_13 = dataclasses.replace(DEBIAN_12, libvirt=11_003_000, reverts_external=True)
INNER = Moment(
    "inner",
    description="text",
    memory="internal",
    current=True,
    xml="<domainsnapshot><name>inner</name></domainsnapshot>",
)
ODD = dataclasses.replace(INNER, name="<odd>")
OUTER = Moment("outer", "inner", disks=(MomentDisk("vda", "external", "/srv/a.outer"),))


def params(**named: t.Any) -> dict[str, t.Any]:
    return {
        "name": "new",
        "state": "present",
        "kind": "snapshot",
        "description": None,
        "location": "internal",
        "memory": None,
        "memory_path": None,
        "disks": None,
        "quiesce": False,
        "children": False,
        "power": "saved",
        "force": False,
        **named,
    }


def disk(target: str = "vda", *, include: bool = True, path: str | None = None) -> dict[str, t.Any]:
    return {"target": target, "include": include, "path": path}


def ground(*moments: Moment, base: Ground = DEBIAN_12, **more: t.Any) -> Ground:
    return dataclasses.replace(base, moments=moments, **more)


@pytest.mark.parametrize(
    ("options", "found", "memory", "disks"),
    [
        ({}, ground(), "internal", ()),
        ({}, ground(active=False), None, ()),
        ({"location": "external"}, ground(), None, (MomentDisk("vda", "external"), MomentDisk("vdz", "no"))),
        (
            {"location": "external", "disks": [disk(path="/x")], "memory": True, "memory_path": "/m"},
            ground(),
            "external",
            (MomentDisk("vda", "external", "/x"), MomentDisk("vdz", "no")),
        ),
        ({"kind": "checkpoint"}, ground(), None, (MomentDisk("vda", "bitmap"), MomentDisk("vdz", "no"))),
        (
            {"kind": "checkpoint", "disks": [disk(include=False)]},
            ground(),
            None,
            (MomentDisk("vda", "no"), MomentDisk("vdz", "no")),
        ),
        (
            {"location": "external"},
            ground(disks=(Disk("vda", "volume", "/pool/a.img", "raw"),)),
            None,
            (MomentDisk("vda", "external", "/pool/a.new"),),
        ),
    ],
)
def test_a_new_one(options: dict[str, t.Any], found: Ground, memory: str | None, disks: tuple[MomentDisk, ...]) -> None:
    asked = params(**options)
    moments_check.check_options(asked)
    moments_check.check(asked, found)
    made = plan(asked, found)
    moment = parse(made.create or "")
    assert (moment.name, moment.memory, moment.disks) == ("new", memory, disks)
    assert [change.path for change in made.changes] == [f"{asked['kind']}s[new]"]


def test_an_existing_one_is_only_described() -> None:
    found = ground(INNER)
    assert not plan(params(name="inner", location="external"), found).changes
    assert not plan(params(name="inner", description="text"), found).changes
    made = plan(params(name="inner", description=""), found)
    assert made.changes.diff()["before"] == {"snapshots[inner].description": "text"}
    assert (made.create, made.redefine) == (None, "<domainsnapshot><name>inner</name></domainsnapshot>")


def test_to_revert_is_always_a_change() -> None:
    made = plan(params(name="inner", state="reverted"), ground(INNER))
    assert made.changes.diff() == {"before": {"current": "inner"}, "after": {"current": "inner"}}
    assert made.revert == "inner"


@pytest.mark.parametrize(
    ("name", "children", "gone"),
    [
        ("inner", False, ("inner",)),
        ("inner", True, ("outer", "inner")),
        ("outer", True, ("outer",)),
        ("none", True, ()),
    ],
)
def test_removal(name: str, children: bool, gone: tuple[str, ...]) -> None:
    made = plan(params(name=name, state="absent", children=children), ground(INNER, OUTER))
    assert made.delete == gone
    assert len(list(made.changes)) == len(gone)


def test_files_that_stay_are_told() -> None:
    found = ground(Moment("m", memory="external", memory_path="/srv/m"))
    assert plan(params(name="m", state="absent"), found).left == ("/srv/m",)


@pytest.mark.parametrize(("path", "expected"), [("/a/b.qcow2", "/a/b.s"), ("/a.b/c", "/a.b/c.s"), ("/a/.b", "/a/.b.s")])
def test_overlay(path: str, expected: str) -> None:
    assert overlay(path, "s") == expected


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"name": ""}, "empty"),
        ({"name": "../x"}, "slash"),
        ({"name": "ü" * 124}, "247 bytes"),
        ({"quiesce": True}, "external"),
        ({"disks": [disk()]}, "disks"),
        ({"memory_path": "/m"}, "memory_path"),
        ({"location": "external", "memory": True}, "needs a file"),
        ({"location": "external", "memory_path": "/m"}, "memory"),
        ({"location": "external", "memory": True, "memory_path": "/m", "quiesce": True}, "quiesce"),
        ({"kind": "checkpoint", "state": "reverted"}, "reverted"),
        ({"kind": "checkpoint", "memory": True}, "memory"),
        ({"kind": "checkpoint", "location": "external"}, "location"),
        ({"kind": "checkpoint", "disks": [disk(path="/x")]}, "overlay"),
    ],
)
def test_options_that_contradict_one_another(options: dict[str, t.Any], word: str) -> None:
    with pytest.raises(InvalidInputError, match=word):
        moments_check.check_options(params(**options))


RAW = Disk("vdb", "file", "/srv/b.img", "raw")
NETWORK = Disk("vdb", "network", None, "raw")


@pytest.mark.parametrize(
    ("options", "found", "error", "words"),
    [
        ({}, ground(driver="LXC"), UnsupportedError, "libvirt 9.0.0 with the driver LXC"),
        ({}, ground(disks=(VDA, RAW)), UnsupportedError, r"vdb \(raw\).*location: external"),
        ({"memory": False}, ground(), UnsupportedError, "without its memory"),
        ({"name": "a b"}, ground(base=DEBIAN_13), InvalidInputError, "libvirt 11.3.0.*letters, digits.*'a b'"),
        ({"name": ODD.name, "state": "absent"}, ground(ODD, base=DEBIAN_13), InvalidInputError, "letters, digits"),
        ({"location": "external", "memory": True}, ground(active=False), ConflictError, "does not run"),
        ({"location": "external", "disks": [disk("vdx")]}, ground(), NotFoundError, "vdx.*vda"),
        ({"location": "external"}, ground(disks=(NETWORK,)), InvalidInputError, r"disks\[vdb\].path"),
        ({"kind": "checkpoint"}, ground(active=False), ConflictError, "does not run"),
        ({"kind": "checkpoint"}, ground(disks=(VDA, RAW)), UnsupportedError, "vdb.*include"),
        ({"kind": "checkpoint", "name": "inner", "state": "absent"}, ground(INNER, active=False), ConflictError, "run"),
        ({"state": "reverted"}, ground(INNER), NotFoundError, "It has inner"),
        ({"state": "reverted"}, ground(), NotFoundError, "It has none"),
        (
            {"state": "reverted", "name": "outer"},
            ground(INNER, OUTER),
            UnsupportedError,
            r"9\.0\.0 .* 9\.9\.0 is the first",
        ),
        ({"state": "reverted", "name": "inner"}, ground(INNER, OUTER), ConflictError, "useless: outer"),
        ({"state": "absent", "name": "outer"}, ground(INNER, OUTER), UnsupportedError, "'outer' after 'inner'"),
        ({"state": "absent", "name": "inner"}, ground(INNER, OUTER), ConflictError, "overlay of 'outer'.*Shut"),
        (
            {"state": "absent", "name": "inner", "children": True},
            ground(INNER, OUTER),
            UnsupportedError,
            "'outer' after 'inner'",
        ),
        (
            {"state": "absent", "name": "outer"},
            ground(dataclasses.replace(OUTER, parent=None), libvirt=8_010_000),
            UnsupportedError,
            r"8\.10\.0 .* 9\.0\.0 is the first",
        ),
    ],
)
def test_what_cannot_be_done(options: dict[str, t.Any], found: Ground, error: type[VirtError], words: str) -> None:
    with pytest.raises(error) as raised:
        moments_check.check(params(**options), found)
    raised.match(words)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"state": "reverted", "name": "outer"}, ground(INNER, OUTER, base=DEBIAN_13)),
        ({"state": "reverted", "name": "inner"}, ground(INNER, OUTER, base=DEBIAN_13)),
        ({"state": "absent", "name": "inner"}, ground(INNER, OUTER, active=False)),
        ({"state": "absent", "name": "inner"}, ground(INNER)),
        ({"state": "absent", "name": "none"}, ground(driver="LXC")),
        ({"name": "a b"}, ground()),
        ({"name": "a b"}, ground(base=DEBIAN_13, active=False)),
        ({"name": "A_b-1.0"}, ground(base=DEBIAN_13)),
        ({"name": ODD.name, "state": "absent"}, ground(ODD, base=DEBIAN_13, active=False)),
        ({"location": "external", "disks": [disk("vdb", path="/x")]}, ground(disks=(VDA, NETWORK))),
        ({"location": "external", "disks": [disk("vdb", include=False)]}, ground(disks=(VDA, NETWORK))),
        ({"kind": "checkpoint", "disks": [disk("vdb", include=False)]}, ground(disks=(VDA, RAW))),
    ],
)
def test_what_can(options: dict[str, t.Any], found: Ground) -> None:
    moments_check.check(params(**options), found)


@pytest.mark.parametrize(
    ("options", "found", "expected"),
    [
        ({"quiesce": True}, ground(), True),
        ({"quiesce": False}, ground(), False),
        ({"quiesce": True}, ground(active=False), False),
        ({"quiesce": True, "name": "inner"}, ground(INNER), False),
        ({"quiesce": True, "state": "absent"}, ground(), False),
    ],
)
def test_filesystems_are_frozen_only_where_something_is_made(
    options: dict[str, t.Any], found: Ground, *, expected: bool
) -> None:
    assert moments_check.check_quiesce(params(**options), found) is expected
