# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""NUMA: the cells that a VM sees, and the host's nodes that its memory comes from.

Source: https://libvirt.org/formatdomain.html#numa-node-tuning
"""

from __future__ import annotations

import typing as t

from .._errors import InvalidInputError
from . import cpuset, memory_sizes
from .option import Entry, Group, LiveStep, Option, Scalar, covers, named, naming
from .tree import Element, attribute, drop, ensure, integer, set_attribute, size_in_bytes, text

MODES = ("strict", "preferred", "interleave", "restrictive")

_KIB, _MIB = 2**10, 2**20
_CELL = {
    "id": {"type": "int", "required": True},
    "cpus": {"type": "str", "required": True},
    "memory_mib": {"type": "int", "required": True},
    "nodeset": {"type": "str"},
}


def check_memory(root: Element) -> None:
    """Raise InvalidInputError unless the memory of the cells is the VM's: libvirt would write their sum over it."""
    cells = root.findall("cpu/numa/cell")
    if not cells:
        return
    parts = sum(_cell_kib(cell) * _KIB for cell in cells) + memory_sizes.of_devices(root)
    whole = size_in_bytes(root.find("memory")) or parts
    if parts != whole:
        raise InvalidInputError(
            f"its NUMA cells have {parts // _MIB} MiB of memory, and the VM {whole // _MIB} MiB.",
            hint="Name numa.cells and memory_mib so that they agree.",
        )


def follow(root: Element) -> None:
    """Give all of the VM's CPUs and memory to its only cell; with several it is not known to which."""
    cells = root.findall("cpu/numa/cell")
    if len(cells) == 1:
        cpus = integer(text(root, "vcpu")) or 1
        cells[0].attrib.update({"cpus": f"0-{cpus - 1}" if cpus > 1 else "0", "unit": "KiB"})
        cells[0].set("memory", str((memory_sizes.own(root) or 0) // _KIB))


def ensure_cell(root: Element) -> None:
    """Make a cell of all CPUs and memory unless there are cells."""
    numa = ensure(root, "cpu/numa")
    if numa.find("cell") is None:
        ensure(numa, "cell").set("id", "0")
        follow(root)


def _cell_kib(cell: Element) -> int:
    return (size_in_bytes(cell, within="memory") or 0) // _KIB


def _cells(root: Element) -> list[dict[str, t.Any]]:
    nodes = {node.get("cellid"): node.get("nodeset") for node in root.findall("numatune/memnode")}
    return [
        named(
            {
                "id": _cell_id(cell, place),
                "cpus": cell.get("cpus"),
                "memory_mib": _cell_kib(cell) * _KIB // _MIB,
                "nodeset": nodes.get(str(_cell_id(cell, place))),
            }
        )
        for place, cell in enumerate(root.findall("cpu/numa/cell"))
    ]


def _cell_id(cell: Element, place: int) -> int:
    number = integer(cell.get("id"))
    return place if number is None else number


def _put_cells(root: Element, wanted: t.Sequence[Entry]) -> None:
    """What else a cell has (distances, caches) is kept with it."""
    numa = ensure(root, "cpu/numa")
    before = {_cell_id(cell, place): cell for place, cell in enumerate(numa.findall("cell"))}
    drop(numa, "cell")
    for entry in wanted:
        cell = before.get(entry["id"], Element("cell"))
        cell.attrib.update(
            {"id": str(entry["id"]), "cpus": entry["cpus"], "memory": str(entry["memory_mib"] * _KIB), "unit": "KiB"}
        )
        numa.append(cell)
        if entry.get("nodeset") is not None:
            _put_node(root, str(entry["id"]), entry["nodeset"])
    if not wanted:
        drop(root, "cpu/numa")
    _drop_nodes(root, {str(entry["id"]) for entry in wanted})


def _put_node(root: Element, cell: str, nodeset: str) -> None:
    tuning = ensure(root, "numatune")
    for node in tuning.findall("memnode"):
        if node.get("cellid") == cell:
            tuning.remove(node)
    if nodeset:
        mode = attribute(tuning, "memory", "mode") or "strict"
        tuning.append(Element("memnode", {"cellid": cell, "mode": mode, "nodeset": nodeset}))


def _drop_nodes(root: Element, cells: t.Container[str | None]) -> None:
    """A host's node for a cell that is gone."""
    for tuning in root.findall("numatune"):
        for node in tuning.findall("memnode"):
            if node.get("cellid") not in cells:
                tuning.remove(node)
        if len(tuning) == 0:
            root.remove(tuning)


def _comparable(cells: t.Sequence[Entry]) -> list[dict[str, t.Any]]:
    ordered = sorted(cells, key=lambda cell: t.cast(int, cell["id"]))
    return [
        {
            **cell,
            "cpus": cpuset.numbers(cell.get("cpus")),
            "nodeset": None if cell.get("nodeset") is None else cpuset.numbers(cell["nodeset"]) or (),
        }
        for cell in ordered
    ]


def _same_cells(current: t.Sequence[Entry], wanted: t.Sequence[Entry]) -> bool:
    """A cell without a node of its own is as one whose node is taken away."""
    return covers([{**cell, "nodeset": cell["nodeset"] or ()} for cell in _comparable(current)], _comparable(wanted))


def _cells_problem(wanted: t.Sequence[Entry]) -> str | None:
    if sorted(cell["id"] for cell in wanted) != list(range(len(wanted))):
        return "the cells are numbered from 0 on, each once"
    for cell in wanted:
        with naming(f"cells[{cell['id']}]: "):
            _check_cell(cell)
    return None


def _check_cell(cell: Entry) -> None:
    wrong = cpuset.problem(cell["cpus"] or "?") or cpuset.problem(cell.get("nodeset") or "")
    if wrong is None and cell["memory_mib"] < 1:
        wrong = f"{cell['memory_mib']} MiB are no memory"
    if wrong:
        raise InvalidInputError(f"{wrong}.")


def _put_nodeset(root: Element, nodeset: str) -> None:
    if not nodeset:
        drop(root, "numatune/memory")
        _drop_nodes(root, {node.get("cellid") for node in root.findall("numatune/memnode")})
        return
    memory = ensure(root, "numatune/memory")
    memory.attrib.setdefault("mode", "strict")
    set_attribute(memory, "placement", None)
    memory.set("nodeset", nodeset)


def _put_mode(root: Element, mode: str) -> None:
    if root.find("numatune/memory") is None:
        raise InvalidInputError("numa.mode: it says how memory comes from the nodes of numa.nodeset, which has none.")
    ensure(root, "numatune/memory").set("mode", mode)


def _nodeset_step(running: Element) -> LiveStep:
    return LiveStep("nodeset", attribute(running, "numatune/memory", "nodeset") or "", uncertain=True)


def _problem(numa: Entry) -> str | None:
    return "a mode needs a nodeset" if numa.get("nodeset") == "" and "mode" in numa else None


OPTIONS: tuple[Option, ...] = (
    Group(
        "numa",
        (
            Scalar(
                "nodeset", {"type": "str"}, lambda root: attribute(root, "numatune/memory", "nodeset"), _put_nodeset,
                same=cpuset.same, problem=cpuset.problem, step=_nodeset_step,
            ),
            Scalar(
                "mode", {"type": "str", "choices": list(MODES)}, lambda root: attribute(root, "numatune/memory", "mode"),
                _put_mode,
            ),
            Scalar(
                "cells", {"type": "list", "elements": "dict", "options": _CELL}, _cells, _put_cells, same=_same_cells,
                problem=_cells_problem,
            ),
        ),
        problem=_problem,
    ),
)  # fmt: skip
