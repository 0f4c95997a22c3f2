# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What an inventory knows of its hosts while its sources are still being read."""

from __future__ import annotations

import typing as t

from ansible.inventory.data import InventoryData
from ansible.inventory.helpers import get_group_vars
from ansible.parsing.dataloader import DataLoader
from ansible.utils.vars import combine_vars
from ansible.vars.plugins import get_vars_from_inventory_sources

from ansible_collections.evergreen.virt.plugins.module_utils._errors import NotFoundError


def members(inventory: InventoryData, groups: t.Iterable[str]) -> list[str]:
    """Return the names of the hosts of the groups, each once, in their order.

    :raises NotFoundError: when no source that was read so far has a group.
    """
    found: dict[str, None] = {}
    for name in groups:
        if name not in inventory.groups:
            raise NotFoundError(
                f"no inventory source that was read before has a group '{name}'.",
                hint="Sources are read in the order of the command line, files of a folder in the order of their names.",
            )
        found |= dict.fromkeys(host.name for host in inventory.groups[name].get_hosts())
    return list(found)


def variables_of(inventory: InventoryData, loader: DataLoader, name: str) -> dict[str, t.Any]:
    """Return the variables of a host, those of `group_vars` and `host_vars` beside the sources included; none of an unknown host."""
    host = inventory.hosts.get(name)
    if host is None:
        return {}
    groups, sources = host.get_groups(), inventory.processed_sources
    variables: dict[str, t.Any] = get_group_vars(groups)
    for more in (
        get_vars_from_inventory_sources(loader, sources, groups, "all"),
        host.get_vars(),
        get_vars_from_inventory_sources(loader, sources, [host], "all"),
    ):
        variables = combine_vars(variables, more)
    return variables
