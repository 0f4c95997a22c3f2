# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whose turn it is to be upgraded.

Hosts that an interrupted run left in maintenance come first: they are (nearly) empty already and give back capacity. Then
one site after another, and within a site in the order that the rules ask for. Hosts of the same rank may go in any order,
and those with the fewest VMs are tried first.
"""

from __future__ import annotations

import itertools
import re
import typing as t

from .cluster import Cluster

Rank = tuple[t.Any, ...]


class Turns:
    """The hosts that wait for their wave.

    :param scope: the hosts that may be upgraded; those without pending updates are left out.
    """

    def __init__(self, cluster: Cluster, scope: t.Iterable[str]) -> None:
        self._cluster = cluster
        waiting = [name for name in scope if cluster.nodes[name].impact != "none"]
        self.ranks = {name: _rank(cluster, name) for name in waiting}
        self._order: list[str] = []
        self._sorted_at = -1
        self.order()

    def copy(self, cluster: Cluster) -> Turns:
        """Return another one that changes by itself, and goes by another cluster's load."""
        twin = object.__new__(Turns)
        twin.__dict__.update(self.__dict__)
        twin._cluster, twin.ranks, twin._order = cluster, dict(self.ranks), list(self._order)
        return twin

    def order(self) -> list[str]:
        """Return the hosts in the order in which they are tried."""
        if self._sorted_at != self._cluster.changes:
            cluster = self._cluster
            self._order = sorted(
                self.ranks,
                key=lambda name: (self.ranks[name], not cluster.nodes[name].must_be_empty, cluster.count(name), name),
            )
            self._sorted_at = cluster.changes
        return self._order

    def first(self) -> t.Iterator[str]:
        """Return the hosts whose turn it is, in the order in which they are tried."""
        order = list(self.order())
        return itertools.takewhile(lambda name: self.ranks[name] == self.ranks[order[0]], order)

    def together_with(self, hosts: t.Sequence[str]) -> t.Iterator[str]:
        """Return in their order the hosts that may join a wave: of one site, none before all of a lower rank have joined.

        :param hosts: the wave; it may grow meanwhile.
        """
        rank: Rank | None = None
        left_behind = False
        for name in list(self.order()):
            if rank is not None and self.ranks[name] != rank and (left_behind or self.ranks[name][:2] != rank[:2]):
                return
            rank = self.ranks[name]
            if name not in hosts:
                yield name
            left_behind = left_behind or name not in hosts

    def done(self, hosts: t.Iterable[str]) -> None:
        """Note that hosts have had their wave."""
        for name in hosts:
            del self.ranks[name]
            self._order.remove(name)


def _rank(cluster: Cluster, name: str) -> Rank:
    """Return what is compared first; who is emptied to stay so goes at once with those that are in maintenance already."""
    node, order = cluster.nodes[name], cluster.rules.order
    if node.facts.maintenance is not None and not cluster.rules.adopt:
        return (0, (), ())
    within = {"load": "", "name": name, "label": node.label}[order]
    return (1, natural(node.site), natural(within))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return by what a text is sorted as people do: h2 comes before h10."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
