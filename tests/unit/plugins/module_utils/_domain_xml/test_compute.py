# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.compute import same_machine


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("pc-q35-7.2", "q35", True),
        ("pc-q35-10.0", "q35", True),
        ("pc-i440fx-7.2", "pc", True),
        ("virt-7.2", "virt", True),
        ("s390-ccw-virtio-7.2", "s390-ccw-virtio", True),
        ("pc-q35-rhel9.2.0", "q35", True),
        ("pc-i440fx-rhel7.6.0", "pc", True),
        ("virt-rhel9.2.0", "virt", True),
        ("s390-ccw-virtio-rhel9.2.0", "s390-ccw-virtio", True),
        ("pc-q35-rhel9.2.0", "pc", False),
        ("pc-q35-rhel9.2.0", "pc-q35-rhel9.4.0", False),
        ("pc-q35-7.2", "pc-q35-7.2", True),
        ("pc-q35-7.2", "pc-q35-10.0", False),
        ("pc-q35-7.2", "pc", False),
        ("pc-q35-7.2", "pc-q35", True),
        ("q35", "q35", True),
        ("microvm", "q35", False),
        (None, "q35", False),
    ],
)
def test_same_machine(current: str | None, wanted: str, same: bool) -> None:
    assert same_machine(current, wanted) is same


@pytest.mark.parametrize(
    ("memory", "current", "wanted", "after"),
    [
        (1024, 1024, {"memory_mib": 512}, (512, 512)),
        (1024, 512, {"memory_mib": 256}, (1024, 256)),
        (1024, 512, {"memory_mib": 2048}, (2048, 2048)),
        (1024, 1024, {"memory_mib": 512, "memory_max_mib": 1024}, (1024, 512)),
        (1024, 1024, {"memory_max_mib": 512}, (512, 512)),
        (1024, 512, {"memory_mib": 2048, "memory_max_mib": 4096}, (4096, 2048)),
    ],
)
def test_maximum_follows_memory_only_where_nobody_set_it_apart(
    memory: int, current: int, wanted: dict[str, int], after: tuple[int, int]
) -> None:
    root = tree.parse(
        f'<domain><memory unit="MiB">{memory}</memory><currentMemory unit="MiB">{current}</currentMemory></domain>'
    )
    text = convergence.converge(root, None, wanted).definition
    assert text is not None
    values = convergence.options_of(tree.parse(text))
    assert (values["memory_max_mib"], values["memory_mib"]) == after


def test_a_guest_without_balloon_is_not_restarted_for_ever() -> None:
    definition = tree.parse("<domain><memory>1048576</memory><currentMemory>524288</currentMemory></domain>")
    running = tree.parse("<domain><memory>1048576</memory><currentMemory>786432</currentMemory></domain>")
    result = convergence.converge(definition, running, {"memory_mib": 512}, "restart")
    assert not result.restart
    assert not result.waiting
