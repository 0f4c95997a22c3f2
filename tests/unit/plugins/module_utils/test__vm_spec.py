# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib
import typing as t

import pytest
import yaml

from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM

FRAGMENT = importlib.import_module("ansible_collections.evergreen.virt.plugins.doc_fragments.vm").ModuleDocFragment


def documented(options: dict[str, t.Any]) -> dict[str, t.Any]:
    return {
        name: {
            **{key: doc[key] for key in ("type", "elements", "choices", "default", "required") if key in doc},
            **({"options": documented(doc["suboptions"])} if "suboptions" in doc else {}),
        }
        for name, doc in options.items()
    }


def declared(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        name: {
            **{key: spec[key] for key in ("type", "elements", "choices", "default", "required") if key in spec},
            **({"options": declared(spec["options"])} if "options" in spec else {}),
        }
        for name, spec in options.items()
    }


@pytest.mark.parametrize("part", ["DOCUMENTATION", "ENTRIES"])
def test_what_is_documented_is_what_is_declared(part: str) -> None:
    options = yaml.safe_load(getattr(FRAGMENT, part))["options"]
    if part == "ENTRIES":
        options = options["vms"]["suboptions"]
    assert documented(options) == declared(VM.options)
