# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module that talks to libvirt."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors `_argspec.LIBVIRT`."""

    DOCUMENTATION = r"""
options:
  uri:
    description:
      - The libvirt connection URI, as seen from the host on which the module runs.
    type: str
    default: qemu:///system
requirements:
  - libvirt-python (Debian package C(python3-libvirt))
"""
