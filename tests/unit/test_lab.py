# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the lab's image is built again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

LAB = Path(__file__).resolve().parents[1] / "lab"
LOADER = DataLoader()
OWN = LOADER.load_from_file(str(LAB / "vars.yml"), trusted_as_template=True)


def image_id(folder: Path = LAB, **given: Any) -> Any:
    """Return what the image would be known by."""
    known = {**OWN, "playbook_dir": str(folder), **given}
    return Templar(loader=LOADER, variables=known).template(OWN["lab_image_id"])


def test_the_image_is_another_one_with_another_user_or_other_sources(tmp_path: Path) -> None:
    for name in ("files", "templates"):
        shutil.copytree(LAB / name, tmp_path / name)
    ids = [image_id(), image_id(tmp_path), image_id(lab_user="other"), image_id(lab_user_id=1234)]
    with (tmp_path / "templates" / "lab.sources.j2").open("a", encoding="utf-8") as file:
        file.write("# more\n")
    ids.append(image_id(tmp_path))
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4
