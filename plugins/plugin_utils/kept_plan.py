# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a plan that was kept (`_plan.saved`) gets to the run that carries it out: as a file, or as text.

The text is for where no file lasts, such as the artifacts of an AWX job, which lie in a database: compressed, and without a
character that anything on the way might take for a template.
"""

from __future__ import annotations

import base64
import json
import pathlib
import typing as t
import zlib

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError


def as_text(kept: t.Mapping[str, t.Any]) -> str:
    """Return the plan as text, one line of letters, digits, `+`, `/` and `=`."""
    plain = json.dumps(kept, separators=(",", ":"), sort_keys=True)
    return base64.b64encode(zlib.compress(plain.encode(), 9)).decode()


def of_text(text: str) -> t.Any:
    """Return the plan that `as_text` made text of.

    :raises InvalidInputError: when it is none.
    """
    try:
        return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except (ValueError, zlib.error) as exc:
        raise InvalidInputError(f"the approved plan cannot be read from its text ({text[:20]}...): {exc}.") from exc


def of_file(path: str) -> t.Any:
    """Return the plan that lies in a file.

    :raises InvalidInputError: when there is none.
    """
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InvalidInputError(f"the approved plan '{path}' cannot be read: {exc}.") from exc
