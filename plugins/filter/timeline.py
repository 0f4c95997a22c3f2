# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `timeline`."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.plugin_utils.timeline import timeline

DOCUMENTATION = r"""
name: timeline
short_description: Lay out the picture of a rolling upgrade
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Turns the report of a run into coordinates, from which the role P(evergreen.virt.report#role) draws hosts as rows,
    stages as bars, moves as arrows and gaps as marks.
options:
  _input:
    description:
      - The report, as in C(report.json).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show when each bar begins
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'report.json') | from_json | evergreen.virt.timeline).bars }}"
"""

RETURN = r"""
_value:
  description: The places of rows, bars, arrows, marks and ticks, in pixels.
  type: dict
"""


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"timeline": timeline}
