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
    assert metadata.problems(tree.parse("<domain/>")) == []


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ('{"hosts": "kvm1"}', ["'kvm1' as 'hosts', which is no list of texts"]),
        ('{"anti_affinity": [1]}', ["'anti_affinity'"]),
        ('{"priority": "5", "max_downtime_ms": "200"}', ["'priority', which is no whole number", "'max_downtime_ms'"]),
        ('{"priority": true}', ["'priority'"]),
        ('{"post_copy": 1}', ["'post_copy', which is no true or false"]),
        ('{"evacuation": ["live"]}', ["'evacuation', which is no text"]),
        ("[]", ["cannot be read"]),
        ('{"hosts": null, "priority": null, "of_a_later_version": 1}', []),
        ('{"hosts": ["kvm1"], "priority": 5, "post_copy": true, "evacuation": "stay"}', []),
    ],
)
def test_what_of_a_policy_cannot_be_meant_is_told_and_not_taken(policy: str, says: list[str]) -> None:
    root = vm(OURS.format(f'{{"policy": {policy}}}'))
    problems = metadata.problems(root)
    assert [part in problem for part, problem in zip(says, problems)] == [True] * len(problems) == [True] * len(says)
    if says:
        assert metadata.read(root)[1] == Policy()


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"policy": 1}'])
def test_a_text_of_ours_that_cannot_be_read_is_a_problem(text: str) -> None:
    assert len(metadata.problems(vm(OURS.format(text)))) == 1


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ('{"hosts": "kvm1"}', {"hosts": []}),
        ('{"hosts": 5}', {"hosts": ["kvm1"]}),
        ('{"hosts": [1, "a"]}', {"hosts": ["kvm1"]}),
        ('{"post_copy": 1}', {"post_copy": True}),
        ('{"priority": "5"}', {"priority": 5}),
    ],
)
def test_what_cannot_be_meant_is_written_anew(policy: str, wanted: dict[str, object]) -> None:
    root = vm(OURS.format(f'{{"policy": {policy}}}'))
    (option,) = (option for option in metadata.OPTIONS if option.name == "policy")
    assert option.compare(root, wanted)
    option.write(root, wanted)
    assert not option.compare(root, wanted)
    assert metadata.problems(root) == []


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
