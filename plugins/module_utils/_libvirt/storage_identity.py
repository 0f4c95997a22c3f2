# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Which storage a path, a network disk or a pool really is: the `backend` of the facts. Pure.

A path says nothing: two hosts share a disk only if the same server, cluster or target stands behind it.
"""

from __future__ import annotations

import dataclasses
import posixpath
import re
import typing as t
import xml.etree.ElementTree as ET

from .._facts import Pool

_SHARED_FILESYSTEMS = {
    "nfs": "nfs",
    "nfs4": "nfs",
    "ceph": "cephfs",
    "fuse.ceph": "cephfs",
    "glusterfs": "gluster",
    "fuse.glusterfs": "gluster",
    "cifs": "cifs",
    "smb3": "cifs",
    "lustre": "lustre",
}
_DEFAULT_PORTS = {"nbd": "10809", "iscsi": "3260", "gluster": "24007", "http": "80", "https": "443", "ssh": "22"}
_RBD_PORT = "6789"
_POOLS_OF_PATHS = ("dir", "fs", "netfs", "logical")
"""Pool types whose volumes are named as their file is in the pool's directory."""


@dataclasses.dataclass(frozen=True)
class Mount:
    """One mounted filesystem (proc_pid_mountinfo(5)); `root` is the part of the filesystem that is mounted."""

    point: str
    fstype: str
    source: str
    root: str = "/"


def parse_mounts(mountinfo: str) -> tuple[Mount, ...]:
    """Parse the text of `/proc/self/mountinfo`; a later line hides an earlier one of the same mount point."""
    mounts: dict[str, Mount] = {}
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        fields, described = left.split(" "), right.split(" ")
        if separator:
            _id, _parent, _device, mounted, point, *_options = map(_unescape, fields)
            mounts[point] = Mount(point, described[0], _unescape(described[1]), mounted)
    return tuple(mounts.values())


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


@dataclasses.dataclass(frozen=True)
class Storage:
    """What must be known of a host to name the storage behind its paths.

    :param machine_id: stands for storage that only this host has.
    :param ceph_fsid: the host's Ceph cluster; without it the sorted monitors stand for the cluster.
    :param pools: libvirt's pools by their names, for disks that name a pool and a volume.
    :param resolve: follows symbolic links of a path.
    :param afar: the host is asked from another one, where its paths say nothing but what its pools tell of them.
    """

    machine_id: str
    mounts: tuple[Mount, ...] = ()
    ceph_fsid: str | None = None
    pools: t.Mapping[str, Pool] = dataclasses.field(default_factory=dict)
    resolve: t.Callable[[str], str] = posixpath.normpath
    afar: bool = False

    @property
    def local(self) -> str:
        """The backend of everything that no other host can reach."""
        return f"local:{self.machine_id}"

    def tells(self, backend: str | None) -> bool:
        """Return whether a backend is more than "somewhere on a host whose mounts nobody has seen"."""
        return not (self.afar and backend == self.local)

    def of_path(self, path: str) -> str:
        """Return the backend of a file, directory or block device."""
        resolved = self.resolve(path)
        if self.afar:
            return self._of_nearest_pool(resolved)
        inside = [mount for mount in self.mounts if _is_inside(resolved, mount.point)]
        mount = max(inside, key=lambda found: len(found.point), default=None)
        if mount is None or mount.fstype not in _SHARED_FILESYSTEMS:
            return self.local
        part = "" if mount.root == "/" else mount.root
        return f"{_SHARED_FILESYSTEMS[mount.fstype]}:{mount.source}{part}"

    def _of_nearest_pool(self, path: str) -> str:
        inside = [pool for pool in self.pools.values() if pool.active and pool.path and _is_inside(path, pool.path)]
        pool = max(inside, key=lambda found: len(found.path or ""), default=None)
        return self.local if pool is None else pool.backend

    def of_network_source(self, source: ET.Element) -> str:
        """Return the backend of the `<source protocol=...>` of a network disk."""
        protocol, name = source.get("protocol", ""), source.get("name", "").lstrip("/")
        hosts = source.findall("host")
        if any(host.get("transport") == "unix" for host in hosts):
            return self.local
        if protocol == "rbd":
            return f"rbd:{self._ceph_cluster(hosts)}/{name}"
        if protocol == "nfs":
            return f"nfs:{_addresses(hosts, '')}:/{name}"
        return f"{protocol}://{_addresses(hosts, _DEFAULT_PORTS.get(protocol, ''))}/{name}"

    def of_volume(self, pool: str, volume: str) -> tuple[str, str]:
        """Return source (path or URL) and backend of a volume that a disk names by its pool."""
        known = self.pools.get(pool)
        if known is None:
            return f"{pool}/{volume}", self.local
        if known.type == "rbd":
            return f"{known.backend}/{volume}", f"{known.backend}/{volume}"
        if known.path and known.type in _POOLS_OF_PATHS:
            return f"{known.path.rstrip('/')}/{volume}", known.backend
        return f"{pool}/{volume}", known.backend

    def of_source(self, source: ET.Element | None) -> tuple[str | None, str | None]:
        """Return source (path or URL) and backend of the `<source>` of a disk; nothing for an empty drive."""
        if source is None:
            return None, None
        if source.get("protocol"):
            backend = self.of_network_source(source)
            return backend if backend != self.local else source.get("name"), backend
        if source.get("pool"):
            return self.of_volume(source.get("pool", ""), source.get("volume", ""))
        path = source.get("file") or source.get("dev") or source.get("dir")
        return path, self.of_path(path) if path else None

    def of_pool(self, root: ET.Element) -> str:
        """Return the backend of a `<pool>`: https://libvirt.org/formatstorage.html"""
        kind, hosts = root.get("type", ""), root.findall("source/host")
        if kind == "netfs":
            return self._of_netfs_pool(root, hosts)
        if kind == "rbd":
            return f"rbd:{self._ceph_cluster(hosts)}/{root.findtext('source/name', '')}"
        if kind in ("iscsi", "iscsi-direct"):
            device = root.find("source/device")
            target = device.get("path", "") if device is not None else ""
            return f"iscsi://{_addresses(hosts, _DEFAULT_PORTS['iscsi'])}/{target}"
        if kind == "gluster":
            return f"gluster:{_addresses(hosts, '')}:/{root.findtext('source/name', '').lstrip('/')}"
        path = root.findtext("target/path")
        return self.of_path(path) if kind in ("dir", "fs") and path else self.local

    def _of_netfs_pool(self, root: ET.Element, hosts: list[ET.Element]) -> str:
        kind = root.find("source/format")
        name = _SHARED_FILESYSTEMS.get(kind.get("type", "") if kind is not None else "", "nfs")
        directory = root.find("source/dir")
        path = directory.get("path", "") if directory is not None else ""
        return f"{name}:{_addresses(hosts, '')}:{path}"

    def _ceph_cluster(self, hosts: list[ET.Element]) -> str:
        return self.ceph_fsid or _addresses(hosts, _RBD_PORT)


def _is_inside(path: str, point: str) -> bool:
    return point in ("/", path) or path.startswith(f"{point}/")


def _addresses(hosts: list[ET.Element], default_port: str) -> str:
    return ",".join(sorted(_address(host, default_port) for host in hosts))


def _address(host: ET.Element, default_port: str) -> str:
    name, port = host.get("name", ""), host.get("port", default_port)
    bracketed = f"[{name}]" if ":" in name and not name.startswith("[") else name
    return f"{bracketed}:{port}" if port else bracketed
