# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module that talks to an OVSDB server."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors `_argspec.OVSDB`."""

    DOCUMENTATION = r"""
options:
  database:
    description:
      - The OVSDB server as C(unix:PATH), C(tcp:ADDRESS:PORT) or C(ssl:ADDRESS:PORT).
    type: str
    default: unix:/run/openvswitch/db.sock
  private_key:
    description:
      - The client's private key, for C(ssl:) servers.
    type: path
  certificate:
    description:
      - The client's certificate, for C(ssl:) servers.
    type: path
  ca_certificate:
    description:
      - The certificate authority that signed the server's certificate, for C(ssl:) servers.
    type: path
  timeout:
    description:
      - Seconds to wait for the database to answer and for ovs-vswitchd to apply a change.
    type: float
    default: 10.0
requirements:
  - ovs (Debian package C(python3-openvswitch))
"""
