# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of a role, and what its tasks give to modules, come to without a play."""

from __future__ import annotations

import typing as t

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT


def evaluated(role: str, name: str, **given: t.Any) -> t.Any:
    """Return the value of a variable of the role.

    :param given: variables from elsewhere, which count more than the role's own.
    """
    return _templated(role, given, lambda _loader, known: known[name])


def arguments(role: str, step: str, module: str, **given: t.Any) -> t.Any:
    """Return what the first task of a step that calls a module gives to it.

    :param given: as above.
    """

    def of_the_task(loader: DataLoader, _known: dict[str, t.Any]) -> t.Any:
        file = ROOT / "roles" / role / "tasks" / f"{step}.yml"
        return next(task for task in loader.load_from_file(str(file), trusted_as_template=True) if module in task)[
            module
        ]

    return _templated(role, given, of_the_task)


def _templated(role: str, given: dict[str, t.Any], choose: t.Callable[[DataLoader, dict[str, t.Any]], t.Any]) -> t.Any:
    loader = DataLoader()
    files = [ROOT / "roles" / role / part / "main.yml" for part in ("defaults", "vars")]
    known: dict[str, t.Any] = {}
    for file in files:
        known.update(loader.load_from_file(str(file), trusted_as_template=True))
    return Templar(loader=loader, variables={**known, **given}).template(choose(loader, known))
