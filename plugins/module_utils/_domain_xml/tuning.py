# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM may take of its host: processor time, memory, input and output.

Source: https://libvirt.org/formatdomain.html#cpu-tuning, #memory-tuning, #block-i-o-tuning;
virDomainSetSchedulerParametersFlags, virDomainSetMemoryParameters, virDomainSetBlkioParameters.
"""

from __future__ import annotations

import typing as t

from .option import Group, LiveStep, Option, Scalar, within
from .tree import Element, drop, ensure, integer, set_text, size_in_bytes, text

_MIB = 2**20
_UNLIMITED = 2**53 - 1
"""KiB that libvirt takes for no limit (VIR_DOMAIN_MEMORY_PARAM_UNLIMITED)."""
_NO_QUOTA = -1

_PARTS = {"": "vcpu_", "global_": "global_", "emulator_": "emulator_", "iothread_": "iothread_"}
"""Of a VM's processor time: each virtual CPU, all together, QEMU's other threads, its threads for input and output. With
the beginnings of their parameters in libvirt's call."""

_LIMITS = ("hard_limit", "soft_limit", "swap_hard_limit")


def _drop_if_empty(root: Element, tag: str) -> None:
    if len(ensure(root, tag)) == 0:
        drop(root, tag)


def _number(path: str) -> t.Callable[[Element], t.Optional[int]]:
    return lambda root: integer(text(root, path))


def _put_number(path: str) -> t.Callable[[Element, int], None]:
    return lambda root, value: set_text(root, path, str(value))


def _quota(tag: str) -> t.Callable[[Element], t.Optional[int]]:
    def get(root: Element) -> int | None:
        value = integer(text(root, f"cputune/{tag}"))
        return None if value is None or value < 0 else value

    return get


def _put_quota(tag: str) -> t.Callable[[Element, int], None]:
    def put(root: Element, value: int) -> None:
        ensure(root, "cputune")
        set_text(root, f"cputune/{tag}", str(value) if value else "")
        _drop_if_empty(root, "cputune")

    return put


def _none_or_same(current: int | None, wanted: int) -> bool:
    return (current or 0) == wanted


def _quota_problem(value: int) -> str | None:
    return None if value == 0 else within(1000, 2**44, " microseconds")(value)


def _cpu_items() -> t.Iterator[Scalar]:
    yield Scalar(
        "shares", {"type": "int"}, _number("cputune/shares"), _put_number("cputune/shares"),
        problem=within(1, 2**18),
    )  # fmt: skip
    for part in _PARTS:
        period = f"cputune/{part}period"
        yield Scalar(
            f"{part}period_us", {"type": "int"}, _number(period), _put_number(period),
            problem=within(1000, 10**6, " microseconds"),
        )  # fmt: skip
        yield Scalar(
            f"{part}quota_us", {"type": "int"}, _quota(f"{part}quota"), _put_quota(f"{part}quota"),
            same=_none_or_same, problem=_quota_problem,
        )  # fmt: skip


def _cpu_step(root: Element) -> LiveStep:
    pairs = [("cpu_shares", integer(text(root, "cputune/shares")))]
    for part, prefix in _PARTS.items():
        pairs.append((f"{prefix}period", integer(text(root, f"cputune/{part}period"))))
        pairs.append((f"{prefix}quota", _quota(f"{part}quota")(root) or _NO_QUOTA))
    return LiveStep("scheduler", tuple((name, value) for name, value in pairs if value is not None))


def _memory_limit(tag: str) -> t.Callable[[Element], t.Optional[int]]:
    def get(root: Element) -> int | None:
        size = size_in_bytes(root.find(f"memtune/{tag}"))
        return None if size is None or size // 1024 >= _UNLIMITED else size // _MIB

    return get


def _put_memory_limit(tag: str) -> t.Callable[[Element, int], None]:
    def put(root: Element, mib: int) -> None:
        limit = ensure(root, f"memtune/{tag}")
        limit.set("unit", "KiB")
        limit.text = str(mib * 1024)
        if not mib:
            drop(root, f"memtune/{tag}")
        _drop_if_empty(root, "memtune")

    return put


def _memory_step(root: Element) -> LiveStep:
    pairs = ((tag, (_memory_limit(tag)(root) or 0) * 1024 or _UNLIMITED) for tag in _LIMITS)
    return LiveStep("memory_limits", tuple(pairs))


def _memory_problem(limits: t.Mapping[str, t.Any]) -> str | None:
    swap, hard = limits.get("swap_hard_limit_mib") or 0, limits.get("hard_limit_mib") or 0
    return "swap_hard_limit_mib counts memory and swap, and is less than hard_limit_mib" if 0 < swap < hard else None


def _block_io_step(root: Element) -> LiveStep:
    return LiveStep("block_weight", (("weight", integer(text(root, "blkiotune/weight"))),))


OPTIONS: tuple[Option, ...] = (
    Group(
        "tuning",
        (
            Group("cpu", tuple(_cpu_items()), step=_cpu_step),
            Group(
                "memory",
                tuple(
                    Scalar(
                        f"{tag}_mib", {"type": "int"}, _memory_limit(tag), _put_memory_limit(tag), same=_none_or_same,
                        problem=within(0, 2**32, " MiB"),
                    )
                    for tag in _LIMITS
                ),
                problem=_memory_problem, step=_memory_step,
            ),
            Group(
                "block_io",
                (
                    Scalar(
                        "weight", {"type": "int"}, _number("blkiotune/weight"), _put_number("blkiotune/weight"),
                        problem=within(1, 10**4),
                    ),
                ),
                step=_block_io_step,
            ),
        ),
    ),
)  # fmt: skip
