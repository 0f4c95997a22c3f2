# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Composable groups of module options; each group has the doc fragment of the same name."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class ArgSpec:
    """An argument spec with its rules, joined with `+`. The fields are those of AnsibleModule."""

    options: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    required_together: tuple[tuple[str, ...], ...] = ()
    required_one_of: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[tuple[t.Any, ...], ...] = ()
    required_by: t.Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def __add__(self, other: ArgSpec) -> ArgSpec:
        return ArgSpec(
            options={**self.options, **other.options},
            mutually_exclusive=self.mutually_exclusive + other.mutually_exclusive,
            required_together=self.required_together + other.required_together,
            required_one_of=self.required_one_of + other.required_one_of,
            required_if=self.required_if + other.required_if,
            required_by={**self.required_by, **other.required_by},
        )

    def as_module_arguments(self) -> dict[str, t.Any]:
        """Return the keyword arguments for AnsibleModule."""
        return {
            "argument_spec": dict(self.options),
            "mutually_exclusive": [list(group) for group in self.mutually_exclusive],
            "required_together": [list(group) for group in self.required_together],
            "required_one_of": [list(group) for group in self.required_one_of],
            "required_if": [list(rule) for rule in self.required_if],
            "required_by": {key: list(names) for key, names in self.required_by.items()},
        }


STATE: t.Mapping[str, t.Any] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
"""Option of what is either there or not."""

LIBVIRT = ArgSpec(options={"uri": {"type": "str", "default": "qemu:///system"}})
"""How libvirt is reached on the host (doc fragment `libvirt`)."""

OVSDB = ArgSpec(
    options={
        "database": {"type": "str", "default": "unix:/run/openvswitch/db.sock"},
        "private_key": {"type": "path"},
        "certificate": {"type": "path"},
        "ca_certificate": {"type": "path"},
        "timeout": {"type": "float", "default": 10.0},
    },
    required_together=(("private_key", "certificate", "ca_certificate"),),
)
"""How the OVSDB server is reached (doc fragment `ovsdb`)."""

RUN = ArgSpec(
    options={"run_id": {"type": "str"}, "epoch": {"type": "int"}},
    required_together=(("run_id", "epoch"),),
)
"""Which run a change belongs to; `_module.run` refuses an epoch older than the one that the host knows (doc fragment `run`).

Every module that changes a host has this group; tests/unit/test_collection.py names the exceptions and why.
"""

CLUSTER = ArgSpec(options={"cluster": {"type": "dict"}})
"""What the VMs of the task can have on each host of their cluster (doc fragment `cluster`)."""

REPOSITORY: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "types": {"type": "list", "elements": "str", "choices": ["deb", "deb-src", "rpm"], "default": ["deb"]},
    "uris": {"type": "list", "elements": "str", "required": True},
    "suites": {"type": "list", "elements": "str"},
    "components": {"type": "list", "elements": "str"},
    "architectures": {"type": "list", "elements": "str"},
    "trusted": {"type": "bool"},
    "signed_by": {"type": "str", "no_log": False},
    "enabled": {"type": "bool", "default": True},
}
"""A package source (`_updates/repository.py`)."""

UPDATES = ArgSpec(
    options={
        "repositories": {"type": "list", "elements": "dict", "options": REPOSITORY},
        "obsolete_repositories": {"type": "list", "elements": "path"},
        "packages": {"type": "list", "elements": "str", "default": []},
        "refresh": {"type": "bool", "default": True},
    }
)
"""Which update of the host is meant (doc fragment `updates`)."""
