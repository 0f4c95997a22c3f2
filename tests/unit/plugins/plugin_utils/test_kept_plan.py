# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan as text: it comes back as it was, is small, and holds nothing that is read as a template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._plan import saved
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run
from ansible_collections.evergreen.virt.plugins.plugin_utils import kept_plan
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node, vm

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(kept=st.dictionaries(st.text(), PLAIN, max_size=4))
def test_what_was_kept_comes_back(kept: dict[str, object]) -> None:
    text = kept_plan.as_text(kept)
    assert re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text)
    assert kept_plan.of_text(text) == kept


def test_the_plan_of_forty_hosts_fits_into_an_artifact() -> None:
    nodes = {f"h{n}": node(f"h{n}", *(vm(f"vm{n}-{k}", 500) for k in range(10))) for n in range(40)}
    rules = Rules(max_hosts_per_wave=4)
    text = kept_plan.as_text(saved.keep(plan_run(nodes, list(nodes), rules), nodes, list(nodes), rules))
    assert len(text) < 40_000


@pytest.mark.parametrize("text", ["no text of ours", "bm8gcGxhbg==", "eJw=", "é"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot be read from its text"):
        kept_plan.of_text(text)


@pytest.mark.parametrize("content", [None, "no plan"])
def test_another_file_is_refused(content: str | None, tmp_path: Path) -> None:
    if content:
        (tmp_path / "plan.json").write_text(content)
    with pytest.raises(InvalidInputError, match=r"'.*plan.json' cannot be read"):
        kept_plan.of_file(str(tmp_path / "plan.json"))
