# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._ovs import rows
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.operations import Operation


def test_every_kind_of_operation_can_be_carried_out_and_no_other_is_skipped() -> None:
    assert set(rows._CALLS) == set(t.get_args(Operation))
    nowhere: t.Any = None
    unknown: t.Any = object()
    with pytest.raises(KeyError):
        rows.apply(nowhere, nowhere, [unknown])
