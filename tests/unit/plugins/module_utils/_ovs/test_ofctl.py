# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import MissingDependencyError, OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import ofctl
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flow_model import Flow
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.openflow_switch import connect, receive, send

from .fake_switch import FakeSwitch, agreeable

STAND_IN = '''#!{python}
"""Says what ovs-ofctl would say of some lines, and writes down how it was started."""
import sys, pathlib
lines = sys.stdin.read().splitlines()
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
for number, line in enumerate(lines, 1):
    if "unknown" in line:
        sys.exit(f"ovs-ofctl: -:{{number}}: unknown keyword {{line.split()[-1]}}")
if any("lost" in line for line in lines):
    head = "2026-01-01T00:00:00Z|00001|ofp_match|INFO|"
    print(head + "normalization changed ofp_match, details:", head + " pre: nw_src=1.2.3.4", head + "post: ip", sep="\\n", file=sys.stderr)
if any("never" in line for line in lines):
    sys.exit("ovs-ofctl: none of the usable flow formats (none) is among the allowed flow formats (OXM-OpenFlow15)")
'''


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of ovs-ofctl, and the file in which each line is one start of it."""
    program, log = tmp_path / "ovs-ofctl", tmp_path / "started"
    program.write_text(STAND_IN.format(python=sys.executable, log=str(log)), encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    return log


@pytest.fixture
def translator(tmp_path: Path) -> t.Iterator[ofctl.Translator]:
    with FakeSwitch(tmp_path, agreeable), connect("br0", tmp_path, 5) as switch:
        yield ofctl.Translator(switch, 20)


def test_without_the_program_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="'ovs-ofctl' is not installed") as caught:
        ofctl.require()
    assert "openvswitch-common" in caught.value.hint


@pytest.mark.parametrize(
    ("lines", "index", "text"),
    [
        (["a", "b", "an unknown foo", "c"], 2, "unknown keyword foo"),
        (["lost", "b", "c"], 0, "of the match 'nw_src=1.2.3.4' only 'ip' would take effect"),
        (["never", "b", "c"], 0, "none of the usable flow formats"),
        (["lost"], 0, "of the match"),
    ],
)
def test_the_line_that_is_wrong_is_found(
    translator: ofctl.Translator, started: Path, lines: list[str], index: int, text: str
) -> None:
    outcome = translator.messages(lines)
    assert isinstance(outcome, ofctl.Complaint)
    assert outcome.index == index
    assert text in outcome.text
    assert "|" not in outcome.text
    assert started.read_text(encoding="utf-8").splitlines()[0].startswith("-O OpenFlow15 bundle unix:/")


def test_nothing_starts_no_program(translator: ofctl.Translator, started: Path) -> None:
    assert translator.messages([]) == []
    assert translator.flow_texts([]) == []
    assert not started.exists()


def test_flows_that_got_lost_are_an_error(translator: ofctl.Translator, started: Path) -> None:
    with pytest.raises(OperationError, match="0 messages of 2"):
        translator.messages(["a", "b"])
    with pytest.raises(OperationError, match="cannot show"):
        translator.flow_texts([Flow(0, 0, b"", 0, 0, 0, 0, 0, b"")])
    assert len(started.read_text(encoding="utf-8").splitlines()) == 2


def test_the_relay_keeps_changes_and_passes_questions_on(tmp_path: Path) -> None:
    change = of.Message(6, of.FLOW_MOD, 8, b"change")
    with FakeSwitch(tmp_path, agreeable) as fake, connect("br0", tmp_path, 5) as switch:
        with ofctl._Relay(switch, {of.FLOWS: [b"shown"]}) as relay:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.connect(str(relay.path))

                def say(message: of.Message) -> of.Message | None:
                    send(stream, message)
                    return receive(stream)

                greeting = receive(stream)
                assert greeting is not None
                assert of.offered_versions(greeting) == {6}
                send(stream, of.hello(1))
                opened = say(of.Message(6, of.BUNDLE_CONTROL, 7, of.bundle_control(1, of.OPEN)))
                send(stream, of.bundled(1, change))
                flows = say(of.Message(6, of.MULTIPART_REQUEST, 9, of.question(6, of.FLOWS)))
                groups = say(of.Message(6, of.MULTIPART_REQUEST, 10, of.question(6, of.GROUPS)))
            assert not relay.path.parent.stat().st_mode & 0o077
        assert not relay.path.parent.exists()
    assert opened is not None
    assert opened.xid == 7
    assert relay.kept == [change]
    assert flows is not None
    assert of.part(flows.body) == (of.FLOWS, False, b"shown")
    assert groups is not None
    assert (groups.xid, of.part(groups.body)) == (10, (of.GROUPS, False, b""))
    assert [message.type for message in fake.told] == [of.HELLO, of.MULTIPART_REQUEST]
