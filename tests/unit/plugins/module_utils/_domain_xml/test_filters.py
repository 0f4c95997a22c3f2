# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of network filters and their parameters."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.filters import (
    name_problem,
    parameters_problem,
    values,
)


@pytest.mark.parametrize("name", ["clean-traffic", "_a", "\u00fcber.1", "a_b"])
def test_names(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["", "-rf", "1a", "a b", "a'b", "a<b", "a/b", "a\n", ".."])
def test_names_that_libvirt_would_write_without_escaping(name: str) -> None:
    assert name_problem(name) is not None


def test_values() -> None:
    assert values("a") == ["a"]
    assert values(["a", 1]) == ["a", "1"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"IP": ["192.0.2.1", "2001:db8::1"], "MAC": "52:54:00:00:00:01", "N": 5}, None),
        ({"I P": "1"}, "'I P'"),
        ({"": "1"}, "''"),
        ({"IP": "'/>"}, "as IP"),
        ({"IP": ["1", ""]}, "as IP"),
        ({"IP": -1}, "'-1'"),
    ],
)
def test_parameters(parameters: dict[str, t.Any], said: str | None) -> None:
    problem = parameters_problem(parameters)
    assert (problem is None) if said is None else (problem is not None and said in problem)
