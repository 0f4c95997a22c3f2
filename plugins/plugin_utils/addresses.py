# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Where the inventory says that a host takes VMs."""

from __future__ import annotations

import typing as t

Variables = t.Mapping[str, t.Any]


def migration_address(name: str, hostvars: t.Mapping[str, Variables]) -> str | None:
    """Return the address of a host for incoming moves, None if the inventory does not tell."""
    known = _known(name, hostvars)
    return known.get("configure_migration_address") or known.get("ansible_host")


def first_migration_port(name: str, hostvars: t.Mapping[str, Variables]) -> int:
    """Return the first of the ports at which a host takes VMs, libvirt's own where the inventory does not tell."""
    return int(_known(name, hostvars).get("configure_migration_port_min") or 49152)


def _known(name: str, hostvars: t.Mapping[str, Variables]) -> Variables:
    return hostvars[name] if name in hostvars else {}  # noqa: SIM401 (an unknown host is undefined there, and get() returns that)
