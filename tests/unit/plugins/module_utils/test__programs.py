# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._programs import output


def test_what_it_prints_is_returned() -> None:
    assert output(["printf", "%s|", "a b", "$HOME"], "cannot print") == "a b|$HOME|"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["sh", "-c", "echo no. >&2; exit 3"], "cannot do it: no."),
        (["sh", "-c", "exit 3"], "cannot do it: sh ends with status 3."),
        (["/no/such/program"], "cannot do it: [Errno 2] No such file or directory: '/no/such/program'."),
    ],
)
def test_a_failure_says_what_the_program_said(argv: list[str], message: str) -> None:
    with pytest.raises(OperationError) as caught:
        output(argv, "cannot do it", hint="Look there.")
    assert (caught.value.message, caught.value.hint) == (message, "Look there.")
