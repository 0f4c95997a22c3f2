# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.filter.oldest_host import FilterModule


def facts(libvirt: str) -> dict[str, t.Any]:
    return {
        "machine_id": "m",
        "versions": {"libvirt": libvirt},
        "capacity": {"memory_mib": 1, "threads": 1, "arch": "x86_64"},
    }


def test_numbers_are_compared() -> None:
    oldest = FilterModule().filters()["oldest_host"]
    assert oldest({"h1": facts("11.3.0"), "h2": facts("9.0.0")}) == "h2"


@pytest.mark.parametrize("hosts", [{}, {"h1": {}}, {"h1": None}])
def test_what_is_no_cluster_is_refused(hosts: dict[str, t.Any]) -> None:
    with pytest.raises(AnsibleFilterError):
        FilterModule().filters()["oldest_host"](hosts)
