# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, registry, tree

from .samples import adopted

ENVIRONMENT = '<qemu:env name="KEPT" value="1" />'


@pytest.mark.parametrize("arguments", [["-m", "131080K"], ["-no-hpet"]])
def test_they_stand_beside_what_was_there(arguments: list[str]) -> None:
    text = convergence.converge(adopted(), None, {"qemu_arguments": arguments}).definition
    assert text is not None
    assert ENVIRONMENT in text
    assert convergence.options_of(tree.parse(text))["qemu_arguments"] == arguments


def test_the_last_ones_go_without_a_trace() -> None:
    root = tree.parse("<domain/>")
    (option,) = [option for option in registry.OPTIONS if option.name == "qemu_arguments"]
    option.write(root, ["-no-hpet"])
    option.write(root, [])
    assert tree.serialize(root) == "<domain />"
