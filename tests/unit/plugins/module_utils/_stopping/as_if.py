# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs in states that libvirt's test driver does not bring them into."""

from __future__ import annotations

import dataclasses
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import stopping


def as_if(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """Let all VMs be read as if they were in this state."""
    real = stopping.read

    def read(connection: libvirt.virConnect, names: t.Collection[str]) -> dict[str, t.Any]:
        found = real(connection, names)
        return {
            name: dataclasses.replace(one, vm=dataclasses.replace(one.vm, state=state)) for name, one in found.items()
        }

    monkeypatch.setattr(stopping, "read", read)
