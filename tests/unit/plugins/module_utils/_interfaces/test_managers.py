# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    OperationError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces import managers
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.interface import (
    MARK,
    Interface,
    Route,
    wanted_interfaces,
)

PLAIN = {"state": "present", "addresses": None, "dhcp": False, "mtu": None, "routes": None, "dns": None}


def test_networkd_is_told_addresses_and_routes() -> None:
    text = managers.NETWORKD.text(
        Interface(
            "m0", addresses=("192.0.2.1/24",), dns=("192.0.2.3",), mtu=1400, routes=(Route("0.0.0.0/0", "192.0.2.9"),)
        )
    )
    assert text.split("\n\n") == [
        f"{MARK}\n[Match]\nName=m0",
        "[Link]\nMTUBytes=1400",
        "[Network]\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nConfigureWithoutCarrier=yes\nAddress=192.0.2.1/24\nDNS=192.0.2.3",
        "[Route]\nDestination=0.0.0.0/0\nGateway=192.0.2.9\n",
    ]
    assert "DHCP=yes" in managers.NETWORKD.text(Interface("m0", dhcp=True))


@pytest.mark.parametrize(
    ("interface", "waits"),
    [
        (Interface("m0", addresses=("192.0.2.1/24",)), True),
        (Interface("m0", dhcp=True), True),
        (Interface("m0", mtu=9000), False),
    ],
)
def test_a_boot_waits_for_interfaces_that_get_addresses(interface: Interface, waits: bool) -> None:
    assert ("RequiredForOnline=no" not in managers.NETWORKD.text(interface)) == waits


def test_the_file_of_networkd_comes_before_those_of_others() -> None:
    others = ["10-netplan-eno1.network", "10-eno1.network", "50-static.network", "80-container-host0.network"]
    assert min([*others, managers.NETWORKD.path("eno1").name]) == managers.NETWORKD.path("eno1").name


def test_files_are_written_and_put_back(tmp_path: Path) -> None:
    manager = dataclasses.replace(managers.NETWORKD, folder=tmp_path / "new")
    wanted = manager.wanted([Interface("a", dhcp=True), Interface("b", absent=True)])
    before = managers.read(wanted)
    assert before == dict.fromkeys(wanted)
    managers.write(wanted)
    assert managers.read(wanted) == wanted
    assert [path.name for path in manager.folder.iterdir()] == ["05-evergreen-virt-a.network"]
    managers.write(before)
    assert list(manager.folder.iterdir()) == []


def test_a_file_that_is_written_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("secret")
    file.chmod(0o600)
    link.symlink_to(file)
    managers.write({link: "another"})
    assert link.is_symlink()
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("another", 0o600)


def test_what_cannot_be_put_back_is_told_and_the_rest_is_put_back(tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("")
    problems = managers.write_back({tmp_path / "no folder" / "a": "old", tmp_path / "b": "old"})
    assert [str(tmp_path / "no folder" / "a") in problem.message for problem in problems] == [True]
    assert (tmp_path / "b").read_text() == "old"


def test_ifupdown_forgets_what_other_files_say_of_the_same_interface(tmp_path: Path) -> None:
    main = tmp_path / "interfaces"
    main.write_text("auto lo a\niface lo inet loopback\niface a inet dhcp\n")
    manager = dataclasses.replace(managers.IFUPDOWN, folder=tmp_path / "d", shared=lambda: [main])
    wanted = manager.wanted([Interface("a")])
    assert wanted[main] == "auto lo\niface lo inet loopback\n"
    assert "iface a inet manual" in str(wanted[manager.path("a")])


def test_what_ifupdown_does_not_read_is_told(tmp_path: Path) -> None:
    manager = dataclasses.replace(managers.IFUPDOWN, folder=tmp_path, describes=("test", "a", "="))
    wanted = [Interface("a"), Interface("b"), Interface("c", absent=True)]
    [said] = managers.unread(manager, wanted)
    assert said.startswith(f"{tmp_path / 'evergreen-virt-b'} is not read")
    assert managers.unread(dataclasses.replace(manager, describes=()), wanted) == []


def test_a_file_that_is_no_text_is_told_by_its_name(tmp_path: Path) -> None:
    main = tmp_path / "interfaces"
    main.write_bytes(b"# B\xfcro\n")
    manager = dataclasses.replace(managers.IFUPDOWN, shared=lambda: [main])
    for read in (lambda: manager.wanted([]), lambda: managers.read([main])):
        with pytest.raises(ConflictError, match=f"{main} is not text in UTF-8"):
            read()


def test_a_manager_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    program = tmp_path / "up"
    program.write_text('#!/bin/sh\necho "no such $*" >&2\nexit 1\n')
    program.chmod(0o755)
    manager = dataclasses.replace(managers.IFUPDOWN, up=(str(program),), describes=("test", "a", "="))
    with pytest.raises(OperationError, match=r"no such a\.$"):
        managers.bring_up(manager, ["a", "b"])
    managers.bring_up(manager, ["b"])  # nothing describes it any more


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"name": "a/b"}, "no name"),
        ({"name": "a234567890123456"}, "no name"),
        ({"name": "a", "addresses": ["192.0.2.1"]}, "192.0.2.1/24|prefix"),
        ({"name": "a", "addresses": ["192.0.2.300/24"]}, "192.0.2.300"),
        ({"name": "a", "routes": [{"to": "default", "via": "192.0.2.1"}]}, "default"),
        ({"name": "a", "routes": [{"to": "0.0.0.0/0", "via": "x"}]}, "'x'"),
        ({"name": "a", "dns": ["example.org"]}, "example.org"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        wanted_interfaces([{**PLAIN, **entry}])


def test_a_netmask_is_a_prefix() -> None:
    route = {"to": "198.51.100.0/255.255.255.0", "via": "192.0.2.1"}
    [found] = wanted_interfaces([{**PLAIN, "name": "a", "addresses": ["192.0.2.1/255.255.0.0"], "routes": [route]}])
    assert (found.addresses, found.routes) == (("192.0.2.1/16",), (Route("198.51.100.0/24", "192.0.2.1"),))


def test_an_interface_is_named_once() -> None:
    with pytest.raises(InvalidInputError, match="twice"):
        wanted_interfaces([{**PLAIN, "name": "a"}, {**PLAIN, "name": "a"}])
