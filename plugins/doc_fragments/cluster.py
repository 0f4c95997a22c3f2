# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module that makes VMs is told of their cluster."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors `_argspec.CLUSTER`."""

    DOCUMENTATION = r"""
options:
  cluster:
    description:
      - What VMs can have that are to run on each host of a cluster, as RV(evergreen.virt.hypervisor_info#module:cluster) says.
        The role P(evergreen.virt.fleet#role) finds it out by itself.
      - The CPU mode V(baseline) needs it.
      - With it, an alias of a machine (V(q35)), or none, gives a new VM the newest version that all hosts have, and a machine that a
        host lacks is refused before anything is changed. A VM keeps the machine that it has.
    type: dict
"""
