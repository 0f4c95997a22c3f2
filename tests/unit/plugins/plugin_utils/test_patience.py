# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.evergreen.virt.plugins.plugin_utils.patience import ask_patiently


def host(*answers: t.Any) -> t.Callable[[], dict[str, t.Any]]:
    left = iter(answers)

    def answer() -> dict[str, t.Any]:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return dict(found)

    return answer


def test_a_host_that_comes_back_has_answered() -> None:
    told: list[str] = []
    silent = [AnsibleConnectionFailure("no route"), {"unreachable": True, "msg": "refused"}]
    assert ask_patiently(host(*silent, {"rc": 0}), 60, told.append, pause=0) == {"rc": 0}
    assert told == ["no route", "refused"]


def test_a_host_that_stays_away_is_given_up() -> None:
    assert ask_patiently(host(AnsibleConnectionFailure("no route")), 0, print)["unreachable"]
