# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What network filters and their parameters may be called: libvirt writes these names into XML without escaping them.

Source: libvirt's schemas nwfilter.rng and nwfilter_params.rng.
"""

from __future__ import annotations

import re
import typing as t

_NAME = re.compile(r"[^\W\d][\w.-]*")
_PARAMETER = re.compile("[a-zA-Z0-9_]+")
_VALUE = re.compile("[a-zA-Z0-9_.:]+")


def name_problem(name: str) -> str | None:
    """Return what is wrong with the name of a filter, None if nothing is."""
    return None if _NAME.fullmatch(name) else f"{name!r} is not a letter or _, followed by letters, digits and _.- only"


def values(parameter: t.Any) -> list[str]:
    """Return the values of a parameter; one alone may stand without a list."""
    return [str(value) for value in (parameter if isinstance(parameter, list) else [parameter])]


def parameters_problem(parameters: t.Mapping[str, t.Any]) -> str | None:
    """Return what is wrong with parameters of a filter, None if nothing is."""
    for name, parameter in parameters.items():
        if not _PARAMETER.fullmatch(str(name)):
            return f"{name!r} is not made of letters, digits and _"
        wrong = [value for value in values(parameter) if not _VALUE.fullmatch(value)]
        if wrong:
            return f"{wrong[0]!r} as {name} is not made of letters, digits and _.:"
    return None
