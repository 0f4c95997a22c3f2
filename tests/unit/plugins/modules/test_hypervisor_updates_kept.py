# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept before an update, with a package manager that is none."""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept, record
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import (
    Archives,
    Pending,
    PendingPackage,
)
from ansible_collections.evergreen.virt.plugins.modules.hypervisor_updates_kept import forget, keep

PENDING = Pending(
    [PendingPackage("app", "1", "2"), PendingPackage("fresh", None, "1")],
    [],
    [],
    0,
    "/archives",
    0,
    {},
    "Debian 12",
    frozenset(),
    replaced={"app": "1"},
)


class Manager:
    """Packages that are text files."""

    name = "text"

    def __init__(self) -> None:
        self.now = {"app": "1"}
        self.update = PENDING

    def pending(self, _repositories: t.Any, _packages: t.Any) -> Pending:
        return self.update

    def installed(self) -> dict[str, str]:
        return self.now

    def download(self, _repositories: t.Any, _packages: t.Any, *, check_mode: bool) -> int:
        raise NotImplementedError(check_mode)

    def keep(self, replaced: t.Mapping[str, str], folder: Path) -> Archives:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{name}_{version}" for name, version in replaced.items()]
        for path in paths:
            path.write_text("package")
        return Archives([str(path) for path in paths], ["app"])


@dataclasses.dataclass
class Host:
    """A host's state directory, and the module on it."""

    state: Path
    manager: Manager

    def keep(self, *, check_mode: bool = False, files: t.Sequence[str] = ()) -> dict[str, t.Any]:
        params = {"files": list(files), "repositories": None, "packages": []}
        return keep(Task(params, check_mode, warn=print), self.manager, "Debian 12", self.state)

    def forget(self, *, check_mode: bool = False) -> dict[str, t.Any]:
        return forget(Task({}, check_mode, warn=print), self.state)


@pytest.fixture
def updated(tmp_path: Path) -> Host:
    return Host(tmp_path / "state", Manager())


def test_what_an_update_replaces_is_kept_once(updated: Host, tmp_path: Path) -> None:
    source = tmp_path / "lab.sources"
    would = updated.keep(files=[str(source)], check_mode=True)
    assert (would["changed"], would["kept"]["packages"], kept.read(updated.state)) == (True, {"app": "1"}, None)
    done = updated.keep(files=[str(source)])
    assert (done["changed"], done["no_return"]) == (True, None)
    assert (done["kept"]["new"], done["kept"]["automatic"]) == ({"fresh": "1"}, ["app"])
    assert done["kept"]["files"] == {str(source): None}
    assert [Path(path).read_text() for path in done["kept"]["archives"]] == ["package"]
    again = updated.keep(files=[str(source)])
    assert (again["changed"], again["kept"]) == (False, done["kept"])
    Path(done["kept"]["archives"][0]).unlink()
    assert updated.keep(files=[str(source)], check_mode=True)["changed"]
    assert updated.forget(check_mode=True)["changed"]
    assert kept.read(updated.state) is not None
    assert updated.forget()["changed"]
    assert not updated.forget()["changed"]


def test_what_is_no_way_back_any_more_is_removed(updated: Host) -> None:
    updated.keep()
    updated.manager.update = dataclasses.replace(PENDING, lost=["app 1"])
    done = updated.keep()
    assert (done["changed"], done["kept"]) == (True, None)
    assert done["no_return"] == "no repository has app 1 any more"
    assert kept.read(updated.state) is None
    updated.manager.update = dataclasses.replace(PENDING, packages=[], replaced={})
    assert updated.keep() == {"changed": False, "kept": None, "no_return": None}


def begins(updated: Host) -> None:
    stamp = "2026-01-01T00:00:00+00:00"
    record.write(Maintenance("evergreen.virt", "run", stamp, run_id="r1", stage="updating"), updated.state)


def test_once_the_update_has_begun_it_stays(updated: Host) -> None:
    before = updated.keep()["kept"]
    begins(updated)
    updated.manager.now = {"app": "2", "fresh": "1"}
    updated.manager.update = dataclasses.replace(PENDING, packages=[], replaced={})
    done = updated.keep()
    assert (done["changed"], done["kept"]) == (False, before)
    assert done["differences"] == ["app is at 2, and was at 1", "fresh is installed, and was not"]
    updated.manager.now = {"app": "1"}
    assert updated.keep()["differences"] == []


def test_it_does_not_begin_in_the_middle(updated: Host) -> None:
    begins(updated)
    done = updated.keep()
    assert (done["changed"], done["kept"]) == (False, None)
    assert done["no_return"] == "nothing was kept before its update began"
