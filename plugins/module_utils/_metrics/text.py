# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Metrics as Prometheus reads them (pure).

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text-based format)
"""

from __future__ import annotations

import dataclasses
import typing as t

Labels = t.Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Metric:
    """A gauge with its samples, one for each set of labels. `name` ends with its unit."""

    name: str
    help: str
    samples: tuple[tuple[Labels, float], ...]


def gauge(name: str, meaning: str, value: float, **labels: str) -> Metric:
    """Return a metric with one sample."""
    return Metric(name, meaning, ((labels, value),))


def exposition(metrics: t.Iterable[Metric]) -> str:
    """Return the text of a file for node_exporter's textfile collector."""
    return "".join(map(_lines, metrics))


def _lines(metric: Metric) -> str:
    head = f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} gauge\n"
    return head + "".join(f"{metric.name}{_labels(labels)} {value:.17g}\n" for labels, value in metric.samples)


def _labels(labels: Labels) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items()))
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
