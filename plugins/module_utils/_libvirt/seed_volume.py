# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Seeds for cloud-init as volumes: an ISO image each, written, read back, and removed when no VM has it any more.

Source: https://clalancette.github.io/pycdlib/.
"""

from __future__ import annotations

import contextlib
import io
import struct

from .._deps import Dependency
from .._domain_xml.seed import Files, Seed, is_seed
from .._errors import InvalidInputError, NotFoundError, VirtError
from . import volume_content
from .connection import LIBVIRT, explaining
from .storage_removal import descriptions
from .storage_volume_xml import to_xml
from .view import View

PYCDLIB = Dependency("pycdlib", "pycdlib (Debian package python3-pycdlib)")
with LIBVIRT.importing():
    import libvirt
with PYCDLIB.importing():
    import pycdlib
    import pycdlib.pycdlibexception

_LABEL = "cidata"
_OWNER_ONLY = "0600"
_NO_UPLOAD = ("gluster", "iscsi", "iscsi-direct", "mpath", "rbd", "scsi", "sheepdog")
"""Types of pools in which libvirt makes no volume, or writes nothing into one: storage/storage_backend_*.c of libvirt 11."""


def image(files: Files) -> bytes:
    """Return an ISO image with these files, by which cloud-init knows it."""
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=_LABEL)
    for name, content in files.items():
        short = name.replace("-", "").upper()[:8]
        iso.add_fp(io.BytesIO(content), len(content), f"/{short}.;1", rr_name=name, joliet_path=f"/{name}")
    written = io.BytesIO()
    iso.write_fp(written)
    iso.close()
    return written.getvalue()


def content(data: bytes) -> dict[str, bytes] | None:
    """Return the files of an ISO image, None if it is none or broken: what writes it may have been killed."""
    iso = pycdlib.PyCdlib()
    damage = (pycdlib.pycdlibexception.PyCdlibException, struct.error, IndexError, UnicodeError)
    found = {}
    try:
        iso.open_fp(io.BytesIO(data))
        for _folder, _folders, names in iso.walk(joliet_path="/"):
            for name in names:
                buffer = io.BytesIO()
                iso.get_file_from_iso_fp(buffer, joliet_path=f"/{name}")
                found[name] = buffer.getvalue()
    except damage:  # an older pycdlib checks less before it reads
        return None
    return found


def is_there(view: View, seed: Seed, *, pool_may_come: bool = False) -> bool:
    """Tell whether the pool has the seed, whole.

    :param pool_may_come: in check mode an earlier task would have made a missing pool.
    :raises InvalidInputError: when a seed cannot be written into such a pool.
    :raises MissingDependencyError: when the library pycdlib is missing.
    """
    PYCDLIB.require()
    try:
        pool = view.pool(seed.pool)
    except NotFoundError:
        if not pool_may_come:
            raise
        return False
    if pool.type in _NO_UPLOAD:
        raise InvalidInputError(
            f"cloud_init: libvirt writes no seed into the pool '{seed.pool}', which is of the type {pool.type}.",
            hint="Name another one: cloud_init.pool.",
        )
    volume = pool.volume(seed.volume)
    return volume is not None and content(_download(view.connection, volume)) == dict(seed.files)


def _download(connection: libvirt.virConnect, volume: libvirt.virStorageVol) -> bytes:
    parts: list[bytes] = []
    with explaining(f"read the volume '{volume.name()}'"):
        volume_content.download(connection, volume, parts.append)
    return b"".join(parts)


def write(connection: libvirt.virConnect, seed: Seed) -> None:
    """Put the seed into its pool, in place of a broken one of that name."""
    data = image(seed.files)
    with explaining(f"write the volume '{seed.volume}' in the storage pool '{seed.pool}'"):
        pool = connection.storagePoolLookupByName(seed.pool)
        if seed.volume in pool.listVolumes():
            pool.storageVolLookupByName(seed.volume).delete(0)
        xml = to_xml(seed.volume, len(data), "raw", sparse=False, mode=_OWNER_ONLY)
        volume = pool.createXML(xml, 0)
        volume_content.upload(connection, volume, io.BytesIO(data), len(data))


def remove_others(connection: libvirt.virConnect, domain: libvirt.virDomain, kept: Seed | None) -> None:
    """Remove earlier seeds of a VM, which are generated and hold secrets, as far as neither it nor a snapshot has them any more."""
    sources = [source for root in descriptions(domain) for source in root.iterfind(".//disk//source")]
    used = {source.get("volume") for source in sources} | {kept.volume if kept else None}
    with explaining(f"remove earlier seeds of VM '{domain.name()}'"):
        for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
            for volume in pool.listAllVolumes(0):
                if is_seed(domain.name(), volume.name()) and volume.name() not in used:
                    with contextlib.suppress(VirtError), explaining("remove it"):
                        volume.delete(0)
