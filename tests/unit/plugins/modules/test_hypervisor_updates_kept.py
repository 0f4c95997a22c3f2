# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept before an update, with a package manager that is none."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError, UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept, record
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import (
    Archives,
    Pending,
    PendingPackage,
)
from ansible_collections.evergreen.virt.plugins.modules.hypervisor_updates_kept import forget, gather, keep

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
        self.meanwhile: dict[str, t.Callable[[], object]] = {}

    def pending(self, _repositories: t.Any, _packages: t.Any) -> Pending:
        self._do_meanwhile("pending")
        return self.update

    def installed(self) -> dict[str, str]:
        return self.now

    def is_older(self, version: str, other: str) -> bool:
        raise NotImplementedError(version, other)

    def download(self, _repositories: t.Any, _packages: t.Any, *, check_mode: bool) -> int:
        raise NotImplementedError(check_mode)

    def keep(self, replaced: t.Mapping[str, str], folder: Path) -> Archives:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{name}_{version}" for name, version in replaced.items()]
        for path in paths:
            path.write_text("package")
        self._do_meanwhile("keep")
        return Archives([str(path) for path in paths], ["app"])

    def _do_meanwhile(self, what: str) -> None:
        """What others do while this is looked for or downloaded."""
        self.meanwhile.get(what, bool)()


@dataclasses.dataclass
class Host:
    """A host's state directory, and the module on it."""

    state: Path
    manager: Manager
    warnings: list[str] = dataclasses.field(default_factory=list)

    def keep(self, *, check_mode: bool = False, files: t.Sequence[str] = ()) -> dict[str, t.Any]:
        params = {"files": list(files), "repositories": None, "obsolete_repositories": None, "packages": []}
        return keep(Task(params, check_mode, warn=print), self.manager, "Debian 12", self.state)

    def forget(self, *, check_mode: bool = False) -> dict[str, t.Any]:
        return forget(Task({}, check_mode, warn=self.warnings.append), self.state)


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


def test_what_lies_on_a_host_is_told_without_its_package_manager(updated: Host) -> None:
    assert gather(updated.state) == {"changed": False, "kept": None, "no_return": None, "maintenance": None}
    before = updated.keep()["kept"]
    begins(updated)
    told = gather(updated.state)
    assert (told["changed"], told["kept"], told["maintenance"]["stage"]) == (False, before, "updating")


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


MORE = dataclasses.replace(PENDING, replaced={"app": "1", "gone": "1"})
LOST = dataclasses.replace(PENDING, lost=["app 1"])


@pytest.mark.parametrize(
    ("update", "moment"),
    [(MORE, "pending"), (MORE, "keep"), (LOST, "pending")],
    ids=["before it is replaced", "while it is replaced", "before it is removed"],
)
def test_another_runs_update_that_begins_meanwhile_has_its_way_back(
    updated: Host, update: Pending, moment: str
) -> None:
    before = updated.keep()["kept"]
    updated.manager.update = update
    updated.manager.meanwhile[moment] = lambda: begins(updated)
    done = updated.keep()
    assert (done["changed"], done["kept"], done["differences"]) == (False, before, [])
    assert [Path(path).read_text() for path in before["archives"]] == ["package"]
    assert len(list(kept.folder(updated.state).iterdir())) == 1


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_an_update_may_go_back_to_is_not_forgotten(updated: Host, check_mode: bool) -> None:
    before = updated.keep()["kept"]
    begins(updated)
    assert updated.forget(check_mode=check_mode) == {"changed": False, "kept": before, "no_return": None}
    assert len(updated.warnings) == 1
    assert [Path(path).read_text() for path in before["archives"]] == ["package"]
    record.clear(updated.state)
    assert updated.forget(check_mode=check_mode)["changed"]


def test_a_download_that_fails_leaves_what_was_kept(updated: Host) -> None:
    def fail() -> None:
        raise UnavailableError("no package")

    before = updated.keep()["kept"]
    updated.manager.update = MORE
    updated.manager.meanwhile["keep"] = fail
    with pytest.raises(UnavailableError):
        updated.keep()
    assert updated.keep(check_mode=True)["changed"]
    updated.manager.update = PENDING
    assert updated.keep() == {"changed": False, "kept": before, "no_return": None}
    assert len(list(kept.folder(updated.state).iterdir())) == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/a", None, "/b"), "/b: No space left on device. Make room"),
        (OSError(errno.EROFS, "Read-only file system", "/a"), "/a: Read-only file system. The task must run as root"),
        (OSError(errno.EIO, "Input/output error"), "/kept/"),
    ],
    ids=["two files", "one", "none"],
)
def test_what_cannot_be_kept_is_named(updated: Host, error: OSError, says: str) -> None:
    def fail() -> None:
        raise error

    updated.manager.meanwhile["keep"] = fail
    with pytest.raises(OperationError, match="cannot keep what the update replaces, ") as refused:
        updated.keep()
    assert says in str(refused.value)
    assert kept.read(updated.state) is None


def test_one_task_at_a_time_keeps(updated: Host) -> None:
    free = []

    def look() -> None:
        with (updated.state / "kept.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                free.append(False)
            else:
                free.append(True)

    updated.manager.meanwhile["keep"] = look
    assert updated.keep()["changed"]
    look()
    assert free == [False, True]
