# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the switch's settings as they are, as the user wants them, and the check of what the user wrote."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import InvalidInputError
from .._names import refuse_twice
from . import columns as c
from .column import Values, nothing
from .texts import TARGET, named_values

_COLLECTOR = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):[0-9]+")


@dataclasses.dataclass(frozen=True)
class Sample:
    """Collectors of the flows that name their number, as they are.

    :param uuid: of the row that has the number.
    :param values: None if it has no collectors.
    """

    uuid: str
    values: Values | None


@dataclasses.dataclass(frozen=True)
class Switch:
    """The settings as they are.

    :param managers: by target.
    :param tls: None if there are none.
    :param monitors: bridge -> `sflow`, `netflow`, `ipfix` -> values; those that are not set up are left out.
    :param samples: bridge -> number -> collectors of the flows' own samples.
    :param shared: bridge and name of the monitors whose row other bridges have as well.
    """

    values: Values = dataclasses.field(default_factory=lambda: nothing(c.SWITCH))
    managers: t.Mapping[str, Values] = dataclasses.field(default_factory=dict)
    tls: Values | None = None
    monitors: t.Mapping[str, t.Mapping[str, Values]] = dataclasses.field(default_factory=dict)
    samples: t.Mapping[str, t.Mapping[int, Sample]] = dataclasses.field(default_factory=dict)
    shared: frozenset[tuple[str, str]] = frozenset()


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The settings as the user wants them; what is None or missing is not managed.

    :param identity: external ids, besides which no others are meant.
    :param managers: by target; None for one that shall go.
    :param no_tls: whether it shall go.
    :param monitors: as in Switch; a monitor with an empty list of targets shall go.
    :param samples: bridge -> number -> values, None for one that shall go.
    """

    values: Values
    identity: Values
    managers: t.Mapping[str, Values | None]
    tls: Values | None
    no_tls: bool
    monitors: t.Mapping[str, t.Mapping[str, Values]]
    samples: t.Mapping[str, t.Mapping[int, Values | None]]
    purge: bool
    purge_keys: bool


def wanted_switch(params: t.Mapping[str, t.Any]) -> Wanted:
    """Return what the options of the module `ovs_switch` ask for.

    :raises InvalidInputError: for what cannot be meant.
    """
    values = named_values(c.SWITCH, params, "switch.")
    identity = {} if params["system_id"] is None else {"system-id": params["system_id"]}
    if "external_ids" in values:
        values["external_ids"] = {**values["external_ids"], **identity}
    managers, monitors = params["managers"] or [], params["monitors"] or []
    refuse_twice("managers", [entry["target"] for entry in managers])
    refuse_twice("monitors", [entry["bridge"] for entry in monitors])
    return Wanted(
        values,
        identity,
        {entry["target"]: _manager(entry) for entry in managers},
        named_values(c.TLS, params["tls"] or {}, "tls.") if params["tls"] else None,
        bool(params["tls"]) and params["tls"]["state"] == "absent",
        {entry["bridge"]: _monitors(entry) for entry in monitors},
        {entry["bridge"]: _samples(entry) for entry in monitors},
        purge=params["purge"] and params["managers"] is not None,
        purge_keys=params["purge_keys"],
    )


def _manager(entry: t.Mapping[str, t.Any]) -> Values | None:
    target = entry["target"]
    if not TARGET.fullmatch(target):
        raise InvalidInputError(
            f"managers: '{target}' is no target of a manager.",
            hint="Write ssl:ADDRESS:PORT or tcp:ADDRESS:PORT to connect to, pssl:PORT[:ADDRESS] or ptcp:PORT[:ADDRESS] to listen.",
        )
    return None if entry["state"] == "absent" else named_values(c.MANAGER, entry, f"managers[{target}].")


def _monitors(entry: t.Mapping[str, t.Any]) -> dict[str, Values]:
    path = f"monitors[{entry['bridge']}]"
    found = {
        name: named_values(columns, entry[name], f"{path}.{name}.")
        for name, (_table, columns) in c.MONITORS.items()
        if entry[name] is not None
    }
    for name, values in found.items():
        _check_collectors(f"{path}.{name}", values)
    return found


def _samples(entry: t.Mapping[str, t.Any]) -> dict[int, Values | None]:
    path, samples = f"monitors[{entry['bridge']}].flow_samples", entry["flow_samples"] or []
    refuse_twice(path, [str(sample["id"]) for sample in samples])
    return {sample["id"]: _sample(f"{path}[{sample['id']}]", sample) for sample in samples}


def _sample(path: str, sample: t.Mapping[str, t.Any]) -> Values | None:
    if not 0 <= sample["id"] < 2**32:
        raise InvalidInputError(f"{path}: a number of collectors is from 0 to {2**32 - 1}.")
    if sample["state"] == "absent":
        return None
    values = named_values(c.FLOW_SAMPLE, sample, f"{path}.")
    if values.get("targets") == []:
        raise InvalidInputError(f"{path}.targets names no collector.", hint="Set its state to absent to remove it.")
    _check_collectors(path, values)
    return values


def _check_collectors(path: str, values: Values) -> None:
    for target in values.get("targets", ()):
        if not _COLLECTOR.fullmatch(target):
            raise InvalidInputError(
                f"{path}: '{target}' is no collector.", hint="Write ADDRESS:PORT; an IPv6 address in brackets."
            )
