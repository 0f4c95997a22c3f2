# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import identity
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError


@pytest.mark.parametrize("name", ["web1", "ein Name", "größe", "-x", "x" * 247, "a.b", "<&>"])
def test_good_names(name: str) -> None:
    identity.check_name(name)


@pytest.mark.parametrize("name", ["", "  ", "a/b", "..", ".", "a\nb", "a\tb", "a\x7f", "x" * 248, "ä" * 124, "a\ud800"])
def test_bad_names(name: str) -> None:
    with pytest.raises(InvalidInputError, match="a VM cannot be named"):
        identity.check_name(name)


def test_uuids() -> None:
    assert identity.normal_uuid("6BA7B8109DAD11D180B400C04FD430C8") == "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    assert identity.normal_uuid(None) is None
    with pytest.raises(InvalidInputError):
        identity.normal_uuid("x")
