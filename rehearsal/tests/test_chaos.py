"""The seeded schedule of faults, what replaces a service, and what counts as not repaired."""

from __future__ import annotations

import http.client
import http.server
import socket
import threading
from itertools import islice

import pytest

from rehearsal import fake_server
from rehearsal.cuts import events
from rehearsal.fingerprint import differences
from rehearsal.schedule import rounds, task_at
from rehearsal.verdict import History, Outcome, fewer_rows, message_complaints, table, wrong_target

PLAYBOOKS = ("site.yml", "update.yml", "rollback.yml")
PLAYBOOKS_OF = {f"fault {number}": PLAYBOOKS for number in range(60)}
TASKS = ["Check the secrets", "lock : Take the lock of the host", "Update", "Release the lock"]


def test_a_seed_and_a_number_determine_a_round() -> None:
    every = list(islice(rounds(7, PLAYBOOKS_OF), 200))
    assert every == list(islice(rounds(7, PLAYBOOKS_OF), 200))
    assert next(islice(rounds(7, PLAYBOOKS_OF), 22, 23)) == every[22]
    assert [one.number for one in every] == list(range(1, 201))
    assert every != list(islice(rounds(8, PLAYBOOKS_OF), 200))


def test_every_fault_comes_once_before_any_comes_twice() -> None:
    first = list(islice(rounds(3, PLAYBOOKS_OF), 60))
    assert {one.fault for one in first} == PLAYBOOKS_OF.keys()
    playbooks = {one.playbook for one in islice(rounds(3, PLAYBOOKS_OF), 200)}
    assert playbooks == set(PLAYBOOKS)
    assert {one.healer_among(PLAYBOOKS) for one in first} == set(PLAYBOOKS)


@pytest.mark.parametrize(("moment", "task"), [(0.0, 1), (0.5, 2), (1.0, 3)])
def test_a_moment_is_a_task_under_the_lock(moment: float, task: int) -> None:
    assert task_at(moment, TASKS) == task


def test_damaged_lines_of_the_record_are_skipped() -> None:
    record = '{"event": "live", "commit": "a"}\n\n{"event": "li\n{"event": "live", "commit": "b"}\n'
    assert [event["commit"] for event in events(record)] == ["a", "b"]
    assert list(events("")) == []


def test_a_part_that_changed_came_or_went_is_a_difference() -> None:
    before = {"mode of /opt/hnpal/.env": "600 root", "timer a": "active", "volumes": "data"}
    after = {"mode of /opt/hnpal/.env": "644 root", "volumes": "data", "failed b": "yes"}
    assert differences(before, after) == [
        "failed b: nothing became yes",
        "mode of /opt/hnpal/.env: 600 root became 644 root",
        "timer a: active became nothing",
    ]
    assert differences(before, dict(before)) == []


def test_lost_rows_and_messages_are_named() -> None:
    before = {"readers": 10, "stories": 5}
    assert fewer_rows(before, {"readers": 11, "stories": 4}) == ["stories has 4 rows, not 5"]
    assert fewer_rows(before, before) == []
    assert message_complaints(0, 1, 1) == []
    assert message_complaints(2, 0, 1) == ["2 messages lost"]
    assert message_complaints(0, 2, 1) == ["2 messages twice, and at most 1 were on their way"]


def test_a_release_that_was_left_is_none_to_go_back_to() -> None:
    history = History()
    for commit in "a", "b", "c":
        history.saw(commit)
    assert history.before("c") == "b"
    history.left("c")
    history.saw("b")
    assert history.before("b") == "a"
    history.saw("d")
    history.saw("b")
    assert history.before("b") == "d"


def test_a_history_begins_with_what_the_play_says() -> None:
    said = "Rolling back: bbbbbbbbbb -> aaaaaaaaaa"
    assert History.read(said, "b" * 40).before("b" * 40) == "a" * 10
    assert History.read("There is no earlier good release", "b" * 40).before("b" * 40) == ""


@pytest.mark.parametrize(
    "said",
    [
        'msg: "Rolling back: 0123456789 -> abcdef0123"',
        "Finishing the rollback that was cut\n    off: 0123456789 -> abcdef0123",
        "Taking back the update that was cut off before its swap: 0123456789 -> abcdef0123",
    ],
)
def test_a_rollback_to_another_release_than_expected_is_named(said: str) -> None:
    assert wrong_target(said, {"abcdef0123456789", ""}) == []
    assert wrong_target(said, {"1111111111111111"}) == [
        "rollback.yml would go to abcdef0123, not to 1111111111"
    ]


def test_a_rollback_without_a_target_must_be_expected() -> None:
    said = "There is no earlier good release\nto go back to."
    assert wrong_target(said, {""}) == []
    assert wrong_target(said, {"abcdef"}) == ["rollback.yml would go to nothing, not to abcdef"]
    assert "names no target" in wrong_target("UNREACHABLE", {""})[0]


def test_the_table_tells_the_rounds_that_were_not_repaired() -> None:
    one, other = islice(rounds(1, PLAYBOOKS_OF), 2)
    text = table(
        [Outcome(one, injected=True), Outcome(other, injected=True, wrong=["2 messages lost"])]
    )
    _, good, bad = text.splitlines()
    assert good.endswith("✓") and one.fault in good
    assert bad.endswith("✗") and other.fault in bad


@pytest.fixture
def original() -> str:
    class Hello(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Hello)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


def _get(place: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(place, timeout=10)
    connection.request("GET", "/")
    response = connection.getresponse()
    return response.status, response.read()


def test_what_replaces_a_service_refuses_or_breaks_off(original: str) -> None:
    with fake_server.serving("127.0.0.1", "503", original) as place:
        assert _get(place) == (503, b"")
    with (
        fake_server.serving("127.0.0.1", "nonsense", original) as place,
        pytest.raises(http.client.IncompleteRead),
    ):
        _get(place)


def test_what_replaces_a_service_answers_late(
    original: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_server, "SLOW_SECONDS", 0.0)
    with fake_server.serving("127.0.0.1", "slow", original) as place:
        assert _get(place) == (200, b"hello")


def test_what_hangs_accepts_and_closes_only_at_its_end(original: str) -> None:
    with fake_server.serving("127.0.0.1", "hang", original) as place:
        address, _, port = place.partition(":")
        connection = socket.create_connection((address, int(port)))
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
        connection.setblocking(True)
    with connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        assert connection.recv(1) == b""
        raise ConnectionResetError
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, int(port)))
