# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The options of a VM, and what its task says of the cluster, shared by the modules `vm` and `vms` (doc fragment `vm`)."""

from __future__ import annotations

import typing as t

from ._argspec import ArgSpec
from ._domain_xml.convergence import APPLY
from ._domain_xml.registry import OPTIONS, PURGEABLE
from ._domain_xml.seed import SPEC as CLOUD_INIT
from ._facts import ClusterFacts
from ._libvirt.domain_state import SHUTDOWN_MODES, STATES
from ._libvirt.readiness import READY

VM = ArgSpec(
    options={
        "name": {"type": "str", "required": True},
        "uuid": {"type": "str"},
        "state": {"type": "str", "choices": list(STATES), "default": "present"},
        "apply": {"type": "str", "choices": list(APPLY), "default": "live"},
        "timeout": {"type": "int", "default": 120},
        "force_off": {"type": "bool", "default": False},
        "shutdown_mode": {"type": "str", "choices": list(SHUTDOWN_MODES), "default": "auto"},
        "cloud_init": CLOUD_INIT,
        "remove_storage": {"type": "bool", "default": False},
        "wait_for": {"type": "str", "choices": list(READY), "default": "none"},
        "ready_timeout": {"type": "int", "default": 300},
        "purge": {"type": "list", "elements": "str", "choices": list(PURGEABLE), "default": []},
        "autostart": {"type": "bool"},
        **{option.name: option.spec for option in OPTIONS},
    }
)
"""All options of one VM: those of libvirt's definition come from their declarations in _domain_xml."""


def cluster_facts(value: t.Mapping[str, t.Any] | None) -> ClusterFacts | None:
    """Return what the option `cluster` holds, None if it is not named.

    :raises InvalidInputError: when it is not what `hypervisor_info` returns as `cluster`.
    """
    return None if value is None else ClusterFacts.from_dict(value)
