# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in libvirt. Its driver for tests has none, so they are kept here by the same rules."""

from __future__ import annotations

import typing as t
import uuid as uuids
from xml.etree import ElementTree as ET

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    OperationError,
    UnsupportedError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import secret
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect

from .test_secret_xml import NOTHING, Params


def failure(code: int) -> libvirt.libvirtError:
    error = libvirt.libvirtError("said by the test")
    error.err = (code, libvirt.VIR_FROM_SECRET, "said by the test", 2, None, None, None, 0, 0)
    return error


class Secret:
    """virSecret"""

    def __init__(self, host: Host, xml: str) -> None:
        self.host, self.root, self.data = host, ET.fromstring(xml), b""  # noqa: S314 - ours
        if self.root.find("uuid") is None:
            ET.SubElement(self.root, "uuid").text = str(uuids.uuid4())

    def UUIDString(self) -> str:  # noqa: N802
        return self.root.findtext("uuid", "")

    def XMLDesc(self, _flags: int) -> str:  # noqa: N802
        if self not in self.host.secrets:
            raise failure(libvirt.VIR_ERR_NO_SECRET)
        return ET.tostring(self.root, encoding="unicode")

    def value(self, _flags: int) -> bytes:
        if self.root.get("private") == "yes":
            raise failure(libvirt.VIR_ERR_INVALID_SECRET)
        if not self.data:
            raise failure(libvirt.VIR_ERR_NO_SECRET)
        return self.data

    def setValue(self, value: bytes, _flags: int) -> None:  # noqa: N802
        if self.host.full:
            raise failure(libvirt.VIR_ERR_SYSTEM_ERROR)
        self.data = value

    def undefine(self) -> None:
        if self not in self.host.secrets:
            raise failure(libvirt.VIR_ERR_NO_SECRET)
        self.host.secrets.remove(self)


class Host:
    """The part of virConnect that knows secrets."""

    def __init__(self) -> None:
        self.secrets: list[Secret] = []
        self.full = False

    def secretLookupByUUIDString(self, uuid: str) -> Secret:  # noqa: N802
        return self._only([found for found in self.secrets if found.UUIDString() == uuid])

    def secretLookupByUsage(self, kind: int, usage_id: str) -> Secret:  # noqa: N802
        assert kind == libvirt.VIR_SECRET_USAGE_TYPE_CEPH
        return self._only([found for found in self.secrets if found.root.findtext("usage/name") == usage_id])

    def _only(self, found: list[Secret]) -> Secret:
        if not found:
            raise failure(libvirt.VIR_ERR_NO_SECRET)
        return found[0]

    def secretDefineXML(self, xml: str, _flags: int) -> Secret:  # noqa: N802
        new = Secret(self, xml)
        for known in self.secrets:
            if known.UUIDString() == new.UUIDString():
                known.root = new.root
                return known
        self.secrets.append(new)
        return new


def converge(host: Host, check_mode: bool = False, **wanted: t.Any) -> tuple[bool, str | None]:
    connection: t.Any = host
    params: Params = {**NOTHING, **wanted}
    plan, uuid = secret.converge(connection, params, check_mode=check_mode)
    return bool(plan.changes), uuid


def test_the_life_of_a_secret() -> None:
    host = Host()
    assert converge(host, check_mode=True, value="x") == (True, None)
    assert host.secrets == []
    changed, uuid = converge(host, value="x")
    assert changed
    assert host.secrets[0].data == b"x"
    assert converge(host, value="x") == (False, uuid)
    assert converge(host, value="y", description="d", uuid=uuid) == (True, uuid)
    assert (host.secrets[0].data, host.secrets[0].root.findtext("description")) == (b"y", "d")
    assert converge(host, check_mode=True, state="absent") == (True, None)
    assert converge(host, state="absent") == (True, None)
    assert converge(host, state="absent") == (False, None)


def test_a_uuid_and_a_use_of_different_secrets() -> None:
    host = Host()
    converge(host)
    with pytest.raises(ConflictError, match="which cannot be changed to 6a4e2b1e"):
        converge(host, uuid="6a4e2b1e-5d0c-4b8e-9a3f-0c1d2e3f4a5b")


def test_a_new_secret_whose_value_cannot_be_kept_is_taken_away_again() -> None:
    host = Host()
    host.full = True
    with pytest.raises(OperationError, match="set the value of ceph secret 'client'"):
        converge(host, value="x", private=True)
    assert host.secrets == []


def test_a_secret_that_somebody_removes_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    converge(host, value="x")
    gone = host.secrets.pop()
    monkeypatch.setattr(host, "secretLookupByUsage", lambda _kind, _usage_id: gone)
    assert converge(host, state="absent") == (False, None)


def test_a_driver_without_secrets_is_named() -> None:
    with pytest.raises(UnsupportedError, match="TEST at test:///default"), connect("test:///default") as connection:
        secret.converge(connection, NOTHING, check_mode=False)
