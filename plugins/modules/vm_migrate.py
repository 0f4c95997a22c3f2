#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module vm_migrate: the part that runs on the source host."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vm_migrate
short_description: Move VMs to other hosts while they run
version_added: 1.0.0
description:
  - Moves VMs from this host to others, and waits until every move has ended.
  - A move begins with a low limit for the interruption at its end and raises it step by step, up to O(max_downtime_ms), only when
    the VM changes its memory faster than it can be sent. If that is not enough either, post-copy ends the move where it is
    allowed; elsewhere the move is cancelled, the VM keeps running on this host, and the task fails and says so.
  - Each move is made by a mover, a process on this host that needs neither the task nor the controller nor the SSH connection.
    If any of these dies, run the same task again, from anywhere; it joins the movers that still run, takes over moves whose
    movers died, and starts only what nobody has started.
  - Disks that only this host has are copied with the VM; which disks these are is decided by the storage behind them, never by
    their paths. Disks on shared storage and read-only media are not copied.
  - A VM that is shut off is moved as well, as long as its definition is all there is to move. One that is off because this host went down in
    the middle of its maintenance is refused, M(evergreen.virt.maintenance_vms) starts it first.
  - A VM with O(moves[].kind=offline) is shut down, moved as a definition and started on its target. If its guest does not shut down
    in time it keeps running here, and the task fails; no power is ever cut. It is noted in the record of the host's maintenance, if
    there is one, and the same task goes on with it wherever it was left.
  - A backup or a block job of the VM is waited for. If the VM shuts down by itself, or is destroyed, while it moves, there is
    nothing left to move and the task goes on.
  - Runs against the host that has the VMs now.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  state:
    description:
      - With V(moved) the VMs leave this host.
      - With V(cancelled) moves of these VMs that are under way are cancelled. The VMs keep running on this host.
      - With V(joined) moves of these VMs that movers are making are followed to their end, whoever has begun them and whatever that end is. None is begun.
    type: str
    choices: [moved, cancelled, joined]
    default: moved
  moves:
    description:
      - The VMs and where they go.
      - Required unless O(state=joined), where leaving it out stands for every VM that leaves this host, or O(begun_by) is set.
    type: list
    elements: dict
    suboptions:
      vm:
        description: The name of the VM.
        type: str
        required: true
      to:
        description:
          - The target's name in the inventory.
          - Required with O(state=moved).
        type: str
      address:
        description:
          - The address of the target's libvirtd, which must accept TLS connections of this host on port 16514.
          - Default is what the inventory says of O(moves[].to), C(configure_migration_address) (role
            P(evergreen.virt.configure#role)) or else C(ansible_host), and for a target that the inventory does not know its name.
          - It must be one of the names in the target's certificate.
        type: str
      data_address:
        description:
          - The address on which the target receives memory and disks, if it is another one, for example on a migration network.
          - Which ports are used is configured on the target (C(migration_port_min) in C(qemu.conf)).
        type: str
      kind:
        description:
          - With V(offline) the VM does not move while it runs, but is shut down here and started there.
        type: str
        choices: [live, offline]
        default: live
      policy:
        description:
          - Overrides the VM's own policy.
        type: dict
        suboptions:
          max_downtime_ms:
            description: As O(max_downtime_ms), for this VM.
            type: int
          post_copy:
            description: As O(post_copy), for this VM.
            type: bool
      attempt:
        description:
          - The move to report on, as returned in RV(moves[].attempt). The action sets it; leave it out.
        type: str
  begun_by:
    description:
      - With O(state=cancelled) only moves that this run has begun (its O(run_id)) are cancelled; all of them if O(moves) is left out.
    type: str
  parallel:
    description:
      - How many VMs leave this host at the same time, whoever moves them.
    type: int
    default: 2
  downtime_start_ms:
    description:
      - The limit, in milliseconds, for the interruption at the end of the move that is tried first.
      - An idle guest of QEMU whose default is 300 ms was interrupted for about 320 ms with that and for about 110 ms with 30 ms.
    type: int
    default: 30
  max_downtime_ms:
    description:
      - The highest such limit that may be tried; the policy of a VM may say otherwise.
    type: int
    default: 300
  post_copy:
    description:
      - Whether a move that does not come to its end may be ended by post-copy, for VMs whose policy does not say.
      - Post-copy always ends, but a VM that loses its source or its target in the middle of it is lost.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that one move may take, the copying of disks included, before it is given up.
    type: float
    default: 3600
  stop_timeout:
    description:
      - Seconds that a VM with O(moves[].kind=offline) has to shut down.
    type: float
    default: 300
  busy_timeout:
    description:
      - Seconds to wait for the end of a backup or a block job of the VM before its move is given up.
    type: float
    default: 300
  stall_timeout:
    description:
      - Seconds that a move may get no nearer to its end, with the highest downtime limit, before it is given up.
    type: float
    default: 30
  bandwidth_mib:
    description:
      - The most that one move may send, in MiB per second. Unlimited if not given.
      - In post-copy it limits what is sent ahead; pages that the VM waits for are sent at once.
    type: int
  parallel_connections:
    description:
      - Over how many connections the memory of one VM is sent.
      - One connection is as fast as one thread; on links of more than about 10 Gbit/s several are faster.
      - Several connections and compression are used only where the libvirt and QEMU of both hosts can do that, and never for a VM that post-copy may
        end the move of; several connections neither for one with disks that are copied. Elsewhere the move is made over one connection and
        uncompressed, and RV(moves[].plain) says why.
    type: int
    default: 1
  compression:
    description:
      - How memory is compressed, which costs CPU time on both hosts and pays where the link is slow.
      - V(xbzrle) sends only the differences of pages that are sent again. It goes over one connection.
      - V(zlib) and V(zstd) need libvirt 9.4 on both hosts, and go over any number of connections. With a QEMU that was built without them libvirt refuses
        the move, and the VM stays.
    type: str
    choices: [none, xbzrle, zlib, zstd]
    default: none
  tls:
    description:
      - Whether memory and disks are sent through TLS, with the certificates in C(/etc/pki/qemu).
      - The hosts' libvirtds always speak TLS with each other.
    type: bool
    default: true
  poll:
    description:
      - Seconds between two looks at the moves.
      - At each look a line is shown for each move that runs, with how far it is, an estimate of the time that its present round takes still, and
        the step that was taken last.
    type: float
    default: 3
  reconnect_timeout:
    description:
      - Seconds for which the controller tries to reach this host again when it is unreachable while VMs are moving.
      - After that the task fails and returns what it knows. The moves themselves go on.
    type: float
    default: 60
notes:
  - The copy of a disk stays on this host when its VM has left, see RV(moves[].left_behind); nothing is ever deleted.
  - When a VM comes back to a host where such a copy lies, the copy is overwritten. Do not keep anything else under that path.
    A move is refused when another VM of the target uses it.
  - To copy a disk the target needs an active storage pool whose path is the very folder that the disk lies in; one of a folder above does not do.
  - libvirt leaves behind that a VM starts automatically; the mover sets it on the target again.
  - A mover whose libvirt hangs, which is to say that a call is not answered for 300 s, ends; the move goes on by itself if it can, and is
    failed when three more movers have not come to its end either.
  - Where systemd-logind has C(KillUserProcesses=yes), movers die with the SSH session. Their moves go on and the next task takes
    them over, but meanwhile nobody raises the downtime limit.
attributes:
  check_mode:
    support: full
    details:
      - Everything that can be checked without moving is checked, the targets' answers included.
  diff_mode:
    support: none
    details:
      - What changes is where VMs run, which RV(moves) tells.
  idempotent:
    support: full
    details:
      - A VM that has left for its target earlier is not an error; nothing changes then.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.run
  - evergreen.virt.attributes
seealso:
  - module: evergreen.virt.hypervisor_maintenance
"""

EXAMPLES = r"""
- name: Move two VMs, two at a time
  evergreen.virt.vm_migrate:
    parallel: 2
    moves:
      - vm: web
        to: h2
      - vm: db
        to: h3
        address: h3.example.com
        data_address: 192.0.2.13
        policy:
          max_downtime_ms: 1000

- name: See how the VMs get on that leave this host, until they have left
  evergreen.virt.vm_migrate:
    state: joined

- name: Stop moving a VM
  evergreen.virt.vm_migrate:
    state: cancelled
    moves:
      - vm: db

- name: Stop whatever a run moves from here
  evergreen.virt.vm_migrate:
    state: cancelled
    begun_by: 20260101T120000Z-4711
"""

RETURN = r"""
moves:
  description: One entry for each of O(moves), in their order; also when the task fails, unless it failed before any move was begun.
  returned: always
  type: list
  elements: dict
  contains:
    vm:
      description: The name of the VM.
      type: str
    from:
      description: The host that it left or was to leave, as the inventory calls it.
      type: str
    to:
      description: The target.
      type: str
    result:
      description:
        - V(moved); V(off), it shut down by itself or was destroyed meanwhile, and is defined here; V(cancelled), the VM runs where it
          was; V(failed), RV(moves[].error) says why; V(unknown), this host could not be asked any more.
        - V(would_move) in check mode, V(would_cancel) with O(state=cancelled). V(not_moving) with O(state=cancelled) if there was nothing to cancel,
          with O(state=joined) if no mover of it was there.
      type: str
    kind:
      description: How it moves, V(live) or V(offline).
      type: str
    earlier:
      description: True if the VM had left already before this task.
      type: bool
      returned: when it had
    error:
      description: Why it was not moved, null if it was.
      type: str
    reason:
      description: Why a move was given up, or why it was ended by post-copy.
      type: str
    code:
      description:
        - A word for the error, the code of an error of this collection or one of these.
        - V(cancelled), its move was given up. V(lost), the VM is neither here nor on its target. V(doubled), it runs here and on its target, as the
          connection between them broke in the last moment of the move; nothing was stopped, and somebody has to end one of the two at once.
      type: str
    attempt:
      description: The id of the move.
      type: str
    started:
      description: When it began (ISO 8601, UTC).
      type: str
    waited_s:
      description: How many seconds passed until it could begin, because of a backup or a block job.
      type: float
    seconds:
      description: How long it took, with that.
      type: float
    downtime_ms:
      description:
        - How long the VM stood still at the end, as libvirt measured it. Of a VM that was shut down, how long it was off; null if that
          was not seen from the beginning.
      type: int
    downtime_limit_ms:
      description: The last downtime limit that was tried.
      type: int
    bytes:
      description: What was sent of memory and disks.
      type: int
    ladder:
      description: The steps that were taken.
      type: list
      elements: str
      sample: [precopy, downtime 30->60]
    parallel_connections:
      description: Over how many connections its memory is sent.
      type: int
    compression:
      description: How its memory is compressed.
      type: str
    plain:
      description: Why it is sent over one connection and uncompressed, null if that is as it was wished.
      type: str
    copies:
      description: The disks that would be copied.
      type: list
      elements: str
      returned: in check mode
    left_behind:
      description: Paths of the disks that were copied and are still on this host.
      type: list
      elements: str
    progress:
      description: How far it is; of a move that has ended, how far it was.
      type: dict
    adopted:
      description: How often a mover took over from one that died.
      type: int
    warnings:
      description: What went wrong beside it.
      type: list
      elements: str
"""

import functools
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils import _argspec
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move import (
    COMPRESSIONS,
    KINDS,
    LIVE,
    UNCOMPRESSED,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.move_order import Terms, Wish
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._moving import Yard
from ansible_collections.evergreen.virt.plugins.module_utils._names import refuse_twice
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease

_POLICY = {"max_downtime_ms": {"type": "int"}, "post_copy": {"type": "bool"}}
_MOVE = {
    "vm": {"type": "str", "required": True},
    "to": {"type": "str"},
    "address": {"type": "str"},
    "data_address": {"type": "str"},
    "policy": {"type": "dict", "options": _POLICY},
    "attempt": {"type": "str"},
    "kind": {"type": "str", "choices": list(KINDS), "default": LIVE},
}
SPEC = (
    _argspec.LIBVIRT
    + _argspec.RUN
    + ArgSpec(
        options={
            "state": {"type": "str", "choices": ["moved", "cancelled", "joined"], "default": "moved"},
            "moves": {"type": "list", "elements": "dict", "options": _MOVE},
            "begun_by": {"type": "str"},
            "parallel": {"type": "int", "default": 2},
            "downtime_start_ms": {"type": "int", "default": 30},
            "max_downtime_ms": {"type": "int", "default": 300},
            "post_copy": {"type": "bool", "default": False},
            "timeout": {"type": "float", "default": 3600},
            "stop_timeout": {"type": "float", "default": 300},
            "busy_timeout": {"type": "float", "default": 300},
            "stall_timeout": {"type": "float", "default": 30},
            "bandwidth_mib": {"type": "int"},
            "parallel_connections": {"type": "int", "default": 1},
            "compression": {"type": "str", "choices": list(COMPRESSIONS), "default": UNCOMPRESSED},
            "tls": {"type": "bool", "default": True},
            "poll": {"type": "float", "default": 3},
            "reconnect_timeout": {"type": "float", "default": 60},
        },
        required_if=(("state", "moved", ("moves",)), ("state", "cancelled", ("moves", "begun_by"), True)),
    )
)


def wish(move: t.Mapping[str, t.Any]) -> Wish:
    """Return the move as it is wished, addresses filled in."""
    policy = move["policy"] or {}
    address = move["address"] or move["to"]
    return Wish(
        vm=move["vm"],
        to=move["to"],
        address=address,
        data_address=move["data_address"] or address,
        attempt=move["attempt"] or "",
        kind=move["kind"],
        max_downtime_ms=policy.get("max_downtime_ms"),
        post_copy=policy.get("post_copy"),
    )


def terms(params: t.Mapping[str, t.Any]) -> Terms:
    """Return what the task says for all of its moves."""
    names = (
        *("uri", "tls", "bandwidth_mib", "downtime_start_ms", "max_downtime_ms", "post_copy"),
        *("parallel_connections", "compression", "run_id"),
    )
    return Terms(
        timeout_s=params["timeout"],
        stall_s=params["stall_timeout"],
        stop_s=params["stop_timeout"],
        busy_s=params["busy_timeout"],
        **{name: params[name] for name in names},
    )


def check(params: t.Mapping[str, t.Any]) -> None:
    """Refuse what cannot be meant.

    :raises InvalidInputError: for a VM that is named twice or has no target, and for numbers below one.
    """
    moves = params["moves"] or []
    refuse_twice("moves", [move["vm"] for move in moves], hint="A VM has one target.")
    for move in moves:
        if params["state"] == "moved" and not move["to"]:
            raise InvalidInputError(f"the move of VM '{move['vm']}' has no target.", hint="Name it as `to`.")
    for name in (
        "parallel",
        "parallel_connections",
        "downtime_start_ms",
        "max_downtime_ms",
        "bandwidth_mib",
        "timeout",
        "stall_timeout",
        "stop_timeout",
        "poll",
    ):
        if params[name] is not None and params[name] <= 0:
            raise InvalidInputError(f"{name} must be more than 0, not {params[name]}.")


def _admission(params: t.Mapping[str, t.Any]) -> t.Callable[[], object] | None:
    """Return what asks the host's gate again, as a call outlasts its own passing of it; None for a task of no run.

    It leaves no sign of the run's life: who sent the call may be dead by then.
    """
    if params["run_id"] is None:
        return None
    return functools.partial(lease.admit, params["run_id"], params["epoch"], remember=False)


def converge(task: Task) -> dict[str, t.Any]:
    """Start, join or cancel moves, and tell how they stand."""
    params = task.params
    check(params)
    yard = Yard(terms(params), params["parallel"], admit=_admission(params))
    if params["state"] == "cancelled":
        names = None if params["moves"] is None else [move["vm"] for move in params["moves"]]
        rows = yard.cancel(names, check_mode=task.check_mode, begun_by=params["begun_by"])
        return {"changed": any(row["result"] != "not_moving" for row in rows), "moves": rows}
    if params["state"] == "joined":
        known = None if params["moves"] is None else {move["vm"]: move["attempt"] for move in params["moves"]}
        return {"changed": False, "moves": yard.join(known, params["poll"])}
    wishes = [wish(move) for move in params["moves"]]
    begun = any(each.attempt for each in wishes)
    if begun and not task.check_mode:
        yard.follow(wishes)
    else:
        yard.prepare(wishes, strict=not begun)
    rows = yard.foresee(wishes) if task.check_mode else yard.advance(wishes, params["poll"])
    return {"changed": any(not row.get("earlier") for row in rows), "moves": rows}


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
