# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How hypothesis works here: its examples may take as long as the machine lets them, for `make bench` measures and tests do not.

JSON is parsed in C, as it is on hosts: the `ovs` of PyPI has no such parser, and that of Debian (tests/tools/bootstrap.py) fits its own Python only.
"""

from __future__ import annotations

from pathlib import Path

import ovs
from hypothesis import HealthCheck, settings

ovs.__path__.append(str(Path(__file__).resolve().parents[2] / ".cache/openvswitch/usr/lib/python3/dist-packages/ovs"))

settings.register_profile("evergreen", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("evergreen")
