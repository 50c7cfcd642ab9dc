"""What the step `operations` counts as right."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from rehearsal.heartbeats import listening
from rehearsal.lab.inventory import changed_variables
from rehearsal.lab.workspace import Workspace
from rehearsal.operators import Command
from rehearsal.steps.operations import _answered_once, _row

AUDIT = """
ok: [rehearsal] =>
    msg: |-
        begun                  who    play                     result      took   commit
        2026-11-30 18:45 CET   a@b    update.yml app_ref="v2"  ok          45 s   895d3ba766
        2026-11-30 18:10 CET   a@b    update.yml               UNFINISHED         73f7414aa0
"""


def test_only_calls_of_its_own_address_are_heartbeats() -> None:
    with listening("127.0.0.1") as heartbeats:
        began = time.time()
        with urllib.request.urlopen(heartbeats.address) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{heartbeats.address}x")
        assert heartbeats.since(began) == heartbeats.count == 1
        assert heartbeats.since(time.time() + 60) == 0


def test_it_waits_for_the_next_heartbeat() -> None:
    with listening("127.0.0.1") as heartbeats:
        assert not heartbeats.wait_for_one(time.time(), 0)
        calling = threading.Thread(target=urllib.request.urlopen, args=(heartbeats.address,))
        calling.start()
        assert heartbeats.wait_for_one(0, 60)
        calling.join()


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        (["no /held1", "no /held2"], True),
        (["no /held1"], False),
        (["no /held1", "no /held1"], False),
        (["no /held2", "no /held1"], False),
        (["no /held1", "no /held2", "no /held2"], False),
    ],
)
def test_each_message_is_answered_once_and_in_order(texts: list[str], right: bool) -> None:
    assert _answered_once(texts) == right


def test_the_newest_run_of_a_play_counts() -> None:
    assert _row(AUDIT, "update.yml").endswith("ok 45 s 895d3ba766")
    assert _row(AUDIT, "site.yml") == ""


def test_the_last_line_is_the_programs_not_makes() -> None:
    said = 'ERROR: column "nothing" does not exist\nmake: *** [Makefile:1: console] Error 3\n\n'
    assert Command(2, said).last_line.startswith("ERROR: column")


def test_changed_variables_are_put_back(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.inventory.parent.mkdir(parents=True)
    workspace.inventory.write_text(before := "hnpal:\n  vars: {a: 1}\n")
    with changed_variables(workspace, b=2):
        assert "b: 2" in workspace.inventory.read_text()
    assert workspace.inventory.read_text() == before
