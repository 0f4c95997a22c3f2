# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The one place that builds an AnsibleModule and ends it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._argspec import ArgSpec
from ._deps import Dependency
from ._errors import MissingDependencyError, VirtError
from ._state import lease


@dataclasses.dataclass(frozen=True)
class Task:
    """What a module's function gets: the user's options and how the task was called.

    :param params: the validated options.
    :param check_mode: True if nothing may be changed.
    :param warn: shows a warning to the user.
    """

    params: dict[str, t.Any]
    check_mode: bool
    warn: t.Callable[[str], None]


def run(
    spec: ArgSpec,
    function: t.Callable[[Task], dict[str, t.Any]],
    *,
    requires: t.Iterable[Dependency] = (),
    reads_only: bool = False,
    gated: bool = True,
    secrets: t.Callable[[t.Mapping[str, t.Any]], t.Iterable[str]] = lambda _params: (),
) -> t.NoReturn:
    """Parse the options, call `function`, and end the module with what it returns or raises.

    A task that belongs to a run (option group `RUN`) passes the host's gate before anything else: where a newer run has been,
    it fails, and `function` is not called.

    In check mode a module that changes things does not fail on a host that lacks the software: an earlier task of the
    same play would have installed it, so the honest answer is "would change", with the reason as `msg`.

    :param function: returns the task's result; `changed` defaults to False.
    :param requires: libraries that must be importable.
    :param reads_only: True for modules that never change anything; they fail in check mode like otherwise.
    :param gated: False for the module that gives a host to a run: it asks by itself, and tells what was known before.
    :param secrets: returns those values of the options that no result may show, beyond options with `no_log`.
    """
    module = AnsibleModule(supports_check_mode=True, **spec.as_module_arguments())
    module.no_log_values.update(secrets(module.params))
    task = Task(module.params, module.check_mode, module.warn)
    try:
        if gated and task.params.get("run_id") is not None:
            lease.admit(task.params["run_id"], task.params["epoch"], remember=not task.check_mode)
        for dependency in requires:
            dependency.require()
        result = function(task)
    except MissingDependencyError as exc:
        if reads_only or not task.check_mode:
            module.fail_json(msg=str(exc), error=exc.as_result())
        module.exit_json(changed=True, msg=f"would change: {exc.message}")
    except VirtError as exc:
        module.fail_json(msg=str(exc), error=exc.as_result())
    module.exit_json(**{"changed": False, **result})
