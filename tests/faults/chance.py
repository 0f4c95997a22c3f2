# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left to chance in a try of a fault: another draw for each of them, and the same again by the same seed (pure)."""

from __future__ import annotations

import dataclasses
import random

BOUNDARIES = 220
"""How many tasks a run that upgrades one host begins at least."""


@dataclasses.dataclass(frozen=True)
class Chance:
    """What was drawn.

    :param delay: when it strikes, as a share of the time within which it may.
    :param boundary: how many tasks have begun before, where it strikes between two.
    """

    delay: float
    boundary: int


def draw(seed: int, fault: str, attempt: int) -> Chance:
    """Draw for one try; further tries of a fault take the boundaries one after the other."""
    first = random.Random(f"{seed} {fault}").randrange(BOUNDARIES)  # noqa: S311
    delay = random.Random(f"{seed} {fault} {attempt}").random()  # noqa: S311
    return Chance(delay, (first + attempt) % BOUNDARIES)
