"""Questions about a story are answered despite failures of the language model and the process."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from simulators.control import Control, TelegramControl, wait_until
from simulators.processes import App
from tests.process.test_first_digest import READER, stories, with_buttons

pytestmark = pytest.mark.usefixtures("reader", "without_drafts")

Json = dict[str, Any]
WAITING = "💭"
SAID = "enough words to be summarised"


@pytest.fixture
def environment(environment: dict[str, str], model: Control) -> dict[str, str]:
    return environment | {
        "OPENAI_API_KEY": "sk-of-the-test",
        "OPENAI_BASE_URL": f"{model.address}/v1",
        "OPENAI_MODEL": "gpt-4o-mini",
    }


@pytest.fixture
def without_drafts(telegram: TelegramControl) -> None:
    """A server that is older than drafts; `test_seen_being_written` is about the others."""
    telegram.post("settings", {"unsupported": ["sendMessageDraft"]})


def begin(telegram: TelegramControl, hackernews: Control) -> None:
    """Get a digest, and open a conversation about its first story."""
    hackernews.post("items", stories(3))
    telegram.say(READER, "/digest")
    digest = wait_until(lambda: with_buttons(telegram), "a digest", 60)
    sent = len(telegram.messages(READER))
    telegram.press(READER, digest["message_id"], "ask:2")
    [begun] = telegram.wait_for_messages(READER, sent + 1)[sent:]
    assert "What would you like to know" in begun["text"]


def replies_to(telegram: TelegramControl, message_id: int) -> list[Json]:
    return [
        one
        for one in telegram.messages(READER)
        if one.get("reply_to_message", {}).get("message_id") == message_id
    ]


def answer_to(telegram: TelegramControl, words: str) -> Json:
    """Ask, and wait until the placeholder has become the answer."""
    asked = telegram.say(READER, words)["message_id"]

    def answered() -> Json | None:
        found = replies_to(telegram, asked)
        return found[0] if found and not found[0]["text"].startswith(WAITING) else None

    answer = wait_until(answered, f"an answer to {words!r}", 60)
    assert len(replies_to(telegram, asked)) == 1
    return answer


def test_an_answer_whatever_the_model_does(
    app: App, telegram: TelegramControl, hackernews: Control, model: Control
) -> None:
    app.start()
    begin(telegram, hackernews)
    answer = answer_to(telegram, "Is it summarised enough, says Ada?")
    assert SAID in answer["text"]
    assert "“" in answer["text"]
    links = [entity["url"] for entity in answer["entities"] if entity["type"] == "text_link"]
    assert links == ["https://news.ycombinator.com/item?id=2"]
    for behaviour, words in (
        ("refuse", "declined to answer that"),
        ("cut", "gave no usable answer"),
        ("nonsense", "gave no usable answer"),
        ("empty", "gave no usable answer"),
        ("wrong_types", "gave no usable answer"),
    ):
        model.post("settings", {"behaviour": behaviour})
        answer = answer_to(telegram, f"What of sentences, after {behaviour}?")
        assert words in answer["text"], behaviour
        assert "✂️" in answer["text"], behaviour
    model.post("settings", {"behaviour": "hostile"})
    answer = answer_to(telegram, "What of words?")
    assert "evil" not in str(answer)
    model.post("settings", {"behaviour": "giant"})
    answer_to(telegram, "What of enough words?")
    model.post("settings", {"behaviour": "fail", "status": 500})
    answer = answer_to(telegram, "And of failures?")
    assert "gave no usable answer" in answer["text"]


def test_an_answer_after_the_placeholder_was_deleted(
    app: App, telegram: TelegramControl, hackernews: Control, model: Control
) -> None:
    app.start()
    begin(telegram, hackernews)
    model.post("settings", {"latency": 6.0})
    asked = telegram.say(READER, "Where is the placeholder?")["message_id"]
    [waiting] = wait_until(lambda: replies_to(telegram, asked) or None, "a placeholder")
    telegram.post("delete", {"chat_id": READER, "message_id": waiting["message_id"]})
    answers = wait_until(
        lambda: found if len(found := replies_to(telegram, asked)) > 1 else None, "an answer", 60
    )
    assert SAID in answers[1]["text"]
    assert len(answers) == 2


def test_killed_while_answering_and_answered_once_by_one_of_two(
    app: App, telegram: TelegramControl, hackernews: Control, model: Control
) -> None:
    process = app.start()
    begin(telegram, hackernews)
    model.post("settings", {"latency": 2.0})
    before = len(model.get("requests"))
    asked = telegram.say(READER, "Is it summarised, whoever is killed?")["message_id"]
    wait_until(lambda: replies_to(telegram, asked) or None, "a placeholder")
    wait_until(lambda: len(model.get("requests")) > before or None, "a request")
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(2):
        app.start()

    def answers() -> list[Json]:
        # The placeholder may have been in doubt when the process died, and is then said once more.
        replies = replies_to(telegram, asked)
        assert len(replies) <= 2
        return [one for one in replies if not one["text"].startswith(WAITING)]

    [answer] = wait_until(lambda: answers() or None, "an answer", 60)
    assert SAID in answer["text"]
    said = telegram.messages(READER)
    answer_to(telegram, "And who lives?")
    assert len(telegram.messages(READER)) == len(said) + 1
    [answer] = answers()
    assert "“" in answer["text"]


def test_seen_being_written(
    app: App, telegram: TelegramControl, hackernews: Control, model: Control
) -> None:
    """The answer comes after its drafts; when it is stopped at once, it says so."""
    telegram.post("settings", {"unsupported": []})
    app.start()
    begin(telegram, hackernews)
    model.post("settings", {"piece_seconds": 0.2})
    asked = telegram.say(READER, "Is it summarised enough, says Ada?")["message_id"]
    wait_until(lambda: telegram.get("drafts") or None, "a draft", 60)
    [answer] = wait_until(lambda: replies_to(telegram, asked) or None, "an answer", 60)
    assert SAID in answer["text"]
    drafts = telegram.get("drafts")
    assert drafts[0]["text"] == "" and len({one["draft_id"] for one in drafts}) == 1
    assert not any(one["at"] > answer["date"] + 1 for one in drafts)
    model.post("settings", {"latency": 60.0})
    asked = telegram.say(READER, "And who stops it?")["message_id"]
    shown = wait_until(
        lambda: next((one for one in telegram.get("drafts") if one not in drafts), None), "a draft"
    )
    telegram.post("stop", {"chat_id": READER, "draft_id": shown["draft_id"]})
    [answer] = wait_until(lambda: replies_to(telegram, asked) or None, "an end", 30)
    assert "You stopped the answer before any of it was written." in answer["text"]
