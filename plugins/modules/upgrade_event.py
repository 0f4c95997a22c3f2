#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the action `upgrade_event`, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_event
short_description: Record what happened in a run
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Appends events to the journal of a run on the controller and brings the report beside it up to date, so that both
    are true after every event, whatever happens next.
  - Runs on the controller and touches no host.
options:
  directory:
    description:
      - The folder on the controller that holds C(journal.ndjson) and C(report.json). It is made if needed.
    type: path
    required: true
  events:
    description:
      - The events. Each has the key C(event), one of V(run), V(refused), V(plan), V(stage), V(moves), V(stops), V(switch),
        V(attempt), V(host), V(probe), and the keys that belong to it. The time is added.
    type: list
    elements: dict
    required: true
extends_documentation_fragment:
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is recorded in check mode.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Every event is recorded. A task is never reported as changed, since no host changes.
"""

EXAMPLES = r"""
- name: Note that the host is being emptied
  evergreen.virt.upgrade_event:
    directory: ./report
    events:
      - event: stage
        host: h1
        wave: 1
        stage: evacuate
"""

RETURN = r"""
report:
  description: The report so far, without what belongs to single hosts and VMs, and C(unfinished), a sentence for each host that is not upgraded.
  returned: when not in check mode
  type: dict
  sample: {schema: 1, run_id: 20260101T120000Z, result: upgraded, makespan_s: 312.5}
"""
