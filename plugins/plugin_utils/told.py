# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What hosts told before, to be kept in a cache: each host's answer by itself, with its question and its age.

The age is kept with the answer: a cache plugin only knows when anything was written.
"""

from __future__ import annotations

import typing as t


def answer(question: str, vms: list[dict[str, t.Any]], *, now: float) -> dict[str, t.Any]:
    """Return what is kept of one answer.

    :param question: whatever decides about the answer.
    :param now: seconds since 1970.
    """
    return {"question": question, "at": now, "vms": vms}


def still_true(
    kept: t.Mapping[str, dict[str, t.Any]], questions: t.Mapping[str, str], *, now: float, seconds: int
) -> dict[str, dict[str, t.Any]]:
    """Return the kept answers to the very questions, by their hosts, that are not too old.

    :param seconds: how long an answer is true; 0 is forever, as for Ansible's cache plugins.
    """
    return {
        host: told
        for host, told in kept.items()
        if told["question"] == questions.get(host) and (not seconds or 0 <= now - told["at"] <= seconds)
    }
