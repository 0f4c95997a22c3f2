# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topology and features of the processor."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (None, {"cores": 2}, {"sockets": "1", "cores": "2", "threads": "1"}),
        (None, {}, None),
        ({"sockets": "1", "dies": "1", "clusters": "1", "cores": "2", "threads": "1"}, {"cores": 2, "dies": None}, None),
        ({"sockets": "2", "dies": "2", "cores": "2", "threads": "1"}, {"sockets": 2, "cores": 2}, {
            "sockets": "2", "cores": "2", "threads": "1",
        }),
        ({"sockets": "2", "cores": "1", "threads": "1"}, {"sockets": None}, {}),
    ],
)  # fmt: skip
def test_topology(before: dict[str, str] | None, wanted: dict[str, t.Any], after: dict[str, str] | None) -> None:
    root = tree.parse("<domain><cpu/></domain>")
    if before is not None:
        tree.ensure(root, "cpu/topology").attrib.update(before)
    text = convergence.converge(root, None, {"cpu": {"topology": wanted}}).definition
    assert (text is None) == (after is None)
    if text is not None:
        found = tree.parse(text).find("cpu/topology")
        assert ({} if found is None else found.attrib) == after


RUNNING = "<domain><cpu><feature policy='require' name='aes'/><feature policy='disable' name='svm'/></cpu></domain>"


@pytest.mark.parametrize(
    ("features", "waiting"),
    [
        ({"aes": "force", "svm": "forbid"}, False),
        ({"aes": "optional", "svm": "default", "avx": "optional"}, False),
        ({"aes": "disable"}, True),
        ({"avx": "require"}, True),
    ],
)
def test_a_running_vm_shows_what_became_of_its_features(features: dict[str, str], waiting: bool) -> None:
    root = tree.parse("<domain/>")
    params = {"cpu": {"features": features}}
    text = convergence.converge(root, None, params).definition
    assert text is not None
    result = convergence.converge(tree.parse(text), tree.parse(RUNNING), params)
    assert result.waiting == (("cpu.features",) if waiting else ())
