# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Lists of devices: each device is found by its key, never by its position in the list of the user."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from .._errors import InvalidInputError
from .option import Difference, Entry, LiveStep, Option, named, naming, nothing
from .tree import Element, copied, drop, ensure, serialize

Match = t.Callable[[t.Sequence[Element], t.Sequence[Entry]], "list[t.Optional[Element]]"]


@dataclasses.dataclass(frozen=True)
class Devices(Option):
    """A list of dictionaries, each on a device of its own.

    :param key: the suboption that names a device.
    :param items: the suboptions, the key among them, written in this order.
    :param find: returns the VM's devices of this kind.
    :param match: returns the device that each entry means, None for a new one.
    :param create: appends a new device to the VM; gets its entry and its place in the list.
    :param hotplug: tells whether a running VM takes or gives such a device.
    :param rules: further keys of an entry's argument spec, such as `mutually_exclusive`.
    :param problem: returns what is wrong with an entry as a whole.
    :param written: called with the VM's root after a device of it was written.
    :param called: returns the name of a device, from its entry or from what was read of it; None: it is its key.
    :param described: returns the XML by which libvirt updates a device of a running VM.
    """

    name: str
    key: str
    items: tuple[Option, ...]
    find: t.Callable[[Element], t.Sequence[Element]]
    match: Match
    create: t.Callable[[Element, Entry, int], Element]
    hotplug: t.Callable[[Element], bool] = lambda _device: False
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    problem: t.Callable[[Entry], t.Optional[str]] = nothing
    initial: t.Callable[[Entry], t.Any] = nothing
    written: t.Callable[[Element], None] = lambda _root: None
    called: t.Optional[t.Callable[[Entry], t.Any]] = None
    described: t.Callable[[Element], str] = serialize

    @property
    def spec(self) -> dict[str, t.Any]:
        options = {item.name: item.spec for item in self.items}
        return {"type": "list", "elements": "dict", "options": options, **self.rules}

    def check(self, wanted: t.Any) -> None:
        keys = [key for entry in wanted if (key := self._called(entry)) is not None]
        for key in keys:
            if keys.count(key) > 1:
                raise InvalidInputError(f"{self.name}: {self.key} {key!r} is named twice.")
        for place, entry in enumerate(wanted):
            with naming(f"{self._label(entry, place)}."):
                self._check_entry(entry)

    def _check_entry(self, entry: Entry) -> None:
        for item, value in self._wanted(entry):
            item.check(value)
        problem = self.problem(entry)
        if problem:
            raise InvalidInputError(f"{self.key}: {problem}.")

    def read(self, root: Element) -> t.Any:
        return [self._read(device) for device in self.find(root)]

    def shown(self, value: t.Any) -> t.Any:
        return None if value is None else [self._shown(entry) for entry in value]

    def compare(self, root: Element, wanted: t.Any) -> ChangeSet:
        changes = ChangeSet()
        for device, entry, label in self._pairs(root, wanted):
            if device is None:
                changes += ChangeSet.of(Change(label, None, self._shown(entry)))
            else:
                for item, value in self._wanted(entry):
                    changes += item.compare(device, value).within(label)
        return changes

    def write(self, root: Element, wanted: t.Any) -> None:
        for place, (device, entry, _label) in enumerate(self._pairs(root, wanted)):
            self._write(root, device, entry, place)
        self.written(root)

    def purge(self, root: Element, wanted: t.Any) -> ChangeSet:
        others = self._others(root, wanted)
        changes = [Change(self._device_label(device), self._shown(self._read(device)), None) for device in others]
        for device in others:
            ensure(root, "devices").remove(device)
        self.written(root)
        return ChangeSet.of(*changes)

    def differences(self, running: Element, _reached: Element, definition: Element, wanted: t.Any) -> list[Difference]:
        found: list[Difference] = []
        defined = self.match(self.find(definition), wanted)
        for (device, entry, label), model in zip(self._pairs(running, wanted), defined):
            if device is not None:
                found += self._updated(device, entry, label)
            elif model is not None:
                found.append(self._attached(model, entry, label))
        return found

    def superfluous(self, running: Element, wanted: t.Any) -> list[Difference]:
        return [self._detached(device) for device in self._others(running, wanted)]

    def first(self, wanted: Entry) -> t.Any:
        return self.initial(wanted)

    def _attached(self, defined: Element, entry: Entry, label: str) -> Difference:
        device = copied(defined)
        drop(device, "address")  # of the definition, may be taken in the running VM
        step = LiveStep("attach", serialize(device)) if self.hotplug(device) else None
        return Difference(Change(label, None, self._shown(entry)), step)

    def _detached(self, device: Element) -> Difference:
        step = LiveStep("detach", serialize(device)) if self.hotplug(device) else None
        return Difference(Change(self._device_label(device), self._shown(self._read(device)), None), step)

    def _updated(self, device: Element, entry: Entry, label: str) -> list[Difference]:
        reached = copied(device)
        found = [
            (item, value, part)
            for item, value in self._wanted(entry)
            for part in item.differences(device, reached, device, value)
        ]
        found.sort(key=lambda place: place[2].step is not None and place[2].step.uncertain)
        updates = self._updates(device, found)
        return [
            dataclasses.replace(
                part,
                change=dataclasses.replace(part.change, path=f"{label}.{part.change.path}"),
                step=updates.get(part.step, part.step),
            )
            for _item, _value, part in found
        ]

    def _updates(
        self, device: Element, found: list[tuple[Option, t.Any, Difference]]
    ) -> dict[LiveStep | None, LiveStep]:
        """Return what becomes of each update: one call for all that libvirt does, a second one for what it may refuse."""
        after = copied(device)
        updates: dict[LiveStep | None, LiveStep] = {}
        for uncertain in (False, True):
            parts = [
                (item, value, part.step)
                for item, value, part in found
                if part.step is not None and part.step.call == "update" and part.step.uncertain == uncertain
            ]
            for item, value, _step in parts:
                item.write(after, value)
            step = LiveStep("update", self.described(after), uncertain)
            updates.update({part: step for _item, _value, part in parts})
        return updates

    def _write(self, root: Element, device: Element | None, entry: Entry, place: int) -> None:
        values = self._wanted(entry)
        if device is None:
            device = self.create(root, entry, place)
            values = [(item, value) for item in self.items if (value := self._or_first(item, entry)) is not None]
        for item, value in values:
            item.write(device, value)

    @staticmethod
    def _or_first(item: Option, entry: Entry) -> t.Any:
        return item.first(entry) if entry.get(item.name) is None else entry[item.name]

    def _wanted(self, entry: Entry) -> list[tuple[Option, t.Any]]:
        return [(item, entry[item.name]) for item in self.items if entry.get(item.name) is not None]

    def _pairs(self, root: Element, wanted: t.Sequence[Entry]) -> list[tuple[Element | None, Entry, str]]:
        matched = self.match(self.find(root), wanted)
        return [
            (device, entry, self._label(entry, place) if device is None else self._device_label(device))
            for place, (device, entry) in enumerate(zip(matched, wanted))
        ]

    def _others(self, root: Element, wanted: t.Sequence[Entry]) -> list[Element]:
        matched = [id(device) for device in self.match(self.find(root), wanted) if device is not None]
        return [device for device in self.find(root) if id(device) not in matched]

    def _label(self, entry: Entry, place: int) -> str:
        key = self._called(entry)
        return f"{self.name}[{place + 1 if key is None else key}]"

    def _device_label(self, device: Element) -> str:
        return f"{self.name}[{self._called(self._read(device))}]"

    def _called(self, entry: Entry) -> t.Any:
        return entry.get(self.key) if self.called is None else self.called(entry)

    def _read(self, device: Element) -> dict[str, t.Any]:
        return named({item.name: item.read(device) for item in self.items})

    def _shown(self, entry: Entry) -> dict[str, t.Any]:
        return {item.name: item.shown(value) for item, value in self._wanted(entry)}


def always(_device: Element) -> bool:
    """The `hotplug` of devices that every running VM takes and gives."""
    return True


def by_key(read: t.Callable[[Element], t.Any], key: str) -> Match:
    """Return a match for devices that always have a key."""

    def match(found: t.Sequence[Element], entries: t.Sequence[Entry]) -> list[Element | None]:
        known = {read(device): device for device in found}
        return [known.get(entry[key]) for entry in entries]

    return match


def update_step(device: Element) -> LiveStep:
    """The live call of a suboption that libvirt changes in a device of a running VM."""
    return LiveStep("update", serialize(device))


def uncertain_update_step(device: Element) -> LiveStep:
    """The same, where not every version of libvirt can."""
    return LiveStep("update", serialize(device), uncertain=True)
