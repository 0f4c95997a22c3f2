# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What brings the host's interfaces up: which files it reads, and how it is told that they have changed."""

from __future__ import annotations

import dataclasses
import pathlib
import stat
import typing as t

from .. import _programs, _systemd
from .._errors import ConflictError, OperationError
from .._files import refused, sync_directory, write_atomically
from . import ifupdown, networkd
from .interface import Interface

Files = t.Mapping[pathlib.Path, t.Optional[str]]
"""Path -> content; None for a file that is not there."""


@dataclasses.dataclass(frozen=True)
class Manager:
    """One of the programs that bring interfaces up.

    :param unit: the systemd unit that is active while it manages the host's network.
    :param text: returns the file of an interface.
    :param shared: files that may describe the same interfaces, and have to stop doing so.
    :param down: the command to be run for changed interfaces while the old files are there, without their names.
    :param up: the command to be run when the new ones are there.
    :param describes: the command that shows how the files describe an interface, and fails if they do not. All of them get the names
        of the interfaces; without it none does.
    :param rival: what may bring up the same interfaces besides.
    """

    name: str
    unit: str
    folder: pathlib.Path
    prefix: str
    suffix: str
    text: t.Callable[[Interface], str]
    down: tuple[str, ...] = ()
    up: tuple[str, ...] = ()
    describes: tuple[str, ...] = ()
    shared: t.Callable[[], t.Iterable[pathlib.Path]] = tuple
    rival: Manager | None = None

    def path(self, name: str) -> pathlib.Path:
        return self.folder / f"{self.prefix}{name}{self.suffix}"

    def wanted(self, interfaces: t.Sequence[Interface]) -> dict[pathlib.Path, str | None]:
        """Return the files as they shall be."""
        described = {item.name for item in interfaces if not item.absent}
        found: dict[pathlib.Path, str | None] = {
            self.path(item.name): None if item.absent else self.text(item) for item in interfaces
        }
        for path in sorted(set(self.shared()) - set(found)):
            found[path] = ifupdown.without(_text(path), described)
        return found


INTERFACES = pathlib.Path("/etc/network/interfaces")

IFUPDOWN = Manager(
    name="ifupdown",
    unit="networking.service",
    folder=pathlib.Path("/etc/network/interfaces.d"),
    prefix="evergreen-virt-",
    suffix="",
    text=ifupdown.text,
    down=("ifdown", "--force"),
    up=("ifup",),
    describes=("ifquery",),
    shared=lambda: [path for path in (INTERFACES, *INTERFACES.with_suffix(".d").glob("*")) if path.is_file()],
)
# The first file by its name is the one that counts, whoever wrote it: netplan's and the installer's begin with 10.
NETWORKD = Manager(
    name="systemd-networkd",
    unit="systemd-networkd.service",
    folder=pathlib.Path("/etc/systemd/network"),
    prefix="05-evergreen-virt-",
    suffix=".network",
    text=networkd.text,
    up=("networkctl", "reload"),
    rival=IFUPDOWN,
)
MANAGERS = (NETWORKD, IFUPDOWN)
"""In the order in which the host is asked; the first that runs is it."""


def find(name: str) -> Manager:
    """Return the manager of that name, or for `auto` the one that runs.

    :raises ConflictError: when none does.
    """
    for manager in MANAGERS:
        if name == manager.name or (name == "auto" and _is_active(manager.unit)):
            return manager
    raise ConflictError(
        f"neither {' nor '.join(manager.name for manager in MANAGERS)} runs on this host.",
        hint="Give its interfaces their addresses by what manages its network, and name none here.",
    )


def _is_active(unit: str) -> bool:
    return any(map(_systemd.is_active, _systemd.show(["ActiveState"], [unit])))


def read(paths: t.Iterable[pathlib.Path]) -> dict[pathlib.Path, str | None]:
    """Return the files as they are."""
    return {path: _text(path) if path.is_file() else None for path in paths}


def differing(wanted: Files, now: Files) -> Files:
    """Return those of the wanted files that are not so now."""
    return {path: content for path, content in wanted.items() if content != now[path]}


def _text(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise ConflictError(
            f"{path} is not text in UTF-8 ({exc.reason} at byte {exc.start}), and is not changed.",
            hint="Write it in UTF-8, for example with iconv, and run the task again.",
        ) from exc


def write(files: Files) -> None:
    """Make files what they shall be. One that is there keeps its mode, and its place if a symbolic link leads to it.

    :raises OperationError: when one cannot be written.
    """
    for path, content in files.items():
        _write(path, content)


def write_back(files: Files) -> list[OperationError]:
    """Do as `write`; return why some cannot be written, which keeps none of the others from it."""
    problems = []
    for path, content in files.items():
        try:
            _write(path, content)
        except OperationError as exc:
            problems.append(exc)
    return problems


def _write(path: pathlib.Path, content: str | None) -> None:
    try:
        if content is None:
            path.unlink(missing_ok=True)
            sync_directory(path.parent)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.resolve()
            write_atomically(file, content, mode=stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644)
    except OSError as exc:
        raise refused(f"write {path}", exc) from exc


def bring_down(manager: Manager, names: t.Sequence[str]) -> None:
    """Let the manager give up interfaces whose files are about to change. That one was not up is no failure."""
    if manager.down and names:
        _programs.run([*manager.down, *names])


def bring_up(manager: Manager, names: t.Sequence[str]) -> None:
    """Let the manager take up what its files say now, those included that only they themselves name.

    :raises OperationError: when it cannot.
    """
    described = [name for name in names if description(manager, name) is not None]
    if manager.describes and not described:
        return
    _programs.output([*manager.up, *described], f"{manager.name} does not bring up {', '.join(names)}")


def unread(manager: Manager, interfaces: t.Iterable[Interface]) -> list[str]:
    """Return which files the manager does not read, each as a sentence's part."""
    wanted = [item.name for item in interfaces if manager.describes and not item.absent]
    return [
        f"{manager.path(name)} is not read ({INTERFACES} has to source its folder)"
        for name in wanted
        if description(manager, name) is None
    ]


def description(manager: Manager, name: str) -> str | None:
    """Return how the manager's files describe an interface; None if they do not, or if it does not show that."""
    if not manager.describes:
        return None
    try:
        done = _programs.run([*manager.describes, name])
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
