# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests type and write because a guide says so."""

from __future__ import annotations

import json

from ansible_collections.evergreen.virt.tests.ecosystem import guides

TEXT = """
One
---

.. code-block:: yaml

   # a/b.yml
   c:

     d: 1

.. code-block:: yaml

   of: nothing

.. code-block:: console

   $ first 'in one
     word'
   $ second

Two
---

.. code-block:: console

   # as root
"""


def test_a_guide_is_taken_to_pieces() -> None:
    assert guides.files(TEXT) == {"a/b.yml": "# a/b.yml\nc:\n\n  d: 1\n\n"}
    assert guides.commands(guides.section(TEXT, "One")) == [["first", "in one\n  word"], ["second"]]
    assert guides.section(TEXT, "Two").strip().endswith("# as root")


def test_the_way_for_hosts_that_are_hypervisors_already() -> None:
    text = guides.guide("getting_started")
    assert list(guides.files(text)) == ["inventory/hosts.yml"]
    first, *others = guides.commands(guides.section(text, "Hosts that are hypervisors already"))
    assert first[:2] == ["ansible", "hypervisors"]
    assert "python3-libvirt" in json.loads(first[-1])["name"]
    configure = ["ansible-playbook", "-i", "inventory", "evergreen.virt.configure"]
    assert others == [[*configure, "--check", "--diff"], configure]
    (last,) = guides.commands(guides.section(text, "Can the cluster be upgraded?"))
    assert last == ["ansible-playbook", "-i", "inventory", "evergreen.virt.rolling_upgrade", "--check"]
