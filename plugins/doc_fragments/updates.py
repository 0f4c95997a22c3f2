# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which update a module is about."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors `_argspec.UPDATES`."""

    DOCUMENTATION = r"""
options:
  repositories:
    description:
      - Ask what would be pending with exactly these sources instead of the host's own. What is installed, pinned, held and
        trusted is still the host's.
      - The options of an entry are those of M(ansible.builtin.deb822_repository). An entry of the type V(rpm) names a repository
        for dnf; O(repositories[].name) is its id, O(repositories[].uris) are its base URLs, which may contain dnf's variables, and
        suites, components and architectures it has none.
    type: list
    elements: dict
    suboptions:
      name:
        description: A name, for messages.
        type: str
        required: true
      types:
        description: Binary packages, sources or both; or RPM packages.
        type: list
        elements: str
        choices: [deb, deb-src, rpm]
        default: [deb]
      uris:
        description: Where it is.
        type: list
        elements: str
        required: true
      suites:
        description: The suites, or a path that ends with C(/). At least one, unless the type is V(rpm).
        type: list
        elements: str
      components:
        description: The components; none if the suite is a path.
        type: list
        elements: str
      architectures:
        description: The architectures, by default the host's.
        type: list
        elements: str
      trusted:
        description: Whether it, or with V(rpm) each of its packages, is trusted without a valid signature.
        type: bool
      signed_by:
        description: The path of a keyring on the host, a fingerprint, or the armored key itself; with V(rpm) the path. No URL.
        type: str
      enabled:
        description: Entries that are not enabled are left out.
        type: bool
        default: true
  obsolete_repositories:
    description:
      - Files of the host's own package sources that go. If given, be it empty, the host's other sources are asked beside O(repositories), except files
        and repositories of the same names.
      - Without O(repositories), and unless it is empty, the host's other sources are asked alone.
    type: list
    elements: path
  packages:
    description:
      - Names of packages that shall be installed together with the update. They and what they need are part of what is pending as long as they
        are not installed. Whether what they only recommend comes along is the setting of the host's apt; dnf leaves it out.
      - For what a release has moved to a package of its own that an upgrade does not bring.
    type: list
    elements: str
    default: []
  refresh:
    description:
      - Whether to ask the host's own sources for what they hold now. Otherwise the lists that the host has are believed,
        which may be old.
      - The sources of O(repositories) are always asked, and those that are asked beside them or instead of O(obsolete_repositories).
    type: bool
    default: true
"""
