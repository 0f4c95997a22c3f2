# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test's sanity tests on a copy of the collection.

ansible-test wants a Git repository at .../ansible_collections/evergreen/virt, and takes what Git does not ignore. The copy is
kept between runs, and so is what ansible-test installs: below .cache/ansible-test, which is also its home folder.
"""

from __future__ import annotations

import configparser
import filecmp
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "ansible-test"
COPY = WORK / "ansible_collections" / "evergreen" / "virt"
HOME = WORK / "home"
LOG = WORK / "sanity.log"
# The rest is pip telling what it installs.
SHOWN = ("Running sanity test", "ERROR", "FATAL", "WARNING: Required", "WARNING: Reviewing", "See documentation")

# ansible-test fetches pip's installer from a host of its own, unless it finds it in its cache. This one uses Python's.
GET_PIP = """\
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *(a for a in sys.argv[1:] if not a.startswith("--no-"))]))
"""


def git(*arguments: str, folder: Path) -> str:
    """Ask Git."""
    return subprocess.run(["git", *arguments], cwd=folder, text=True, check=True, stdout=subprocess.PIPE).stdout


def copy_collection() -> int:
    """Bring the copy to the state of the checkout: changed files are written, files that are gone are removed."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT).split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    COPY.mkdir(parents=True, exist_ok=True)
    for path in sorted(COPY.rglob("*"), reverse=True):
        name = path.relative_to(COPY).as_posix()
        if name.startswith((".git/", "tests/output/")) or name in {".git", "tests/output"}:
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in wanted:
            path.unlink()
    for name in wanted:
        source, target = ROOT / name, COPY / name
        if not target.is_file() or not filecmp.cmp(source, target, shallow=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    git("init", "--quiet", folder=COPY)
    git("add", "--all", folder=COPY)
    return len(wanted)


def prepare_home() -> None:
    """Give ansible-test a home folder with pip's installer and this machine's settings of pip.

    ansible-test drops pip's variables from the environment of what it starts, so that they have to be in a file.
    """
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{pip_version().replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")
    settings = configparser.RawConfigParser()
    settings.read([Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"], encoding="utf-8")
    settings.read(os.environ.get("PIP_CONFIG_FILE", ""), encoding="utf-8")
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings.set("global", name[4:].lower().replace("_", "-"), value)
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        settings.write(file)


def pip_version() -> str:
    """The version of pip for whose installer this ansible-test looks."""
    spec = importlib.util.find_spec("ansible_test")
    (folder,) = (spec and spec.submodule_search_locations) or [""]
    text = (Path(folder) / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    found = re.search(r"pip='([0-9.]+)'", text)
    if not found:
        sys.exit("tests/tools/sanity.py: this ansible-test names its pip in another way, adapt pip_version()")
    return found.group(1)


def main() -> int:
    """Copy, run, count."""
    prepare_home()
    print(f"sanity: {copy_collection()} files")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = ["ansible-test", "sanity", "--venv", "--python", python, "--color", "no", *sys.argv[1:]]
    environment = {**os.environ, "HOME": str(HOME)}
    environment.pop("ANSIBLE_COLLECTIONS_PATH", None)
    ran = 0
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=COPY, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            log.write(line)
            if line.startswith(SHOWN):
                print(line, end="", flush=True)
            ran += line.startswith("Running sanity test")
    word = "FAILED" if process.returncode or not ran else "passed"
    print(f"{word}  ansible-test sanity: {ran} tests, everything they said: {LOG.relative_to(ROOT)}")
    return process.returncode or (0 if ran else 1)


if __name__ == "__main__":
    sys.exit(main())
