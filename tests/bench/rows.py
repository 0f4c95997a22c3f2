# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, as rows and as tables. Pure."""

from __future__ import annotations

import dataclasses
import statistics
import typing as t


@dataclasses.dataclass(frozen=True)
class Sample:
    """One measured run.

    :param seconds: from the start of the first task to the end of the last.
    :param processes: processes and threads that the host started meanwhile.
    :param rss_mib: the most memory that one module took, None if that was not measured.
    :param transactions: transactions of a database meanwhile, None if they were not counted.
    """

    seconds: float
    processes: int
    rss_mib: float | None = None
    transactions: int | None = None


def row(name: str, work: str, peer: str, ours: t.Sequence[Sample], theirs: t.Sequence[Sample]) -> dict[str, t.Any]:
    """Return a row of bench.json: medians, and how many times faster than the peer."""
    ours_s, peer_s = _seconds(ours), _seconds(theirs)
    return {
        "name": name,
        "peer": peer,
        "work": work,
        "ours_s": round(ours_s, 3),
        "peer_s": round(peer_s, 3),
        "ratio": round(peer_s / ours_s, 1),
        "ours_processes": _processes(ours),
        "peer_processes": _processes(theirs),
        "ours_transactions": _transactions(ours),
        "peer_transactions": _transactions(theirs),
        "runs": len(ours),
    }


def scale_row(name: str, work: str, size: int, ours: t.Sequence[Sample]) -> dict[str, t.Any]:
    """Return a row of scale.json: medians, and what each of the `size` objects costs."""
    seconds = _seconds(ours)
    memory = [sample.rss_mib for sample in ours if sample.rss_mib is not None]
    return {
        "name": name,
        "work": work,
        "size": size,
        "seconds": round(seconds, 3),
        "ms_each": round(1000 * seconds / size, 2),
        "rss_mib": round(statistics.median(memory), 1) if memory else None,
        "processes": _processes(ours),
        "transactions": _transactions(ours),
        "runs": len(ours),
    }


def _seconds(samples: t.Sequence[Sample]) -> float:
    return statistics.median(sample.seconds for sample in samples)


def _processes(samples: t.Sequence[Sample]) -> int:
    return round(statistics.median(sample.processes for sample in samples))


def _transactions(samples: t.Sequence[Sample]) -> int | None:
    counted = [sample.transactions for sample in samples if sample.transactions is not None]
    return round(statistics.median(counted)) if counted else None


def table(rows: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Return the rows of bench.json as a table of Markdown; transactions have columns if some were counted."""
    counted = any(found["ours_transactions"] is not None for found in rows)
    head = ["work", "peer", "evergreen.virt", "the peer", "times faster", "processes", "its processes"]
    return markdown(
        [*head, *(["transactions", "its transactions"] if counted else []), "runs"],
        [
            [
                *(found["work"], found["peer"], f"{found['ours_s']:.1f} s", f"{found['peer_s']:.1f} s"),
                *(f"{found['ratio']:.0f}", str(found["ours_processes"]), str(found["peer_processes"])),
                *((_told(found["ours_transactions"]), _told(found["peer_transactions"])) if counted else ()),
                str(found["runs"]),
            ]
            for found in rows
        ],
    )


def _told(count: int | None) -> str:
    return "" if count is None else str(count)


def scale_table(rows: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Return the rows of scale.json as a table of Markdown."""
    return markdown(
        ["work", "time", "each", "most memory", "runs"],
        [
            [
                *(found["work"], f"{found['seconds']:.1f} s", f"{found['ms_each']:.1f} ms"),
                "" if found["rss_mib"] is None else f"{found['rss_mib']:.0f} MiB",
                str(found["runs"]),
            ]
            for found in rows
        ],
    )


def markdown(head: t.Sequence[str], lines: t.Sequence[t.Sequence[str]]) -> str:
    """Return a table whose columns are as wide as what is in them; all but the first are read from the right."""
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]

    def told(line: t.Sequence[str]) -> str:
        cells = [cell.rjust(width) for cell, width in zip(line, widths)]
        return f"| {' | '.join([line[0].ljust(widths[0]), *cells[1:]])} |"

    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([told(head), f"|{rule}|", *map(told, lines)])
