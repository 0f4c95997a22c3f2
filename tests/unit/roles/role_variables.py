# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of a role come to, what its tasks give to modules, and whether what it asserts holds, without a play."""

from __future__ import annotations

import typing as t

from ansible import template
from ansible.parsing.dataloader import DataLoader

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT

_LOADER = DataLoader()
# ansible-core 2.18 trusts whatever comes from no host.
_TRUSTED: dict[str, t.Any] = {"trusted_as_template": True} if hasattr(template, "trust_as_template") else {}
_trust: t.Callable[[str], t.Any] = getattr(template, "trust_as_template", str)


def evaluated(role: str, name: str, **given: t.Any) -> t.Any:
    """Return the value of a variable of the role.

    :param given: variables from elsewhere, which count more than the role's own.
    """
    known = _known(role)
    return template.Templar(loader=_LOADER, variables={**known, **given}).template(known[name])


def arguments(role: str, step: str, module: str, **given: t.Any) -> t.Any:
    """Return what the first task of a step that calls a module gives to it.

    :param given: as for `evaluated`.
    """
    found = next(task for task in tasks_of(role, f"{step}.yml") if module in task)
    return template.Templar(loader=_LOADER, variables={**_known(role), **given}).template(found[module])


def holds(role: str, file: str, task: str, **given: t.Any) -> bool:
    """Return whether an assertion of the role holds, or is not asked for.

    :param file: the file of tasks that it is in.
    :param task: its name.
    :param given: as for `evaluated`.
    """
    (found,) = [one for one in _flat(tasks_of(role, file)) if one["name"] == task]
    templar = template.Templar(loader=_LOADER, variables={**_known(role), **given})
    asked, that = found.get("when", []), found["ansible.builtin.assert"]["that"]
    return not _all_of(templar, asked) or _all_of(templar, that)


def tasks_of(role: str, file: str) -> list[dict[str, t.Any]]:
    """Return the tasks of one of the role's files."""
    path = ROOT / "roles" / role / "tasks" / file
    tasks: list[dict[str, t.Any]] = _LOADER.load_from_file(str(path), **_TRUSTED)
    return tasks


def _known(role: str) -> dict[str, t.Any]:
    known: dict[str, t.Any] = {}
    for part in ("defaults", "vars"):
        file = ROOT / "roles" / role / part / "main.yml"
        known.update(_LOADER.load_from_file(str(file), **_TRUSTED))
    return known


def _flat(tasks: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return tasks, those of blocks as well."""
    return [one for task in tasks for one in (task, *_flat(task.get("block", [])))]


def _all_of(templar: template.Templar, conditions: list[str] | str) -> bool:
    several = conditions if isinstance(conditions, list) else [conditions]
    return all(templar.template(_trust(f"{{{{ {condition} }}}}")) for condition in several)
