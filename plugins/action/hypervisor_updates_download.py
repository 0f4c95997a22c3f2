# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module of its name, with a line each half minute."""

from __future__ import annotations

from ansible.plugins.action.normal import ActionModule as Normal

from ansible_collections.evergreen.virt.plugins.plugin_utils.meanwhile import ToldMeanwhile


class ActionModule(ToldMeanwhile, Normal):
    """`evergreen.virt.hypervisor_updates_download`: calls the module of that name, and tells meanwhile that packages are on their way."""
