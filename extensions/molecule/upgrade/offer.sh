#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs a package, and offers the next version of it in a package source on this host. It is counted to libvirt's daemon by its name, so that
# VMs may stay during its update.
set -e
mkdir -p /srv/it-molecule-upgrade/tree/DEBIAN
cd /srv/it-molecule-upgrade
for version in 1 2; do
  printf 'Package: libvirt-daemon-it-molecule\nVersion: %s\nArchitecture: all\nMaintainer: nobody\nDescription: none\n' "$version" > tree/DEBIAN/control
  dpkg-deb --build -Znone tree "$version.deb"
done
dpkg --install 1.deb
rm 1.deb
{
  dpkg-deb --field 2.deb
  echo "Filename: ./2.deb"
  echo "Size: $(stat --format=%s 2.deb)"
  echo "SHA256: $(sha256sum 2.deb | cut -d' ' -f1)"
} > Packages
echo 'deb [trusted=yes] file:/srv/it-molecule-upgrade ./' > /etc/apt/sources.list.d/it-molecule-upgrade.list
