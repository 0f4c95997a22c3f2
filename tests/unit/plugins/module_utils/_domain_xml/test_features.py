# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of the machine and of Hyper-V."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError


def written(before: str, params: dict[str, object]) -> str:
    """Return the features after that, `before` if nothing changed."""
    root = tree.parse(f"<domain><features>{before}</features></domain>")
    text = convergence.converge(root, None, params).definition
    features = (root if text is None else tree.parse(text)).find("features")
    return "" if features is None else "".join(tree.serialize(child) for child in features)


@pytest.mark.parametrize(
    ("before", "params", "after"),
    [
        ("<smm />", {"features": {"smm": True}}, "<smm />"),
        (
            "",
            {"features": {"vmport": False, "kvm_hidden": True}},
            '<vmport state="off" /><kvm><hidden state="on" /></kvm>',
        ),
        ("", {"hyperv": {"ipi": False, "spinlocks": 0, "vendor_id": ""}}, ""),
        (
            '<hyperv><stimer state="on" /></hyperv>',
            {"hyperv": {"stimer_direct": True, "vapic": True}},
            '<hyperv><stimer state="on"><direct state="on" /></stimer><vapic state="on" /></hyperv>',
        ),
        (
            '<hyperv><spinlocks state="on" retries="4095" /><vendor_id state="on" value="a" /></hyperv>',
            {"hyperv": {"spinlocks": 8191, "vendor_id": "b"}},
            '<hyperv><spinlocks state="on" retries="8191" /><vendor_id state="on" value="b" /></hyperv>',
        ),
        (
            '<hyperv><relaxed state="on" /></hyperv>',
            {"hyperv": {"relaxed": False}},
            '<hyperv><relaxed state="off" /></hyperv>',
        ),
    ],
)
def test_features(before: str, params: dict[str, object], after: str) -> None:
    assert written(before, params) == after


def test_secure_boot_needs_smm() -> None:
    with pytest.raises(InvalidInputError, match="secure boot"):
        written("", {"firmware": "uefi-secure", "features": {"smm": False}})
