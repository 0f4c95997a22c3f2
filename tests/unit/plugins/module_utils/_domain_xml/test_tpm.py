# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TPMs."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree

CRB = '<tpm model="tpm-crb"><backend type="emulator" version="2.0"><encryption secret="s"/></backend></tpm>'
PASSED = '<tpm model="tpm-tis"><backend type="passthrough"><device path="/dev/tpm0"/></backend></tpm>'


@pytest.mark.parametrize(
    ("device", "tpm", "after"),
    [
        ("", {"version": "none"}, None),
        ("", {"version": "2.0"}, '<tpm><backend type="emulator" version="2.0" /></tpm>'),
        (CRB, {"version": "2.0", "model": "crb", "persistent_state": False}, None),
        (
            CRB,
            {"version": "2.0", "persistent_state": True},
            (
                '<tpm model="tpm-crb"><backend type="emulator" version="2.0" persistent_state="yes">'
                '<encryption secret="s" /></backend></tpm>'
            ),
        ),
        (
            CRB,
            {"version": "1.2"},
            '<tpm model="tpm-tis"><backend type="emulator" version="1.2"><encryption secret="s" /></backend></tpm>',
        ),
        (CRB, {"version": "none"}, ""),
        (PASSED, {"version": "2.0"}, '<tpm model="tpm-tis"><backend type="emulator" version="2.0" /></tpm>'),
    ],
)
def test_tpm(device: str, tpm: dict[str, t.Any], after: str | None) -> None:
    text = convergence.converge(
        tree.parse(f"<domain><devices>{device}</devices></domain>"), None, {"tpm": tpm}
    ).definition
    if after is None:
        assert text is None
    else:
        assert text is not None
        assert "".join(tree.serialize(found) for found in tree.devices(tree.parse(text), "tpm")) == after
