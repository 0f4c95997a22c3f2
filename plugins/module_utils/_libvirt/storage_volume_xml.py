# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A storage volume's options <-> its XML. Pure.

Source: https://libvirt.org/formatstorage.html#storage-volume-xml
"""

from __future__ import annotations

import dataclasses
import math
import typing as t
from xml.etree.ElementTree import SubElement

from .._changes import Change, ChangeSet
from .._domain_xml import images, tree
from .._domain_xml.identity import volume_name_problem
from .._domain_xml.images import FILE_POOLS, Copy, Image, Wanted
from .._domain_xml.option import naming
from .._domain_xml.texts import check_line, check_xml
from .._domain_xml.tree import Element
from .._domain_xml.volumes import is_as_asked
from .._errors import ConflictError, InvalidInputError, NotFoundError

_MIB = 2**20
_GIB = 2**30


@dataclasses.dataclass(frozen=True)
class Volume:
    """A volume as it is; `capacity` are bytes that a guest sees."""

    path: str
    capacity: int
    format: str | None = None
    backing: str | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do, at most one of it.

    :param create: the XML of the new volume.
    :param copy: how the new volume is made from another one.
    :param resize: bytes of its new capacity; `shrink` if that is less than before.
    """

    changes: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    create: str | None = None
    copy: Copy | None = None
    resize: int | None = None
    shrink: bool = False
    delete: bool = False
    wipe: bool = False


_MOST_GIB = 2**33
"""libvirt counts bytes in 64 bits, of which one may be a sign."""


WIPE_ALGORITHMS = (
    "zero", "nnsa", "dod", "bsi", "gutmann", "schneier", "pfitzner7", "pfitzner33", "random", "trim"
)  # fmt: skip
"""virStorageVolWipeAlgorithm, in its order."""
WIPING = ChangeSet.of(Change("content", "kept", "wiped"))


def check(params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError for what cannot be meant, before anything is looked at."""
    check_line("pool", params["pool"])
    if not params["pool"]:
        raise InvalidInputError("a volume's pool is empty.")
    _check_name("name", params["name"])
    if params["backing"] is not None and params["backing"]["volume"] is not None:
        _check_name("backing.volume", params["backing"]["volume"])
    check_line("backing", params["backing"])
    _check_origin(params)
    size = params["size_gib"]
    if size is not None and not 0 < size < _MOST_GIB:
        raise InvalidInputError(f"{_described(params)}: a size of {size:g} GiB is not between 0 and {_MOST_GIB} GiB.")


def _check_origin(params: t.Mapping[str, t.Any]) -> None:
    for option in ("source", "upload"):
        if params[option] is not None and params["preallocate"]:
            raise InvalidInputError(f"{option}: a volume with content cannot be preallocated as well.")
    if params["upload"] is not None:
        check_xml("upload", params["upload"])
        if images.problem({"path": params["upload"]}):
            raise InvalidInputError(f"upload: {params['upload']!r} is not an absolute path.")
    if params["source"] is not None:
        _check_source(params, params["source"])


def _check_source(params: t.Mapping[str, t.Any], source: t.Mapping[str, t.Any]) -> None:
    check_line("source", source)
    problem = images.problem(source)
    if problem is None and source["volume"] == params["name"] and source["pool"] in (None, params["pool"]):
        problem = "it is the volume itself"
    if problem is not None:
        raise InvalidInputError(f"source: {problem}.")


def wanted_source(params: t.Mapping[str, t.Any]) -> Wanted:
    """Return the volume that the option `source` names; by default it is in the same pool."""
    source = params["source"]
    return Wanted.of({**source, "pool": source["pool"] or params["pool"]})


def wanted_backing(params: t.Mapping[str, t.Any]) -> Wanted:
    """Return the volume that the option `backing` names: one of the same pool, or the one at a path."""
    backing = params["backing"]
    return Wanted.of({**backing, "pool": None if backing["volume"] is None else params["pool"]})


def _check_name(option: str, name: str) -> None:
    problem = volume_name_problem(name)
    if problem:
        raise InvalidInputError(f"{option}: {problem}.")


def read(root: Element) -> Volume:
    """Return what a `<volume>` says; libvirt names what it finds in some raw ones."""
    form = tree.attribute(root, "target/format", "type")
    return Volume(
        path=tree.text(root, "target/path") or "",
        capacity=tree.size_in_bytes(root.find("capacity"), unit="bytes") or 0,
        format="raw" if form == "iso" else form,
        backing=tree.text(root, "backingStore/path"),
    )


def size_in_bytes(size_gib: float) -> int:
    """Return whole MiB, rounded up, in bytes."""
    return math.ceil(size_gib * 1024) * _MIB


def plan(
    params: t.Mapping[str, t.Any],
    current: Volume | None,
    *,
    pool_type: str,
    backing: Image | None = None,
    image: Image | None = None,
) -> Plan:
    """Return what to do.

    :param current: the volume as it is, None if there is none.
    :param pool_type: the pool's type.
    :param backing: the volume that the option `backing` names; it is not compared if it is not there yet.
    :param image: what a new volume gets its content from.
    :raises InvalidInputError: when a new volume has no size, or cannot be made from its image, or the pool has no such format.
    :raises NotFoundError: when there is no volume to wipe.
    :raises ConflictError: when the volume differs in what cannot be changed.
    """
    if params["state"] == "absent":
        removal = ChangeSet.of(Change("state", "present", "absent"))
        return Plan() if current is None else Plan(removal, delete=True)
    if params["state"] == "wiped":
        return _wiping(params, current)
    _check_format(params, pool_type)
    form = params["format"] if pool_type in FILE_POOLS else None
    if current is None:
        return _creation(params, pool_type, form, backing) if image is None else _copying(params, pool_type, image)
    _check_unchangeable(params, current, form, backing)
    wanted = current.capacity if params["size_gib"] is None else size_in_bytes(params["size_gib"])
    if is_as_asked(current.capacity, wanted, pool_type):
        return Plan()
    if wanted < current.capacity and not params["allow_shrink"]:
        raise ConflictError(
            f"{_described(params)} has {current.capacity / _GIB:g} GiB, more than the {params['size_gib']:g} GiB"
            " that were asked, and shrinking destroys what lies at its end.",
            hint="Make its filesystem smaller first, then set allow_shrink.",
        )
    change = Change("size_gib", current.capacity / _GIB, wanted / _GIB)
    return Plan(ChangeSet.of(change), resize=wanted, shrink=wanted < current.capacity)


def _wiping(params: t.Mapping[str, t.Any], current: Volume | None) -> Plan:
    if current is None:
        raise NotFoundError(f"{_described(params)} does not exist, so it cannot be wiped.")
    return Plan(WIPING, wipe=True)


def _check_format(params: t.Mapping[str, t.Any], pool_type: str) -> None:
    """Some pools make a raw volume of what is to be qcow2, without a word."""
    if params["format"] not in (None, "raw") and pool_type not in FILE_POOLS:
        raise InvalidInputError(
            f"{_described(params)}: volumes of a pool of type {pool_type} have no format {params['format']}.",
            hint="They are all raw: leave the format out, or take a pool of files.",
        )


def _creation(params: t.Mapping[str, t.Any], pool_type: str, form: str | None, backing: Image | None) -> Plan:
    if params["size_gib"] is None and backing is None:
        raise InvalidInputError(f"{_described(params)} does not exist.", hint="Set size_gib to have it created.")
    default = None if backing is None else backing.size
    size = default if params["size_gib"] is None else size_in_bytes(params["size_gib"])
    changes = [Change("state", "absent", "present"), Change("size_gib", None, None if size is None else size / _GIB)]
    if params["format"]:
        changes.append(Change("format", None, params["format"]))
    if backing is not None:
        changes.append(Change("backing", None, backing.path))
    below = None if backing is None else Below(backing.path, params["backing"]["format"])
    # Of a volume that would grow libvirt makes a snapshot of LVM, which breaks when it is full (virStorageBackendLogicalLVCreate).
    sparse = not params["preallocate"] and pool_type != "logical"
    xml = to_xml(params["name"], size or 0, form, sparse=sparse, below=below)
    return Plan(ChangeSet.of(*changes), create=xml)


def _copying(params: t.Mapping[str, t.Any], pool_type: str, image: Image) -> Plan:
    with naming(f"{_described(params)}: "):
        size = None if params["size_gib"] is None else size_in_bytes(params["size_gib"])
        copy = images.plan(Copy(params["name"], image, "copy", size, params["format"]), params["pool"], pool_type)
    changes = [
        Change("state", "absent", "present"),
        Change("size_gib", None, None if copy.size is None else copy.size / _GIB),
        Change("format", None, copy.format or "raw"),
        Change("source" if params["upload"] is None else "upload", None, image.path),
    ]
    return Plan(ChangeSet.of(*changes), copy=copy)


class Below(t.NamedTuple):
    """The file that an overlay lies over."""

    path: str
    format: str


def to_xml(
    name: str, size: int, form: str | None, *, sparse: bool, below: Below | None = None, mode: str | None = None
) -> str:
    """Return the XML of a new volume of `size` bytes.

    :param form: None leaves it to libvirt, or the pool's volumes are no files.
    :param sparse: it occupies only what is written to it, where it can.
    :param mode: the permissions of its file, in octal.
    """
    root = Element("volume")
    tree.set_text(root, "name", name)
    SubElement(root, "capacity", unit="bytes").text = str(size)
    if sparse:
        SubElement(root, "allocation", unit="bytes").text = "0"
    if form:
        tree.ensure(root, "target/format").set("type", form)
    if mode is not None:
        tree.set_text(root, "target/permissions/mode", mode)
    if below is not None:
        tree.set_text(root, "backingStore/path", below.path)
        tree.ensure(root, "backingStore/format").set("type", below.format)
    return tree.serialize(root)


def _check_unchangeable(
    params: t.Mapping[str, t.Any], current: Volume, form: str | None, backing: Image | None
) -> None:
    wanted = {"format": form, "backing": None if backing is None or backing.size is None else backing.path}
    for name, value in wanted.items():
        if value is not None and value != getattr(current, name):
            raise ConflictError(
                f"{_described(params)} has the {name} {getattr(current, name) or 'none'}, not {value}, and that cannot"
                " be changed.",
                hint="Convert it into a volume of another name (qemu-img convert), or remove it first.",
            )


def _described(params: t.Mapping[str, t.Any]) -> str:
    return f"volume '{params['name']}' of storage pool '{params['pool']}'"
