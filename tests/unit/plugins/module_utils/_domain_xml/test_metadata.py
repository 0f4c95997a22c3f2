# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import metadata, tree
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Policy


def vm(content: str) -> tree.Element:
    return tree.parse(f"<domain><metadata>{content}</metadata></domain>")


OURS = f'<evergreen:vm xmlns:evergreen="{metadata.NAMESPACE}">{{}}</evergreen:vm>'


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"labels": 1, "policy": []}'])
def test_what_cannot_be_read_is_empty(text: str) -> None:
    assert metadata.read(vm(OURS.format(text))) == ({}, Policy())


def test_without_metadata() -> None:
    assert metadata.read(tree.parse("<domain/>")) == ({}, Policy())


@given(
    st.dictionaries(st.text(), st.text()),
    st.fixed_dictionaries(
        {}, optional={"priority": st.integers(), "hosts": st.lists(st.text()), "post_copy": st.booleans()}
    ),
)
def test_round_trip_through_the_text_of_set_metadata(labels: dict[str, str], policy: dict[str, object]) -> None:
    text = metadata.text(labels, policy)
    inner = tree.parse(text).text or ""
    root = vm(OURS.format(""))
    root[0][0].text = inner
    assert metadata.content(root) == (labels, policy)
    assert metadata.read(root)[1] == Policy.from_dict(policy)
