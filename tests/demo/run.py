# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a fresh machine to a finished upgrade: `make demo`.

Starts the lab, installs it by `site`, upgrades it by `rolling_upgrade`, and judges by what the hosts, the guests and an
outside probe say. Ends 0 only if every promise was kept. KEEP=1 leaves the lab up.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import typing as t

from ansible_collections.evergreen.virt.tests.lab.audit import audit, first_audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, OBSERVER, ROOT, playbook_argv, ssh_argv
from ansible_collections.evergreen.virt.tests.lab.sampler import Sampler
from ansible_collections.evergreen.virt.tests.lab.verdict import Claim, judge

OUT = ROOT / "build" / "demo"
STARTED = time.monotonic()


def tell(text: str) -> None:
    """Say what comes next, with the time since the start."""
    elapsed = int(time.monotonic() - STARTED)
    print(f"\n\033[1m[{elapsed // 60:2}:{elapsed % 60:02}] {text}\033[0m", flush=True)


def run(playbook: str, *arguments: str) -> None:
    """Run a playbook in sight; end the demo if it fails."""
    status = subprocess.run(playbook_argv(playbook, *arguments), cwd=ROOT, check=False).returncode
    if status:
        sys.exit(f"{playbook} failed with status {status}.")


@contextlib.contextmanager
def lab() -> t.Iterator[None]:
    """Start the lab, and stop it whatever happens unless KEEP=1."""
    tell("Starting the lab: three hosts of a cluster and an observer")
    run("tests/lab/up.yml")
    try:
        yield
    finally:
        if os.environ.get("KEEP") == "1":
            tell("The lab is left up (make lab-down stops it). To look around:")
            print(how_to_look_around(), flush=True)
        else:
            tell("Stopping the lab")
            subprocess.run(playbook_argv("tests/lab/down.yml"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def how_to_look_around() -> str:
    """Return lines to copy into a shell."""
    lines = [f"  {' '.join(ssh_argv(host))}" for host in (*CLUSTER, OBSERVER)]
    lines += [f"  {' '.join(ssh_argv('h1', 'virsh', 'list', '--all'))}", "  . tests/tools/env.sh"]
    return "\n".join([*lines, "  ansible-playbook -i inventories/lab evergreen.virt.rolling_upgrade --check"])


def upgrade() -> list[Claim]:
    """Carry out the upgrade under observation and judge it."""
    before = first_audit()
    with Sampler() as sampler:
        options = ("-e", f"upgrade_report_directory={OUT}", "-e", "upgrade_probe_interval_ms=50")
        run("evergreen.virt.rolling_upgrade", *options)
    tell("Asking the hosts and the guests what they have seen")
    return judge(json.loads((OUT / "report.json").read_text()), before, audit(), sampler)


def main() -> None:
    """Run the demo."""
    for old in OUT.glob("*"):
        old.unlink()
    with lab():
        tell("Making hypervisors of them: install, configure, switch, storage, six VMs")
        run("evergreen.virt.site")
        tell("Planning the upgrade from Debian 12 to Debian 13; nothing is touched")
        run("evergreen.virt.rolling_upgrade", "--check")
        tell("Upgrading, while the VMs keep running")
        claims = upgrade()
    tell("Done")
    for claim in claims:
        print(f"  {'ok  ' if claim.kept else 'FAIL'} {claim.text}")
        for failure in claim.failures:
            print(f"         {failure}")
    print(f"\n  The report: {OUT / 'report.html'} and report.json", flush=True)
    sys.exit(0 if all(claim.kept for claim in claims) else 1)


if __name__ == "__main__":
    main()
