# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The target of a move, as the source host sees it: reached the same way as libvirtd itself will reach it.

Sources: https://libvirt.org/remote.html (TLS on port 16514), virStoragePoolLookupByTargetPath, virStorageVolLookupByPath.
"""

from __future__ import annotations

import contextlib
import pathlib
import socket
import time
import typing as t

from .._domain_xml import tree
from .._errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from .connection import LIBVIRT, connect, explaining
from .move import Order
from .move_speed import End

with LIBVIRT.importing():
    import libvirt

TLS_PORT = 16514
ANSWERS_IN_S = 5.0
OPENS_IN_S = 30.0
PAUSE_S = 1.0
_TRIES = 3
Answer = t.TypeVar("Answer")


def uri(address: str) -> str:
    """Return the libvirt URI of a target."""
    return f"qemu+tls://{bracketed(address)}/system"


def bracketed(address: str) -> str:
    """Return an address as URIs want it."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


@contextlib.contextmanager
def reach(name: str, address: str) -> t.Iterator[libvirt.virConnect]:
    """Open a connection to a target for the length of the body.

    :raises UnavailableError: when its address is unknown, nothing listens there, TLS fails, or its libvirtd hangs.
    """
    try:
        socket.create_connection((address, TLS_PORT), timeout=ANSWERS_IN_S).close()
    except OSError as exc:
        raise UnavailableError(
            f"the libvirtd of target '{name}' does not answer on {bracketed(address)}:{TLS_PORT}: {exc}.",
            hint="Check the address, the firewall, and that libvirtd-tls.socket listens on the target"
            " (the role evergreen.virt.configure sets it up).",
            target=name,
            address=address,
        ) from exc
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(connect(uri(address), opens_in_s=OPENS_IN_S))
        except UnavailableError as exc:
            raise UnavailableError(
                f"target '{name}' does not accept this host: {exc.message}",
                hint="Both need certificates of the same authority: /etc/pki/CA/cacert.pem, and in /etc/pki/libvirt"
                " servercert.pem and clientcert.pem with their keys; the server's must carry the address as DNS or IP name.",
                target=name,
                address=address,
            ) from exc
        yield connection


class Targets:
    """The targets of several moves, each reached once for the length of the body."""

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._reached: dict[str, libvirt.virConnect] = {}

    def __enter__(self) -> Targets:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def reach(self, name: str, address: str) -> libvirt.virConnect:
        """Return a connection to a target; errors as of the function."""
        if address not in self._reached:
            self._reached[address] = self._open.enter_context(reach(name, address))
        return self._reached[address]


def find(target: libvirt.virConnect, *, name: str = "", uuid: str = "") -> libvirt.virDomain | None:
    """Return the VM on the target, by its UUID or else by its name; None if it is not there."""
    try:
        with explaining(f"look for VM '{name or uuid}' on the target"):
            return target.lookupByUUIDString(uuid) if uuid else target.lookupByName(name)
    except NotFoundError:
        return None


def has_come(domain: libvirt.virDomain | None, uuid: str | None, *, running: bool) -> bool:
    """Return whether what the target has under the name of a VM is that VM, as its move leaves it.

    :param uuid: the VM's, None if nobody here knows it any more.
    :param running: it would run.
    """
    if domain is None:
        return False
    with explaining("look at the VM on the target"):
        return uuid in (None, domain.UUIDString()) and (not running or bool(domain.isActive()))


def ask(order: Order, question: t.Callable[[libvirt.virDomain | None], Answer]) -> Answer:
    """Return the answer to a question about the VM on its target, where it may be or not; asked a few times.

    :raises UnavailableError: when the target does not answer.
    """
    for _again in range(_TRIES - 1):
        with contextlib.suppress(UnavailableError):
            return _asked(order, question)
        time.sleep(PAUSE_S)
    return _asked(order, question)


def _asked(order: Order, question: t.Callable[[libvirt.virDomain | None], Answer]) -> Answer:
    with reach(order.to, order.address) as target:
        return question(find(target, uuid=order.uuid))


def end(connection: libvirt.virConnect, name: str) -> End:
    """Return what decides how fast a host can send and take VMs."""
    with explaining(f"read the versions of '{name}'"):
        return End(name, {"libvirt": connection.getLibVersion(), "QEMU": connection.getVersion()})


def check(target: libvirt.virConnect, source_hostname: str, order: Order, paths: t.Mapping[str, str]) -> None:
    """Refuse what libvirt would refuse late or in other words.

    :param paths: on the source, of the disks that are to be copied, by their targets.
    :raises InvalidInputError: when the target is the source.
    :raises ConflictError: when the target has another VM of that name, of that UUID or with such a disk, or no room for a disk.
    """
    with explaining(f"ask target '{order.to}' for its name"):
        hostname = target.getHostname()
    if hostname == source_hostname:
        raise InvalidInputError(f"VM '{order.vm}' is on '{hostname}', and its target '{order.to}' is the same host.")
    _check_name(target, order)
    if paths:
        _check_files_are_free(target, order, set(paths.values()))
    for disk, path in paths.items():
        _check_room(target, order, disk, path)


def _check_name(target: libvirt.virConnect, order: Order) -> None:
    namesake, twin = find(target, name=order.vm), find(target, uuid=order.uuid)
    if namesake is not None and namesake.UUIDString() != order.uuid:
        raise ConflictError(
            f"target '{order.to}' has another VM of the name '{order.vm}' (UUID {namesake.UUIDString()}).",
            hint="Rename or remove one of the two.",
        )
    if twin is not None and twin.name() != order.vm:
        raise ConflictError(
            f"target '{order.to}' has a VM of the UUID {order.uuid} under another name, '{twin.name()}'.",
            hint=f"It is '{order.vm}' under an earlier name, or a copy of it: remove its definition there.",
        )
    if twin is not None and twin.isActive():
        raise ConflictError(
            f"VM '{order.vm}' is active on target '{order.to}' too.",
            hint="Find out with virsh which of the two is alive.",
        )


def _check_files_are_free(target: libvirt.virConnect, order: Order, paths: set[str]) -> None:
    with explaining(f"list the disks of target '{order.to}'"):
        roots = [
            tree.parse(domain.XMLDesc(0)) for domain in target.listAllDomains(0) if domain.UUIDString() != order.uuid
        ]
    for root in roots:
        sources = {value for source in root.iterfind("devices/disk/source") for value in source.attrib.values()}
        for path in sorted(paths & sources):
            raise ConflictError(
                f"VM '{order.vm}' cannot be copied: on target '{order.to}' VM '{root.findtext('name')}' uses {path}.",
                hint="Give one of the two disks another path.",
            )


def _check_room(target: libvirt.virConnect, order: Order, disk: str, path: str) -> None:
    directory = str(pathlib.PurePosixPath(path).parent)
    try:
        with explaining(f"look for {path} on target '{order.to}'"):
            pool = target.storagePoolLookupByTargetPath(directory)
            pool.refresh(0)  # it must know what an earlier stay of the VM left
    except NotFoundError as exc:
        raise ConflictError(
            f"disk {disk} of VM '{order.vm}' has to be copied, and target '{order.to}' has no active storage pool with"
            f" the path {directory}.",
            hint="Define and start one there, so that libvirt can make the volume; or put the disk on shared storage.",
            disk=disk,
            path=path,
        ) from exc
