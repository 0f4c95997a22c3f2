# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python for the modules of a host whose memory is measured: notes the largest resident set of each, in KiB."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

status = subprocess.call(["/usr/bin/python3", *sys.argv[1:]])
with Path(f"{sys.argv[0]}.kib").open("a", encoding="ascii") as notes:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=notes)
sys.exit(status)
