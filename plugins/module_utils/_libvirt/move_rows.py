# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a task tells of moves: one row for each, `RETURN` of vm_migrate. Pure."""

from __future__ import annotations

import typing as t

from .move import LIVE, MOVED, OFF, OFFLINE, Order, Status

if t.TYPE_CHECKING:
    from .move_order import Wish

Row = dict[str, t.Any]


def describe(status: Status) -> Row:
    """Return what a user is told of a move."""
    row = status.to_dict()
    order = status.order
    del row["order"], row["pid"], row["reason"], row["boot_id"]
    well = status.under_way or status.result in (MOVED, OFF)
    return {
        **row,
        "vm": order.vm,
        "to": order.to,
        "attempt": order.attempt,
        "kind": OFFLINE if order.offline else LIVE,
        "error": None if well else status.reason,
        "reason": status.reason,
        **speed(order),
    }


def of_wish(wish: Wish, result: str) -> Row:
    """Return what is told of a move that has not begun."""
    row: Row = {"vm": wish.vm, "to": wish.to, "kind": wish.kind, "attempt": wish.attempt}
    return {**row, "result": result, "ladder": [], "error": None}


def idle(name: str) -> Row:
    """Return what is told of a VM of which no move is under way."""
    return {"vm": name, "result": "not_moving"}


def speed(order: Order) -> Row:
    """Return how a move is sent."""
    return {
        "parallel_connections": order.parallel_connections,
        "compression": order.compression,
        "plain": order.plain or None,
    }
