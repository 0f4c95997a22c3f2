# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""`where`: a JMESPath expression that chooses VMs; it is evaluated on the facts of one VM at a time.

Source: https://jmespath.org/specification.html
"""

from __future__ import annotations

import typing as t

from ._deps import Dependency
from ._errors import InvalidInputError

JMESPATH = Dependency("jmespath", "jmespath (Debian package python3-jmespath)")
with JMESPATH.importing():
    import jmespath
    import jmespath.exceptions


def selector(where: str) -> t.Callable[[t.Mapping[str, t.Any]], bool]:
    """Compile `where` to a predicate on a VM's facts (`labels.tier == 'web' && state == 'running'`).

    :raises MissingDependencyError: when the library jmespath is missing.
    :raises InvalidInputError: when the expression cannot be parsed, or (by the predicate) not be evaluated.
    """
    JMESPATH.require()
    try:
        expression = jmespath.compile(where)
    except jmespath.exceptions.JMESPathError as exc:
        raise _invalid(where, exc) from exc

    def selects(facts: t.Mapping[str, t.Any]) -> bool:
        try:
            return _is_true(expression.search(facts))
        except jmespath.exceptions.JMESPathError as exc:
            raise _invalid(where, exc) from exc

    return selects


def _is_true(value: t.Any) -> bool:
    return value is not None and value is not False and value not in ("", [], {})  # 0 is true in JMESPath


def _invalid(where: str, reason: Exception) -> InvalidInputError:
    return InvalidInputError(
        f"where: {where!r} is no JMESPath expression that a VM's facts can be tested with: {reason}.",
        hint="Compare facts with literals in single quotes or backticks: labels.tier == 'web' && memory_mib > `1024`.",
    )
