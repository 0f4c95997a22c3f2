# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.watchdog import Watchdog


def test_it_barks_when_nobody_feeds_it() -> None:
    barked = threading.Event()
    with Watchdog(0.01, barked.set):
        assert barked.wait(30)


def test_it_is_quiet_as_long_as_it_is_fed_and_when_the_work_is_over() -> None:
    barked = threading.Event()
    with Watchdog(2.0, barked.set) as dog:
        for _time in range(3):
            dog.feed()
            time.sleep(0.01)
    dog = Watchdog(0.2, barked.set)
    with dog:
        pass
    time.sleep(0.4)
    assert not barked.is_set()
