# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the role upgrade has no time left to begin with a host, or to try it again."""

from __future__ import annotations

import datetime as dt
import time
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated, holds

MINUTE = 60


def value(name: str, **given: t.Any) -> t.Any:
    """Return a variable of a run that began just now, unless it says otherwise."""
    run = {"started": time.time(), "order": [], "waves": []}
    return evaluated("upgrade", name, **{"__upgrade_run": run, "__upgrade_done": [], **given})


def moment(minutes: float) -> dt.datetime:
    """Return when it is so many minutes from now, by the clock of another zone."""
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
    return (dt.datetime.now(zone) + dt.timedelta(minutes=minutes)).replace(microsecond=0)


@pytest.mark.parametrize(
    ("taken", "minutes"),
    [([], 30), ([4 * MINUTE], 30), ([4 * MINUTE, 50 * MINUTE], 50)],
    ids=["none is done", "an empty one", "a large one"],
)
def test_no_host_is_believed_to_be_faster_than_is_expected(taken: list[int], minutes: int) -> None:
    done = [{"__upgrade_seconds": str(seconds)} for seconds in taken]
    assert int(value("__upgrade_host_seconds", __upgrade_done=done)) == minutes * MINUTE


def as_text(minutes: float) -> str:
    """Return that moment as a variable of `-e` has it."""
    return moment(minutes).isoformat()


def in_utc(minutes: float) -> str:
    """Return it as it is written by whoever lives by UTC."""
    return f"{moment(minutes).astimezone(dt.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def without_offset(minutes: float) -> str:
    """Return it as nobody can know which moment it is."""
    return moment(minutes).replace(tzinfo=None).isoformat()


OVER = "the maintenance window is over, and a host takes 30"


def ends(minutes: int) -> str:
    """Return why a host is not begun."""
    return f"the maintenance window ends {minutes} minutes from now, and a host takes 30"


# Moments are made when a test runs, which may be minutes after it was collected.
@pytest.mark.parametrize(
    ("window", "written", "minutes", "expected"),
    [
        (0, None, 0, ""),
        (240, None, 0, ""),
        (31, None, 0, ""),
        (29, None, 0, ends(28)),
        ("29", None, 0, ends(28)),
        (0, as_text, 40, ""),
        (0, moment, 40, ""),
        (0, as_text, 20.5, ends(20)),
        (0, moment, 20.5, ends(20)),
        (240, as_text, -5, OVER),
        (10, as_text, 40, ends(9)),
        (0, in_utc, -1, OVER),
    ],
)
def test_a_host_is_begun_if_there_is_time_for_it(
    window: t.Any, written: t.Callable[[float], t.Any] | None, minutes: float, expected: str
) -> None:
    """By whichever end is the earlier one, as text or as YAML reads it."""
    end = written(minutes) if written else ""
    assert value("__upgrade_too_late", upgrade_window=window, upgrade_window_end=end) == expected


@pytest.mark.parametrize(
    ("end", "well"),
    [
        (lambda: "", True),
        (lambda: as_text(1), True),
        (lambda: moment(1), True),
        (lambda: as_text(-1), False),
        (lambda: without_offset(2880), False),
        (lambda: "06:00", False),
        (lambda: "tomorrow", False),
    ],
    ids=["none", "to come", "as YAML reads it", "over", "without its offset", "of each day", "in words"],
)
def test_what_is_no_moment_to_come_ends_no_window(end: t.Callable[[], t.Any], well: bool) -> None:
    name = "Decide | The maintenance window is one, and not over"
    assert holds("upgrade", "decide.yml", name, upgrade_window_end=end()) is well


@pytest.mark.parametrize(
    ("left", "attempt", "again"), [(None, 2, True), (5, 1, True), (5, 2, True), (1.5, 1, True), (1.5, 2, False)]
)
def test_no_attempt_begins_after_the_window(left: float | None, attempt: int, again: bool) -> None:
    """A host waits a minute before its second attempt, and two before its third."""
    end = "" if left is None else moment(left)
    assert value("__upgrade_again_in_time", upgrade_window_end=end, __upgrade_attempt=attempt) is again


@pytest.mark.parametrize(
    ("host", "canaries", "results", "expected"),
    [
        ("h3", 2, {"h1": "upgraded", "h2": "skipped"}, ""),
        (
            "h3",
            2,
            {"h1": "skipped", "h2": "skipped"},
            "no host of the first wave, which is there to show it, was upgraded: h1, h2",
        ),
        (
            "h3",
            2,
            {"h1": "upgraded", "h2": "failed"},
            "a host of the first wave, which is there to show it, has failed: h2",
        ),
        ("h3", 0, {"h1": "skipped", "h2": "skipped"}, ""),
        ("h2", 2, {"h1": "skipped"}, ""),
        (
            "h4",
            1,
            {"h1": "skipped", "h2": "skipped", "h3": "upgraded"},
            "no host of the first wave, which is there to show it, was upgraded: h1, h2",
        ),
    ],
)
def test_the_first_wave_has_to_show_it(host: str, canaries: int, results: dict[str, str], expected: str) -> None:
    waves = [["h1", "h2"], ["h3"], ["h4"]]
    done = [{"inventory_hostname": name, "upgrade_result": result} for name, result in results.items()]
    given = {"inventory_hostname": host, "upgrade_canary_hosts": str(canaries), "upgrade_max_failures": 9}
    run = {"waves": waves, "order": ["h1", "h2", "h3", "h4"]}
    assert value("__upgrade_spent", __upgrade_run=run, __upgrade_done=done, **given) == expected
