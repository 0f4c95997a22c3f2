# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as somebody sees it who has no checkout: an inventory of his own, with the key that opens the hosts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from .cluster import INVENTORY, RUN


def copied_inventory(folder: Path) -> Path:
    """Copy the lab's inventory to a folder, with the keys of a lab that is up, and return where it is; it names nothing outside of the folder.

    :raises RuntimeError: when the inventory no longer says in one line where the keys are.
    """
    inventory, keys = folder / "inventory", folder / "keys"
    shutil.copytree(INVENTORY, inventory)
    keys.mkdir()
    for name in ("id_ed25519", "known_hosts"):
        shutil.copy2(RUN / name, keys)
    connection = inventory / "group_vars" / "all" / "connection.yml"
    text, lines = re.subn(r"^lab_run: .*$", f"lab_run: {keys}", connection.read_text(), flags=re.MULTILINE)
    if lines != 1:
        raise RuntimeError(f"{connection}: there is not one line for lab_run, but {lines}")
    connection.write_text(text)
    return inventory
