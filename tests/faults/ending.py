# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run ended, and whether it tells the same itself (pure)."""

from __future__ import annotations

import typing as t

Report = t.Mapping[str, t.Any]

DONE = ("upgraded", "nothing_to_do")


def contradictions(code: int, report: Report | None) -> list[str]:
    """Return one sentence for each thing that a run tells otherwise, or not at all.

    :param code: its exit code.
    :param report: None if it ended before it had begun with the hosts. It cannot have ended well then.
    """
    if code < 0:  # nobody could tell anything any more
        return []
    if report is None:
        return ["it ended well and has told nothing"] if code == 0 else []
    return [
        *([] if report["finished"] else ["its report does not say that it has ended"]),
        *([f"it ended with {code} and tells: {report['result']}"] if (code == 0) != (report["result"] in DONE) else []),
        *(f"{host['name']} has failed for no reason" for host in _failed(report) if not host["reason"]),
    ]


def _failed(report: Report) -> list[Report]:
    return [host for host in report["hosts"] if host["result"] == "failed"]
