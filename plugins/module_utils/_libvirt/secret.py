# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Secrets of libvirt: what it shows to Ceph, iSCSI, LUKS, TLS and TPM on behalf of VMs and storage pools.

Source: https://libvirt.org/html/libvirt-libvirt-secret.html
"""

from __future__ import annotations

import contextlib
import typing as t

from .._domain_xml import tree
from .._domain_xml.identity import normal_uuid
from .._errors import ConflictError, NotFoundError, VirtError
from . import secret_xml
from .connection import LIBVIRT, explaining
from .secret_xml import described

with LIBVIRT.importing():
    import libvirt


def converge(
    connection: libvirt.virConnect, params: t.Mapping[str, t.Any], *, check_mode: bool
) -> tuple[secret_xml.Plan, str | None]:
    """Bring a secret to what the options say; return what that meant and its UUID, None if there is none.

    :param params: the options of the module `secret`.
    :raises ConflictError: when UUID and use belong to different secrets, or libvirt does not change what differs.
    """
    found = _find(connection, params)
    current = None if found is None else _read(found, params)
    plan = secret_xml.plan(params, current)
    if not check_mode:
        found = _apply(connection, found if current else None, params, plan)
    if params["state"] == "absent":
        return plan, None
    return plan, normal_uuid(params["uuid"]) if found is None else found.UUIDString()


def _find(connection: libvirt.virConnect, params: t.Mapping[str, t.Any]) -> libvirt.virSecret | None:
    by_uuid = by_use = None
    uuid, usage = normal_uuid(params["uuid"]), params["usage"]
    if uuid is not None:
        by_uuid = _lookup(params, lambda: connection.secretLookupByUUIDString(uuid))
    if usage is not None:
        kind = getattr(libvirt, f"VIR_SECRET_USAGE_TYPE_{usage.upper()}")
        by_use = _lookup(params, lambda: connection.secretLookupByUsage(kind, params["usage_id"]))
    if uuid is not None and by_use is not None and by_use.UUIDString() != uuid:
        raise ConflictError(
            f"{described(params)} has the UUID {by_use.UUIDString()}, which cannot be changed to {uuid}.",
            hint="Remove it first (state: absent), or leave uuid out.",
        )
    return by_uuid or by_use


def _lookup(params: t.Mapping[str, t.Any], call: t.Callable[[], libvirt.virSecret]) -> libvirt.virSecret | None:
    try:
        with explaining(f"look for {described(params)}"):
            return call()
    except NotFoundError:
        return None


def _read(secret: libvirt.virSecret, params: t.Mapping[str, t.Any]) -> secret_xml.Current | None:
    """Return None if somebody has just removed it."""
    try:
        with explaining(f"read {described(params)}"):
            known = secret_xml.Current(tree.parse(secret.XMLDesc(0)))
    except NotFoundError:
        return None
    if known.private:
        return known
    try:
        with explaining(f"read the value of {described(params)}"):
            return secret_xml.Current(known.root, secret.value(0))
    except NotFoundError:  # also what libvirt says of a secret without value
        return known


def _apply(
    connection: libvirt.virConnect,
    secret: libvirt.virSecret | None,
    params: t.Mapping[str, t.Any],
    plan: secret_xml.Plan,
) -> libvirt.virSecret | None:
    what, is_new = described(params), secret is None
    if secret is not None and plan.undefine:
        gone_already = contextlib.suppress(NotFoundError)  # somebody else was faster
        with gone_already, explaining(f"remove {what}"):
            secret.undefine()
    if plan.define is not None:
        with explaining(f"define {what}"):
            secret = connection.secretDefineXML(plan.define, 0)
    if secret is not None and plan.value is not None:
        with _without_leftovers(secret, is_new), explaining(f"set the value of {what}"):
            secret.setValue(plan.value, 0)
    return secret


@contextlib.contextmanager
def _without_leftovers(secret: libvirt.virSecret, is_new: bool) -> t.Iterator[None]:
    """A new private secret without value would look finished to the next run."""
    try:
        yield
    except VirtError:
        if is_new:
            with contextlib.suppress(libvirt.libvirtError):
                secret.undefine()
        raise
