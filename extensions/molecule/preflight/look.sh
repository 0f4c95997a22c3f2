#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a role that only looks must leave as it is.
dpkg-query --show
apt-mark showhold
find /etc/apt /etc/libvirt /var/lib/evergreen.virt -type f -printf '%p %s %T@\n' 2>/dev/null | sort
virsh --connect qemu:///system list --all --name
