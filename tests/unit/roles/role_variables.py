# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of a role come to, without a play."""

from __future__ import annotations

import typing as t

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT


def evaluated(role: str, name: str, **given: t.Any) -> t.Any:
    """Return the value of a variable of the role.

    :param given: variables from elsewhere, which count more than the role's own.
    """
    loader = DataLoader()
    files = [ROOT / "roles" / role / part / "main.yml" for part in ("defaults", "vars")]
    known: dict[str, t.Any] = {}
    for file in files:
        known.update(loader.load_from_file(str(file), trusted_as_template=True))
    return Templar(loader=loader, variables={**known, **given}).template(known[name])
