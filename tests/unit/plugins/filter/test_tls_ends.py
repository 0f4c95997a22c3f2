# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ends of moves over TLS a host is."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.filter.tls_ends import FilterModule

MOVES = [
    {"vm": "a", "source": "h1", "target": "h2", "kind": "live"},
    {"vm": "b", "source": "h2", "target": "h3", "kind": "live"},
    {"vm": "c", "source": "h4", "target": "h1", "kind": "offline"},
]


@pytest.mark.parametrize(
    ("host", "expected"), [("h1", ["client"]), ("h2", ["client", "server"]), ("h3", ["server"]), ("h4", []), ("h5", [])]
)
def test_who_sends_is_a_client_and_who_takes_is_a_server(host: str, expected: list[str]) -> None:
    assert FilterModule().filters()["tls_ends"](MOVES, host) == expected
