# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A program of one file, made of the code that a module was sent with: what runs later on a host decides as the modules do.

An Ansible module comes as a zip file with all that it imports, and is gone when it ends. What it has imported of this
collection is put into another zip file, which Python runs by its path.
Source: https://docs.python.org/3/library/zipapp.html
"""

from __future__ import annotations

import io
import pathlib
import sys
import zipfile

PACKAGE = "evergreen_virt"
"""Under this name the program finds its code; all imports in module_utils are relative."""

_ROOT = __name__.rpartition(".")[0]
_EPOCH = (1980, 1, 1, 0, 0, 0)


def bundle(entry: str) -> bytes:
    """Return a program that calls `main()` of a room's file, `_metrics.program`; the same code gives the same bytes.

    It runs with `python3 PATH`. Everything that it needs must have been imported.
    """
    files = {f"{PACKAGE}/{name}": text for name, text in _sources().items()}
    folders = {folder.as_posix() for name in files for folder in pathlib.PurePath(name).parents} - {"."}
    for folder in folders:
        files.setdefault(f"{folder}/__init__.py", "")
    files["__main__.py"] = f"from {PACKAGE}.{entry} import main\n\nmain()\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name])
    return content.getvalue()


def _sources() -> dict[str, str]:
    """Return what is imported of module_utils: its path below there, and its text."""
    found = {}
    for name, module in list(sys.modules.items()):
        source = getattr(module.__loader__, "get_source", None) if name.startswith(f"{_ROOT}.") else None
        if source and not hasattr(module, "__path__"):
            found[name[len(_ROOT) + 1 :].replace(".", "/") + ".py"] = source(name)
    return found
