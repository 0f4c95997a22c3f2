# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boots a host as Ansible's own action does, with a line each half minute."""

from __future__ import annotations

from ansible.plugins.action.reboot import ActionModule as Reboot

from ansible_collections.evergreen.virt.plugins.plugin_utils.meanwhile import ToldMeanwhile


class ActionModule(ToldMeanwhile, Reboot):
    """`evergreen.virt.awaited_reboot`: takes what `ansible.builtin.reboot` takes, and returns what it returns."""
