# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlay: what it may say, what it shows, and that it never contradicts another option."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.overlay import OVERLAY, document
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

from .samples import SAMPLES, adopted

BOMB = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><domain><title>&b;</title></domain>'
OUTSIDE = '<!DOCTYPE d SYSTEM "file:///etc/passwd"><domain/>'
CONTROL = 'xmlns:r="urn:evergreen.virt:xml:1"'


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ("", "not an XML document"),
        ("domain", "not an XML document"),
        ("<domain>", "not an XML document"),
        ("<domain/><domain/>", "not an XML document"),
        ("<domain>&bomb;</domain>", "not an XML document"),
        ("<domain><x:a/></domain>", "not an XML document"),
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        ("<network/>", "root is <network>"),
        ("<a:domain xmlns:a='urn:x'/>", "must be <domain>"),
        ("<domain><name>b</name></domain>", "Name the VM with 'name'"),
        ("<domain><uuid/></domain>", "'uuid'"),
        ("<domain><metadata><vm xmlns='urn:evergreen.virt:vm:1'/></metadata></domain>", "'labels' and 'policy'"),
        (
            (
                "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>"
                "<q:commandline><q:arg value='x'/></q:commandline></domain>"
            ),
            "'qemu_arguments'",
        ),
        (f"<domain {CONTROL}><a r:remov='yes'/></domain>", "remov of <a> is not known"),
        (f"<domain {CONTROL}><a r:remove='no'/></domain>", "remove of <a> is not known"),
        (f"<domain {CONTROL}><r:a/></domain>", "is not known"),
        (f"<domain {CONTROL}><a x='1' r:remove-attributes='x'/></domain>", "names x, and removes it"),
        (f"<domain {CONTROL} r:remove='yes'/>", "whole"),
        ("<domain>" + "<a>" * 40 + "</a>" * 40 + "</domain>", "deeper than 32"),
        (f"<domain><title>{'a' * 2**20}</title></domain>", "longer than"),
        ("<domain><title>\x00</title></domain>", "not allow"),
    ],
)
def test_what_cannot_be_an_overlay_is_refused(xml: str, says: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        convergence.check({"xml": xml})
    assert says in str(caught.value)


def test_a_device_of_another_option_is_there_when_the_overlay_is_merged() -> None:
    params = {
        "disks": [{"target": "vdb", "path": "/dev/b"}],
        "xml": "<domain><devices><disk><driver discard='unmap'/><target dev='vdb'/></disk></devices></domain>",
    }
    result = convergence.converge(adopted(), None, params)
    assert [change.path for change in result.changes] == ["disks[vdb]", "xml.devices.disk[vdb].driver@discard"]
    assert result.definition is not None
    assert not convergence.converge(tree.parse(result.definition), None, params).changes


def test_secrets_are_not_shown() -> None:
    xml = (
        "<domain><devices><graphics type='vnc' passwd='TOP'/><graphics type='spice' passwd='TOP'/>"
        "<disk type='network'><source protocol='https'><cookies><cookie name='TOP'>TOP</cookie></cookies></source>"
        "<target dev='vdz'/></disk></devices><title>shown</title></domain>"
    )
    changes = convergence.converge(adopted(), None, {"xml": xml}).changes.diff()
    assert changes["before"]["xml.devices.graphics[vnc]@passwd"] == "(hidden)"
    assert changes["after"]["xml.devices.graphics[vnc]@passwd"] == "(hidden, another one)"
    assert 'dev="vdz"' in changes["after"]["xml.devices.disk[vdz]"]
    assert changes["after"]["xml.title"].startswith("<title>shown")
    assert "TOP" not in str(changes)
    assert "TOP" not in OVERLAY.shown(xml)
    assert OVERLAY.spec["no_log"]


def test_a_value_may_look_like_an_element() -> None:
    xml = "<domain><on_crash>&lt;b&gt;</on_crash><devices><watchdog action='&lt;'/></devices></domain>"
    changes = convergence.converge(adopted(), None, {"xml": xml}).changes.diff()
    assert changes["after"] == {"xml.on_crash": "<b>", "xml.devices.watchdog@action": "<"}


def test_the_namespace_of_removal_does_not_reach_libvirt() -> None:
    xml = f"<domain {CONTROL}><devices><watchdog r:remove-attributes='action'/><sound model='ich9'/></devices></domain>"
    result = convergence.converge(adopted(), None, {"xml": xml})
    assert result.definition is not None
    assert "urn:evergreen.virt:xml" not in result.definition
    assert document(xml).find("devices/watchdog") is not None


def test_what_qemu_alone_knows_is_kept_in_its_namespace() -> None:
    qemu = "http://libvirt.org/schemas/domain/qemu/1.0"
    xml = f"<domain xmlns:q='{qemu}'><q:commandline><q:env name='A' value='1'/></q:commandline></domain>"
    text = convergence.converge(tree.parse(SAMPLES["terraform"]), None, {"xml": xml}).definition
    assert text is not None
    found = tree.parse(text).findall(f"{{{qemu}}}commandline/*")
    assert [element.get("value") for element in found][1:] == [
        "name=opt/com.coreos/config,file=/var/lib/libvirt/images/tf-node-0.ign",
        "1",
    ]


@pytest.mark.parametrize("apply", ["live", "restart"])
def test_a_vm_is_restarted_for_an_overlay_once(apply: str) -> None:
    params = {"xml": "<domain><devices><watchdog action='none'/></devices></domain>"}
    result = convergence.converge(adopted(), adopted(), params, apply)
    assert result.restart == (apply == "restart")
    assert result.definition is not None
    again = convergence.converge(tree.parse(result.definition), adopted(), params, apply)
    assert not again.restart
    assert not again.changes
    assert again.waiting == ("xml.devices.watchdog@action",)
