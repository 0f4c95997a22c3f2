# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._plan.shelf import Shelf

HOSTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=12)


@given(HOSTS, st.integers(0, 50), st.sets(st.integers(0, 2), min_size=1))
def test_hosts_come_in_the_order_of_what_they_have_free(
    hosts: list[tuple[int, int]], wanted: int, kinds: set[int]
) -> None:
    shelf = Shelf()
    for number, (kind, free) in enumerate(hosts):
        shelf.put((0, kind, "memory"), free, f"h{number:02}")
    enough = sorted((free, f"h{n:02}") for n, (kind, free) in enumerate(hosts) if kind in kinds and free >= wanted)
    keys = [(0, kind, "memory") for kind in sorted(kinds)]
    assert list(shelf.fullest(keys, wanted)) == [host for _free, host in enough]
    assert list(shelf.emptiest(keys, wanted)) == [host for _free, host in reversed(enough)]


def test_what_is_taken_is_gone_and_a_copy_is_another() -> None:
    shelf = Shelf()
    for free, host in ((1, "a"), (1, "b"), (2, "c")):
        shelf.put((0, 0, "memory"), free, host)
    twin = shelf.copy()
    shelf.take((0, 0, "memory"), 1, "a")
    assert list(shelf.fullest([(0, 0, "memory")], 0)) == ["b", "c"]
    assert list(twin.fullest([(0, 0, "memory")], 0)) == ["a", "b", "c"]


@pytest.mark.parametrize("keys", [[], [(1, 0, "memory")]])
def test_nobody_is_of_a_kind_that_is_not_there(keys: list[tuple[int, int, str]]) -> None:
    shelf = Shelf()
    shelf.put((0, 0, "memory"), 1, "a")
    assert list(shelf.fullest(keys, 0)) == list(shelf.emptiest(keys, 0)) == []
