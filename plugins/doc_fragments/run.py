# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module that changes a host on behalf of a run."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors `_argspec.RUN`."""

    DOCUMENTATION = r"""
options:
  run_id:
    description:
      - The run on whose behalf the change is made.
    type: str
  epoch:
    description:
      - The run's epoch. The host refuses an epoch that is older than the newest one it knows, before anything is changed, so that a run
        that was superseded can change nothing. A newer epoch is remembered from then on.
      - Without O(run_id) and O(epoch) the task belongs to no run, and is carried out whichever run has the host.
    type: int
"""
