# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules as Ansible calls them, on libvirt's own driver for tests unless they are told otherwise."""

from __future__ import annotations

import dataclasses
import types
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._module import Task

URI = "test:///default"
Options = dict[str, t.Any]
Result = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Module:
    """A module of the collection; `function` is what it calls with its task, `host` tells it where."""

    module: types.ModuleType
    function: str = "converge"
    host: Options = dataclasses.field(default_factory=lambda: {"uri": URI})

    def __call__(self, *, check_mode: bool = False, warnings: list[str] | None = None, **options: t.Any) -> Result:
        """Return the result of a task with these options."""
        validator = ArgumentSpecValidator(**self.module.SPEC.as_module_arguments())
        found = validator.validate({**self.host, **options})
        assert not found.error_messages
        warn = ([] if warnings is None else warnings).append
        result = getattr(self.module, self.function)(Task(found.validated_parameters, check_mode, warn))
        return t.cast(Result, {"changed": False, **result})

    def once(self, **options: t.Any) -> Result:
        """Return the result of a task that check mode predicts, and after which the same task changes nothing."""
        predicted = self(check_mode=True, **options)
        result = self(**options)
        assert result["changed"]
        assert (predicted["changed"], predicted["diff"]) == (True, result["diff"])
        for check_mode in (True, False):
            again = self(check_mode=check_mode, **options)
            assert not again["changed"]
        return result
