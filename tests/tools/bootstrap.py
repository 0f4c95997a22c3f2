# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make .cache/venv (the toolchain), .cache/collections (this collection and those the tests need) and .cache/openvswitch.

Runs before anything is installed, hence on the standard library alone, and as any user. Does nothing when the toolchain is already
the one that the files under tests/ ask for; several at once wait for the first. With `bench` as argument it adds the peers that
only the benchmarks need. Debian packages that are missing are named and not installed: `make packages` does that, as root.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
VENV = CACHE / "venv"
COLLECTIONS = CACHE / "collections" / "ansible_collections"
TOOLCHAIN = ("tests/requirements.txt", "tests/constraints.txt", "tests/tools/bootstrap.py")
SWITCH = CACHE / "openvswitch"
PACKAGES = ROOT / "tests" / "apt-packages.txt"
SWITCH_PACKAGES = ("openvswitch-switch", "python3-openvswitch")
PEERS = "tests/collections.txt"
BENCH_PEERS = "tests/bench/collections.txt"
# ssh puts a name of 11 characters and a suffix of 17 behind the folder; a Unix socket's path ends at 107.
LONGEST_ROOT = 107 - 28 - len("/.cache/cp")


def run(*argv: str, folder: str | None = None) -> None:
    """Run a command; show what it printed only when it fails."""
    done = subprocess.run(argv, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}\n{' '.join(argv)}: exit code {done.returncode}\n{lacking()}")


def lacking() -> str:
    """Name the Debian packages of the tools that this machine does not have, and the way to them; nothing if it has them all."""
    wanted = [line for line in PACKAGES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}${Package}\\n", *wanted]
    known = subprocess.run(query, text=True, capture_output=True, check=False).stdout.splitlines()
    names = [name for name in wanted if f"ii {name}" not in known]
    told = f"Not installed, so that what needs them fails: {', '.join(names)}. Root installs them by: make packages"
    return told if names else ""


def refusal(cache: Path) -> str:
    """Say why this user cannot work with what is in a cache, for one that root has made is closed to all others; nothing if he can.

    The lab's part does not count: only root brings the lab up.
    """
    if not cache.exists():
        told = f"{cache.parent} is closed to you: use a checkout of your own."
        return "" if os.access(cache.parent, os.W_OK) else told
    for path in (cache, *sorted(cache.iterdir())):
        if path.name != "lab" and not os.access(path, os.W_OK):
            return f"{path} was made by another user and is closed to you. Have it deleted: sudo rm -r {path}"
    return ""


def fingerprint(*names: str) -> str:
    """What the installed state depends on: these files and this interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def pip(*arguments: str) -> None:
    """Call the venv's pip."""
    run(str(VENV / "bin" / "pip"), "--quiet", "--disable-pip-version-check", *arguments)


def install_toolchain() -> None:
    """Build the venv anew from the pinned lists."""
    shutil.rmtree(VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", str(VENV))
    pip("install", "--no-compile", "-r", str(ROOT / TOOLCHAIN[0]), "-c", str(ROOT / TOOLCHAIN[1]))
    # So that `ansible_collections.evergreen.virt` can be imported by every program of the venv.
    (packages,) = (VENV / "lib").glob("python3*/site-packages")
    (packages / "evergreen.pth").write_text(f"{COLLECTIONS.parent}\n", encoding="utf-8")


def install_peers(listed: str) -> None:
    """Take the listed collections out of the `ansible` package: its wheel unpacks to over 500 MB, these to 3."""
    lines = (ROOT / listed).read_text(encoding="utf-8").splitlines()
    package, *names = [line for line in lines if line and not line.startswith("#")]
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        pip("download", "--no-deps", "--no-cache-dir", "--dest", folder, package)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in names:
                prefix = f"ansible_collections/{name.replace('.', '/')}/"
                members = [member for member in archive.namelist() if member.startswith(prefix)]
                if not members:
                    sys.exit(f"{listed}: {package} does not contain {name}")
                shutil.rmtree(COLLECTIONS.parent / prefix, ignore_errors=True)
                archive.extractall(COLLECTIONS.parent, members)


def install_switch() -> None:
    """Take ovs-vswitchd out of its Debian package: if that were installed, it would run on this machine and want its kernel.

    The Python library comes along for its parser in C, which hosts have and PyPI's does not. The package lists are this folder's own:
    those of the machine only root can bring up to date.
    """
    shutil.rmtree(SWITCH, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        settings = (f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache", "APT::Sandbox::User=root")
        (Path(folder) / "lists" / "partial").mkdir(parents=True)
        apt = ["apt-get", "--quiet", *(part for setting in settings for part in ("-o", setting))]
        run(*apt, "update")
        run(*apt, "download", *SWITCH_PACKAGES, folder=folder)
        for package in Path(folder).glob("*.deb"):
            run("dpkg-deb", "--extract", str(package), str(SWITCH))


def once(stamp: Path, wanted: str, what: str, action: Callable[[], None]) -> None:
    """Call the action unless the stamp says that it was done for the same input."""
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"installing {what} into {stamp.parent.relative_to(ROOT)}", flush=True)
    started = time.monotonic()
    action()
    stamp.write_text(wanted, encoding="utf-8")
    print(f"installed {what} in {time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    """Bring .cache/ to what the checkout asks for."""
    if len(str(ROOT)) > LONGEST_ROOT:
        sys.exit(
            f"{ROOT}: ssh's sockets do not fit below this path; move the checkout to one of at most {LONGEST_ROOT} characters"
        )
    if refused := refusal(CACHE):
        sys.exit(refused)
    if told := lacking():
        print(told, flush=True)
    for folder in ("cp", "ansible/tmp", "xdg"):
        (CACHE / folder).mkdir(parents=True, exist_ok=True)
    (CACHE / "cp").chmod(0o700)
    os.environ["XDG_CACHE_HOME"] = str(CACHE / "xdg")
    with (CACHE / "bootstrap.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        once(VENV / ".stamp", fingerprint(*TOOLCHAIN), "the toolchain", install_toolchain)
        COLLECTIONS.mkdir(parents=True, exist_ok=True)
        once(
            COLLECTIONS / ".stamp",
            fingerprint(PEERS),
            "the collections that the tests need",
            functools.partial(install_peers, PEERS),
        )
        if "bench" in sys.argv[1:]:
            once(
                COLLECTIONS / ".stamp-bench",
                fingerprint(BENCH_PEERS),
                "the peers of the benchmarks",
                functools.partial(install_peers, BENCH_PEERS),
            )
        once(SWITCH / ".stamp", " ".join(SWITCH_PACKAGES), "the Open vSwitch of the unit tests", install_switch)
        link = COLLECTIONS / "evergreen" / "virt"
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink() or link.readlink() != ROOT:
            link.unlink(missing_ok=True)
            link.symlink_to(ROOT)


if __name__ == "__main__":
    main()
