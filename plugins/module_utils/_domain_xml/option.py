# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What an option of a VM is: declared once, it can be checked, read, compared and written.

A declaration is one `Scalar`; a `Group` is a dictionary of them on the same element, `Devices` (devices.py) a list
of dictionaries, each on a device of its own. `None` means "not managed" everywhere.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import operator
import typing as t

from .._changes import HIDDEN, HIDDEN_NEW, Change, ChangeSet
from .._errors import InvalidInputError
from .tree import Element

Entry = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class LiveStep:
    """One call that changes the running VM.

    :param call: which one: memory, vcpus, pin_vcpus, attach, update and so on (domain_live.py), or scheduler,
        memory_limits, block_weight, block_limits, iothreads (domain_tuning.py).
    :param argument: what it takes: KiB, a number, CPUs, XML, or pairs of libvirt's parameters and their values.
    :param uncertain: whether it works depends on the guest or on libvirt's version. It is tried once, when the
        definition changes too; if it is refused, the change waits for the next start.
    """

    call: str
    argument: t.Any
    uncertain: bool = False


@dataclasses.dataclass(frozen=True)
class Difference:
    """What differs in the running VM.

    :param step: how it is changed there; None if only a start can.
    :param restartable: False if a restart would not change it either.
    :param once: whether a restart changes it is not known: a VM is restarted for it together with a change of its
        definition only, so that it is not restarted each time.
    :param guess: nor can that be told from the running VM: it counts together with a change of its definition only.
    """

    change: Change
    step: LiveStep | None = None
    restartable: bool = True
    once: bool = False
    guess: bool = False


def covers(current: t.Any, wanted: t.Any) -> bool:
    """Tell whether `current` has everything that `wanted` names; None in it means "not managed"."""
    if wanted is None:
        return True
    if isinstance(wanted, dict) and isinstance(current, dict):
        return all(covers(current.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(current, list):
        return len(current) == len(wanted) and all(map(covers, current, wanted))
    return bool(current == wanted)


@contextlib.contextmanager
def naming(prefix: str) -> t.Iterator[None]:
    """Put the name of what holds the option before the errors of the body."""
    try:
        yield
    except InvalidInputError as exc:
        raise exc.within(prefix) from exc


def named(entry: Entry) -> dict[str, t.Any]:
    """Return what the user named in a dictionary of options."""
    return {key: value for key, value in entry.items() if value is not None}


class Option(abc.ABC):
    """What all options have in common; `root` is the element they live in: the VM's, or a device's.

    :param stacked: it is compared with what the other options have made of the definition, not with what was.
    """

    name: str
    stacked: t.ClassVar[bool] = False

    @property
    @abc.abstractmethod
    def spec(self) -> dict[str, t.Any]:
        """The entry of the module's argument spec."""

    @abc.abstractmethod
    def check(self, wanted: t.Any) -> None:
        """Raise InvalidInputError if the value cannot be meant."""

    @abc.abstractmethod
    def read(self, root: Element) -> t.Any:
        """Return the value as the user would write it, secrets included; None if there is none."""

    @abc.abstractmethod
    def shown(self, value: t.Any) -> t.Any:
        """Return the value without its secrets."""

    @abc.abstractmethod
    def compare(self, root: Element, wanted: t.Any) -> ChangeSet:
        """Return what `write` would change."""

    @abc.abstractmethod
    def write(self, root: Element, wanted: t.Any) -> None:
        """Edit the tree so that `compare` has nothing more to say."""

    @abc.abstractmethod
    def differences(self, running: Element, reached: Element, definition: Element, wanted: t.Any) -> list[Difference]:
        """Return what differs in the running VM and how it would be changed there.

        :param reached: a copy of `running`, in which is written what can be changed; steps are built from it.
        :param definition: what `write` has made of the definition: a device that the running VM lacks is taken from it.
        """

    def purge(self, root: Element, wanted: t.Any) -> ChangeSet:  # noqa: ARG002 only lists have what is not named
        """Remove what the user did not name, and return that."""
        return ChangeSet()

    def superfluous(self, running: Element, wanted: t.Any) -> list[Difference]:  # noqa: ARG002
        """Return what the user did not name in the running VM."""
        return []

    @abc.abstractmethod
    def first(self, wanted: Entry) -> t.Any:
        """Return the value for a new VM or device whose owner named none; None leaves it to libvirt."""


def nothing(_wanted: Entry) -> None:
    """The first value of most options: what libvirt does by itself."""


def fine(_value: t.Any) -> None:
    """The check of an option whose type says everything."""


def not_empty(value: str) -> str | None:
    """The check of a text that libvirt does not keep if it is empty."""
    return None if value else "is empty"


def unset_is(value: t.Any) -> t.Callable[[t.Any, t.Any], bool]:
    """Return a comparison for an option that has this value where nothing is written."""
    return lambda current, wanted: (current or value) == wanted


def within(low: int, high: int, unit: str = "") -> t.Callable[[t.Any], t.Optional[str]]:
    """Return a check of a number's range."""

    def problem(value: t.Any) -> str | None:
        return None if low <= value <= high else f"{value} is not between {low} and {high}{unit}"

    return problem


@dataclasses.dataclass(frozen=True)
class Scalar(Option):
    """One value.

    :param kind: its argument spec.
    :param get: reads it from the element that holds it.
    :param put: writes it there.
    :param same: compares what is with what is wanted.
    :param problem: returns what is wrong with a value, None if nothing is.
    :param initial: for a new VM or device, given its other options.
    :param step: builds the live call from the running VM's (or device's) element after `put`; None, or if it returns None:
        at the next start.
    :param restartable: tells, from the running VM's element and the value, whether a restart would change it.
    :param guess: tells whether a restart changes it if that also changes the definition, and maybe not else.
    :param secret: never shown.
    """

    name: str
    kind: t.Mapping[str, t.Any]
    get: t.Callable[[Element], t.Any]
    put: t.Callable[[Element, t.Any], None]
    same: t.Callable[[t.Any, t.Any], bool] = operator.eq
    problem: t.Callable[[t.Any], t.Optional[str]] = fine
    initial: t.Callable[[Entry], t.Any] = nothing
    step: t.Optional[t.Callable[[Element], t.Optional[LiveStep]]] = None
    restartable: t.Callable[[Element, t.Any], bool] = lambda _running, _wanted: True
    guess: t.Callable[[Element, t.Any], bool] = lambda _running, _wanted: False
    secret: bool = False

    @property
    def spec(self) -> dict[str, t.Any]:
        return {**self.kind, "no_log": True} if self.secret else dict(self.kind)

    def check(self, wanted: t.Any) -> None:
        problem = self.problem(wanted)
        if problem:
            raise InvalidInputError(f"{self.name}: {problem}.")

    def read(self, root: Element) -> t.Any:
        return self.get(root)

    def shown(self, value: t.Any) -> t.Any:
        return HIDDEN if self.secret and value is not None else value

    def compare(self, root: Element, wanted: t.Any) -> ChangeSet:
        current = self.get(root)
        if self.same(current, wanted):
            return ChangeSet()
        after = HIDDEN_NEW if self.secret else wanted
        return ChangeSet.of(Change(self.name, self.shown(current), after))

    def write(self, root: Element, wanted: t.Any) -> None:
        if not self.same(self.get(root), wanted):
            self.put(root, wanted)

    def differences(self, running: Element, reached: Element, _definition: Element, wanted: t.Any) -> list[Difference]:
        changes = list(self.compare(running, wanted))
        if not changes:
            return []
        restartable = self.restartable(running, wanted)
        if self.step is None:
            guess = not restartable and self.guess(running, wanted)
            return [Difference(changes[0], None, restartable or guess, guess=guess)]
        self.put(reached, wanted)
        return [Difference(changes[0], self.step(reached), restartable)]

    def first(self, wanted: Entry) -> t.Any:
        return self.initial(wanted)


@dataclasses.dataclass(frozen=True)
class Group(Option):
    """A dictionary of options that live in the same element: `cpu`, `graphics`, `policy`.

    :param items: its suboptions, written in this order.
    :param rules: further keys of its argument spec, such as `mutually_exclusive`.
    :param problem: returns what is wrong with the suboptions together.
    :param step: builds the one live call for all of them, given the running VM's (or device's) element after `write`; None:
        each has its own.
    """

    name: str
    items: tuple[Option, ...]
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    initial: t.Callable[[Entry], t.Any] = nothing
    problem: t.Callable[[Entry], t.Optional[str]] = nothing
    step: t.Optional[t.Callable[[Element], LiveStep]] = None

    @property
    def spec(self) -> dict[str, t.Any]:
        return {"type": "dict", "options": {item.name: item.spec for item in self.items}, **self.rules}

    def _wanted(self, wanted: Entry) -> t.Iterator[tuple[Option, t.Any]]:
        return ((item, wanted[item.name]) for item in self.items if wanted.get(item.name) is not None)

    def check(self, wanted: t.Any) -> None:
        for item, value in self._wanted(wanted):
            with naming(f"{self.name}."):
                item.check(value)
        problem = self.problem(named(wanted))
        if problem:
            raise InvalidInputError(f"{self.name}: {problem}.")

    def read(self, root: Element) -> t.Any:
        return named({item.name: item.read(root) for item in self.items}) or None

    def shown(self, value: t.Any) -> t.Any:
        return None if value is None else {item.name: item.shown(part) for item, part in self._wanted(value)}

    def compare(self, root: Element, wanted: t.Any) -> ChangeSet:
        changes = ChangeSet()
        for item, value in self._wanted(wanted):
            changes += item.compare(root, value)
        return changes.within(self.name)

    def write(self, root: Element, wanted: t.Any) -> None:
        for item, value in self._wanted(wanted):
            item.write(root, value)

    def differences(self, running: Element, reached: Element, definition: Element, wanted: t.Any) -> list[Difference]:
        found = [
            part
            for item, value in self._wanted(wanted)
            for part in item.differences(running, reached, definition, value)
        ]
        if self.step is not None and found:
            self.write(reached, wanted)
            step = self.step(reached)
            found = [dataclasses.replace(part, step=step) for part in found]
        return [
            dataclasses.replace(part, change=dataclasses.replace(part.change, path=f"{self.name}.{part.change.path}"))
            for part in found
        ]

    def first(self, wanted: Entry) -> t.Any:
        return self.initial(wanted)
