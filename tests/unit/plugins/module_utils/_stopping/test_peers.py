# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, UnavailableError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.peers import Peer, home

DB = Vm("db", "u1", "shutoff", True, 1024, 1)


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        ([], None),
        ([Peer("h2", []), Peer("h3", ["u2"], ["u3"])], None),
        ([Peer("h2", []), Peer("h3", ["u1"])], "h3"),
        ([Peer("h2", None), Peer("h3", ["u1"])], "h3"),
        ([Peer("h2", [], ["u1"]), Peer("h3", ["u1"])], "h3"),
    ],
)
def test_who_runs_it(peers: t.Sequence[Peer], expected: str | None) -> None:
    assert home(DB, peers) == expected


@pytest.mark.parametrize(
    ("peers", "error", "host"),
    [
        ([Peer("h2", []), Peer("h3", None)], UnavailableError, "h3"),
        ([Peer("h2", None, ["u1"])], UnavailableError, "h2"),
        ([Peer("h2", [], ["u1"]), Peer("h3", [])], ConflictError, "h2"),
    ],
)
def test_who_cannot_be_told_names_vm_and_host(peers: t.Sequence[Peer], error: type[VirtError], host: str) -> None:
    with pytest.raises(error, match=f"VM 'db' went down with this host, and host '{host}'"):
        home(DB, peers)
