# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A VM from options to done: everything is read and computed first (`prepare`), then carried out (`carry_out`)."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t
import uuid as uuids

from .._changes import HIDDEN, HIDDEN_NEW, Change, ChangeSet
from .._domain_xml import cluster, convergence, fates, volumes
from .._domain_xml import seed as cloud_init
from .._domain_xml.convergence import Convergence
from .._domain_xml.disks import disks as all_disks
from .._domain_xml.disks import target
from .._domain_xml.fates import Fate
from .._domain_xml.identity import check_name, normal_uuid
from .._domain_xml.option import Entry
from .._domain_xml.seed import Medium
from .._domain_xml.skeleton import defaults, skeleton
from .._domain_xml.tree import Element, parse, serialize
from .._domain_xml.volumes import VolumeStep
from .._errors import ConflictError, InvalidInputError, VirtError
from .._wait import Deadline
from . import (
    disks,
    domain_live,
    domain_state,
    driver_limits,
    images,
    moments,
    moments_xml,
    overlay_check,
    overlays,
    platform_check,
    readiness,
    seed_volume,
    storage_removal,
)
from . import domain as domains
from .domain import Current
from .view import View

if t.TYPE_CHECKING:
    import libvirt


@dataclasses.dataclass(frozen=True)
class Job:
    """All that is going to happen to one VM.

    :param current: what libvirt has now, None if there is no such VM.
    :param changes: everything, for the user.
    :param power: calls of domain_state, after everything else.
    :param autostart: what to set it to, None to leave it.
    :param medium: the seed that is to be in a drive for cloud-init, None if that is not managed.
    :param writes_seed: it is not in its pool yet.
    :param fates: what becomes of the storage of a VM that is removed with it.
    """

    name: str
    params: t.Mapping[str, t.Any]
    current: Current | None
    convergence: Convergence
    volumes: tuple[VolumeStep, ...]
    power: tuple[str, ...]
    autostart: bool | None
    changes: ChangeSet
    fates: tuple[Fate, ...] = ()
    medium: Medium | None = None
    writes_seed: bool = False


def check(params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError for what cannot be meant, before anything is looked at."""
    check_name(params["name"])
    normal_uuid(params.get("uuid"))
    try:
        convergence.check(params)
        readiness.check(params)
        _check_removal(params)
    except InvalidInputError as exc:
        raise exc.within(f"VM '{params['name']}': ") from exc


def _check_removal(params: t.Mapping[str, t.Any]) -> None:
    if params.get("remove_storage") and params["state"] != "absent":
        raise InvalidInputError("remove_storage is for state absent.")


def prepare(view: View, params: t.Mapping[str, t.Any], *, check_mode: bool = False) -> Job:
    """Read what is and compute what has to be done; nothing is changed.

    :param params: the options of `vm`.
    """
    name = params["name"]
    current = view.vm(name, normal_uuid(params.get("uuid")))
    if params["state"] == "absent":
        return _removal(view, params, current)
    try:
        return _present(view, params, current, check_mode)
    except InvalidInputError as exc:
        raise exc.within(f"VM '{name}': ") from exc


def _removal(view: View, params: t.Mapping[str, t.Any], current: Current | None) -> Job:
    if current is None:
        return Job(params["name"], params, None, Convergence(ChangeSet()), (), (), None, ChangeSet())
    found = storage_removal.read(view.connection, current) if params.get("remove_storage") else ()
    changes = ChangeSet.of(Change("name", params["name"], None)) + fates.changes(found)
    power = domain_state.steps(current.state, "absent")
    job = Job(params["name"], params, current, Convergence(ChangeSet()), (), power, None, changes, found)
    _check_driver(view, job)
    return job


def _present(view: View, params: t.Mapping[str, t.Any], current: Current | None, check_mode: bool) -> Job:
    params = cluster.resolved(params, _definition(current), view.cluster, _virt_type(view, params, current))
    platform_check.check(view, _definition(current), params)
    entries = params.get("disks") or []
    where = volumes.places(current.definition if current else None, entries)
    known = disks.read(view, where, pool_may_come=check_mode)
    known = images.of_disks(view, entries, known, may_come=check_mode)
    todo, volume_changes = volumes.steps(entries, where, known)
    images.check_space(view, todo, may_come=check_mode)
    options = dict(params)
    medium = cloud_init.medium(params, _definition(current))
    if medium is not None and medium.drive is not None:
        options["cdroms"] = [*(params.get("cdroms") or ()), medium.drive]
    seed = medium.seed if medium is not None else None
    writes_seed = seed is not None and not seed_volume.is_there(view, seed, pool_may_come=check_mode)
    if entries:
        named = _over_snapshots(view, current, entries, todo)  # first, for the place of an overlay is no other one
        options["disks"] = volumes.completed(_definition(current), named, known)
    converged = _create(view, options) if current is None else _converge(current, options)
    readiness.check_channel(params, _after(current, converged, params["state"]))
    state = current.state if current else "shutoff"
    change_state = domain_state.restart_steps if converged.restart else domain_state.steps
    had_autostart = bool(current and current.autostart)
    autostart = params.get("autostart") if params.get("autostart") != had_autostart else None
    told = {change.path for change in converged.changes}  # a new disk is told with its size
    sizes = [change for change in volume_changes if current and change.path.rpartition(".")[0] not in told]
    changes = converged.changes + ChangeSet.of(*sizes) + volumes.image_changes(todo)
    changes += ChangeSet.between({"autostart": had_autostart}, {"autostart": autostart})
    if writes_seed:
        changes += ChangeSet.of(Change("cloud_init", HIDDEN if current else None, HIDDEN_NEW))
    before = {"state": current.state if current else "absent"}
    changes += ChangeSet.between(before, {"state": domain_state.state_after(state, params["state"])})
    power = change_state(state, params["state"])
    job = Job(params["name"], params, current, converged, todo, power, autostart, changes, (), medium, writes_seed)
    _check_driver(view, job)
    return job


def _check_driver(view: View, job: Job) -> None:
    driver_limits.check(
        view.driver,
        job.name,
        live=job.convergence.steps,
        volumes=job.volumes,
        uploads=["cloud_init"] if job.writes_seed else [],
        power=job.power,
        shutdown_mode=job.params["shutdown_mode"],
    )


def _over_snapshots(
    view: View, current: Current | None, entries: t.Sequence[Entry], todo: t.Iterable[VolumeStep]
) -> t.Sequence[Entry]:
    """Leave the disks alone that external snapshots have put overlays over."""
    if current is None or not view.has_snapshots(current.domain):
        return entries
    found = moments.read(current.domain, moments_xml.SNAPSHOT)
    over = overlays.overlaid(found)
    for step in todo:
        if step.target in over:
            raise ConflictError(
                f"disks[{step.target}]: its volume cannot be changed while it has the external snapshot '{over[step.target]}'.",
                hint="Delete the snapshot with evergreen.virt.vm_snapshot first.",
            )
    return overlays.without_sources(entries, current.definition, found)


def _after(current: Current | None, converged: Convergence, state: str) -> Element | None:
    """Return what the VM will run with, as far as its devices go that are not changed while it runs."""
    if current is not None and current.running is not None and state != "restarted" and not converged.restart:
        return current.running
    return parse(converged.definition) if converged.definition is not None else _definition(current)


def _definition(current: Current | None) -> Element | None:
    return None if current is None else current.definition


def _virt_type(view: View, params: t.Mapping[str, t.Any], current: Current | None) -> str:
    now = (
        defaults(platform_check.emulation(view))["virt_type"] if current is None else current.definition.get("type", "")
    )
    return str(params.get("virt_type") or now)


def _create(view: View, params: t.Mapping[str, t.Any]) -> Convergence:
    if params.get("memory_mib") is None and params.get("memory_max_mib") is None:
        raise InvalidInputError("it does not exist, and a new VM needs memory_mib.")
    host = platform_check.emulation(view)
    named = {key: value for key, value in params.items() if value is not None}
    options = {**defaults(host), **named}
    if view.cluster is not None and "machine" in options:
        options["machine"] = cluster.machine(options["machine"], None, view.cluster)
    uuid = normal_uuid(params.get("uuid")) or str(uuids.uuid4())
    return convergence.create(skeleton(params["name"], uuid, host, options.get("machine")), options)


def _converge(current: Current, params: t.Mapping[str, t.Any]) -> Convergence:
    """A VM that is going to be off, or to start anew, needs no live change."""
    goes_on = params["state"] in ("present", "started", "paused")
    running = current.running if goes_on else None
    converged = convergence.converge(current.definition, running, params, params["apply"])
    if current.persistent:
        return converged
    changes = ChangeSet.of(Change("persistent", before=False, after=True)) + converged.changes
    return dataclasses.replace(
        converged, changes=changes, definition=converged.definition or serialize(current.definition)
    )


def carry_out(connection: libvirt.virConnect, job: Job) -> dict[str, str]:
    """Do it: definition, volumes, live changes, autostart, state, in this order, so that libvirt judges it all first.

    :returns: options that wait for the next start although they were tried in the running VM, and why.
    """
    deadline = Deadline(job.params["timeout"])
    domain = job.current.domain if job.current else None
    if domain is not None and job.params["state"] == "absent":
        _remove(connection, domain, job, deadline)
    if job.convergence.definition is not None:
        domain = domains.define(connection, job.name, job.convergence.definition)
        overlay_check.confirm(connection, domain, job.current, job.params.get("xml"))
    return {} if domain is None or job.params["state"] == "absent" else _change(connection, domain, job, deadline)


def _change(connection: libvirt.virConnect, domain: libvirt.virDomain, job: Job, deadline: Deadline) -> dict[str, str]:
    with _putting_back(connection, domain, job):
        if job.medium is not None and job.medium.seed is not None and job.writes_seed:
            seed_volume.write(connection, job.medium.seed)
        disks.perform(connection, job.volumes, domain, _disks_in_use(job.current))
        answers = domain_live.perform(domain, job.convergence.steps, deadline)
    refused = {path: message for step, message in answers.items() for path in job.convergence.steps[step]}
    if job.autostart is not None:
        domains.set_autostart(domain, job.autostart)
    power = job.power
    if refused and job.params["apply"] == "restart":
        power, refused = domain_state.restart_steps(domains.state(domain), job.params["state"]), {}
    _set_power(domain, power, job.params, deadline)
    if job.medium is not None and job.changes:
        seed_volume.remove_others(connection, domain, job.medium.seed)
    return refused


@contextlib.contextmanager
def _putting_back(connection: libvirt.virConnect, domain: libvirt.virDomain, job: Job) -> t.Iterator[None]:
    """What a running VM refuses may keep it from its next start as well, and so does a volume that cannot be made.

    Then its definition stays as it was; a VM that somebody has removed meanwhile stays away.
    """
    try:
        yield
    except VirtError:
        if job.convergence.definition is not None and domains.find(connection, job.name) is not None:
            domains.take_back(connection, domain, job.current)
        raise


def _set_power(
    domain: libvirt.virDomain, todo: t.Iterable[str], params: t.Mapping[str, t.Any], deadline: Deadline
) -> None:
    domain_state.perform(
        domain, todo, deadline=deadline, force_off=params["force_off"], shutdown_mode=params["shutdown_mode"]
    )


def await_guest(connection: libvirt.virConnect, job: Job) -> None:
    """Wait for the guest, if its VM runs and the user wants that."""
    domain = None if job.params["wait_for"] == "none" else domains.find(connection, job.name)
    if domain is not None and (job.params["state"] != "present" or domains.state(domain) == "running"):
        readiness.wait(domain, job.params["wait_for"], job.params["ready_timeout"])


def _disks_in_use(current: Current | None) -> dict[str | None, Element]:
    running = current.running if current else None
    return {} if running is None else {target(disk): disk for disk in all_disks(running)}


def _remove(connection: libvirt.virConnect, domain: libvirt.virDomain, job: Job, deadline: Deadline) -> None:
    _set_power(domain, job.power, job.params, deadline)
    if job.current is not None and job.current.persistent:
        domains.undefine(connection, domain)
    storage_removal.perform(connection, job.fates, job.name)


def result(
    connection: libvirt.virConnect, job: Job, refused: t.Mapping[str, str], *, check_mode: bool
) -> dict[str, t.Any]:
    """Return what the user is told of one VM: `changed`, `diff`, `restart_required`, `vm` and what became of its storage.

    `vm` is what is after the task; in check mode its options are what they would be.
    """
    changed = bool(job.changes)
    after = domains.read(connection, job.name) if changed and not check_mode else job.current
    return {
        "changed": changed,
        "diff": job.changes.diff(),
        "restart_required": [*job.convergence.waiting, *refused],
        "vm": None if job.params["state"] == "absent" else _shown(after, job, check_mode),
        **fates.told(job.fates),
    }


def _shown(current: Current | None, job: Job, check_mode: bool) -> dict[str, t.Any]:
    text = job.convergence.definition
    root = parse(text) if text is not None and (check_mode or current is None) else _definition(current)
    if root is None:
        return {}
    return {
        "name": job.name,
        "uuid": root.findtext("uuid"),
        "state": current.state if current else "absent",
        "autostart": current.autostart if current else bool(job.autostart),
        **convergence.options_of(root),
    }
