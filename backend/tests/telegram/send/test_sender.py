"""One chat's trouble stays its own: the sender goes on with the rest, and within the limits."""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.database.connection import Pool
from app.readers import store as readers
from app.readers.store import ChatState
from app.telegram.api.client import BotApi
from app.telegram.api.outcomes import InDoubt
from app.telegram.send import breaker as breakers
from app.telegram.send import claims, outbox
from app.telegram.send.breaker import Breaker
from app.telegram.send.limits import Limits, Rates
from app.telegram.send.messages import answer_to_press
from app.telegram.send.outbox import OutgoingMessage, Priority
from app.telegram.send.sender import Sender

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FAST = Rates(overall=0, chat=0, group=0)
TELEGRAM = Rates(overall=30, chat=1, group=20)
PATIENCE_SECONDS = 20.0
Json = dict[str, Any]


class Telegram:
    """Takes every call, but for the chats and methods that were told otherwise."""

    def __init__(self) -> None:
        self.address = ""
        self.calls: list[tuple[str, Json]] = []
        self.refusals: defaultdict[object, list[Json]] = defaultdict(list)
        self.holding: dict[int, asyncio.Event] = {}
        self._changed = asyncio.Condition()
        self._message_ids = count(1)

    def refuse(self, what: object, status: int, description: str, **parameters: Any) -> None:
        """The next call to this chat, or of this method, is answered so."""
        body = {"ok": False, "error_code": status, "description": description}
        self.refusals[what].append(body | ({"parameters": parameters} if parameters else {}))

    def hold(self, chat_ids: Iterable[int]) -> asyncio.Event:
        """Calls to these chats are not answered before the event is set."""
        released = asyncio.Event()
        self.holding |= dict.fromkeys(chat_ids, released)
        return released

    def texts(self, chat_id: int) -> list[str]:
        """What the chat was sent, refused or not."""
        return [call["text"] for _, call in self.calls if call.get("chat_id") == chat_id]

    async def until(self, check: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(check)

    async def handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            call = await request.json()
        else:  # with a document
            form = await request.post()
            call = {**form, "chat_id": int(str(form["chat_id"]))}
        chat_id = call.get("chat_id")
        if method == "getMe":
            return web.json_response({"ok": True, "result": {"id": 42}})
        if chat_id in self.holding:
            await self.holding[chat_id].wait()
        async with self._changed:
            self.calls.append((method, call))
            self._changed.notify_all()
        for what in chat_id, method:
            if self.refusals[what]:
                body = self.refusals[what].pop(0)
                return web.json_response(body, status=body["error_code"])
        return web.json_response({"ok": True, "result": {"message_id": next(self._message_ids)}})


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    telegram = Telegram()
    app = web.Application()
    app.router.add_post("/bot42:token/{method}", telegram.handle)
    async with TestServer(app) as server:
        telegram.address = str(server.make_url("")).rstrip("/")
        yield telegram
        for released in telegram.holding.values():
            released.set()


@asynccontextmanager
async def sending(pool: Pool, telegram: Telegram, rates: Rates = FAST) -> AsyncIterator[None]:
    """A sender at work."""
    api = BotApi("42:token", telegram.address)
    limits = Limits(rates)
    running = asyncio.create_task(Sender(pool, api, limits).run())
    try:
        yield
    finally:
        for released in telegram.holding.values():
            released.set()
        running.cancel()
        await asyncio.wait([running])
        await api.close()


def message(chat_id: int, text: str = "hello", **options: Any) -> OutgoingMessage:
    parameters = {"chat_id": chat_id, "text": text} | options.pop("parameters", {})
    return OutgoingMessage(f"{chat_id}:{text}", chat_id, "sendMessage", parameters, **options)


async def say(pool: Pool, *messages: OutgoingMessage) -> None:
    async with pool.acquire() as connection:
        await outbox.enqueue(connection, messages)


async def new_reader(pool: Pool, chat_id: int, kind: str = "private") -> None:
    async with pool.acquire() as connection:
        await readers.create(
            connection, chat_id=chat_id, kind=kind, name="A", language="en", timezone="UTC"
        )


async def until_done(pool: Pool) -> None:
    """Wait until nothing is left to be sent."""
    waiting = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await pool.fetchval(waiting):  # noqa: ASYNC110 - no event tells of a row
            await asyncio.sleep(0.02)


async def states(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT state, count(*)::int FROM outbox GROUP BY state")
    return {row["state"]: row["count"] for row in rows}


async def test_a_refused_answer_to_a_button_waits_alone(database: Pool, telegram: Telegram) -> None:
    telegram.refuse("answerCallbackQuery", 429, "Too Many Requests: retry after 1", retry_after=1)
    async with sending(database, telegram):
        await say(database, answer_to_press("press", "7"))
        await telegram.until(lambda: len(telegram.calls) == 1)
        await say(database, message(1), answer_to_press("another press", "8"))
        await until_done(database)
    answered = [call["callback_query_id"] for method, call in telegram.calls if "Query" in method]
    assert answered == ["7", "8", "7"]
    assert await states(database) == {"sent": 3}


async def test_a_limited_chat_waits_alone(database: Pool, telegram: Telegram) -> None:
    telegram.refuse(1, 429, "Too Many Requests: retry after 60", retry_after=60)
    async with sending(database, telegram):
        await say(database, message(1), message(1, "later"), *map(message, range(2, 12)))
        await telegram.until(lambda: len(telegram.calls) == 11)
    assert telegram.texts(1) == ["hello"]
    assert await states(database) == {"pending": 2, "sent": 10}


async def test_sending_resumes_while_one_chat_is_limited_for_longer(
    database: Pool, telegram: Telegram
) -> None:
    telegram.refuse(1, 429, "Too Many Requests: retry after 60", retry_after=60)
    telegram.refuse(2, 429, "Too Many Requests: retry after 1", retry_after=1)
    loop = asyncio.get_running_loop()
    async with sending(database, telegram):
        await say(database, message(1))
        await telegram.until(lambda: len(telegram.calls) == 1)
        await say(database, message(2))
        await telegram.until(lambda: len(telegram.calls) == 2)
        refused_at = loop.time()
        await say(database, *map(message, range(3, 9)))
        await telegram.until(lambda: len(telegram.calls) == 9)
        assert loop.time() - refused_at >= 0.9
    assert telegram.texts(2) == ["hello", "hello"]
    assert await states(database) == {"pending": 1, "sent": 7}


@pytest.mark.parametrize("rates", [FAST, TELEGRAM])
async def test_slow_chats_do_not_delay_others(
    database: Pool, telegram: Telegram, rates: Rates
) -> None:
    slow = range(1, 25)
    released = telegram.hold(slow)
    async with sending(database, telegram, rates):
        await say(database, *map(message, slow), *map(message, range(100, 120)))
        await telegram.until(lambda: len(telegram.calls) == 20)
        assert not any(telegram.texts(chat_id) for chat_id in slow)
        released.set()
        await until_done(database)
    assert await states(database) == {"sent": len(slow) + 20}


async def test_a_migrated_group_is_followed_with_its_settings(
    database: Pool, telegram: Telegram
) -> None:
    await new_reader(database, -5, "group")
    telegram.refuse(
        -5,
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=-1005,
    )
    async with sending(database, telegram):
        await say(database, message(-5, "first"), message(-5, "second"))
        await until_done(database)
    assert telegram.texts(-5) == ["first"]
    assert telegram.texts(-1005) == ["first", "second"]
    assert await database.fetchval("SELECT chat_id FROM readers") == -1005


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
    ],
)
async def test_a_reader_who_is_gone_gets_nothing_more(
    database: Pool, telegram: Telegram, status: int, description: str
) -> None:
    await new_reader(database, 1)
    await new_reader(database, 2)
    telegram.refuse(1, status, description)
    async with sending(database, telegram):
        words = "one", "two", "three"
        bulk = [message(1, word, priority=Priority.BULK) for word in words]
        await say(database, *bulk, message(2))
        await until_done(database)
    assert telegram.texts(1) == ["one"]
    assert await states(database) == {"failed": 3, "sent": 1}
    gone = await database.fetch("SELECT chat_id FROM readers WHERE unreachable_at IS NOT NULL")
    assert [row["chat_id"] for row in gone] == [1]


NO_TEXT = "Bad Request: not enough rights to send text messages to the chat"
NO_DOCUMENTS = "Bad Request: not enough rights to send documents to the chat"


async def state_of(database: Pool, chat_id: int) -> ChatState:
    async with database.acquire() as connection:
        return (await readers.load(connection, [chat_id]))[chat_id].state


async def test_a_chat_that_refuses_for_now_is_tried_again(
    database: Pool, telegram: Telegram
) -> None:
    await new_reader(database, -1)
    telegram.refuse(-1, 400, NO_TEXT)
    async with sending(database, telegram):
        await say(database, message(-1, "one"), message(-1, "two"))
        await until_done(database)
        assert telegram.texts(-1) == ["one"]
        assert await state_of(database, -1) is ChatState.REFUSING
        await say(database, message(-1, "later", priority=Priority.BULK))
        await until_done(database)
    assert telegram.texts(-1) == ["one", "later"]
    assert await state_of(database, -1) is ChatState.OPEN


@pytest.mark.parametrize("status", [400, 403])
async def test_a_refused_document_does_not_stop_other_messages(
    database: Pool, telegram: Telegram, status: int
) -> None:
    await new_reader(database, -1)
    telegram.refuse("sendDocument", status, NO_DOCUMENTS)
    async with sending(database, telegram):
        document = {"document": {"filename": "a.json", "text": "{}"}}
        file = replace(message(-1, "", parameters=document), method="sendDocument")
        await say(database, file, message(-1, "next"))
        await until_done(database)
    assert "next" in telegram.texts(-1)
    assert await state_of(database, -1) is ChatState.OPEN


DECORATED = {
    "link_preview_options": {"is_disabled": True},
    "reply_parameters": {"message_id": 5, "allow_sending_without_reply": True},
    "message_effect_id": "5104841245755180586",
    "parse_mode": "HTML",
    "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b", "style": "danger"}]]},
}


@pytest.mark.parametrize(
    "error",
    [
        "link_preview_options is not supported",
        "reply parameters are not supported",
        "unsupported parameter",
        "EFFECT_ID_INVALID",
        "button style is invalid",
        "message to be replied not found",
    ],
)
async def test_unsupported_decoration_is_removed_once(
    database: Pool, telegram: Telegram, error: str
) -> None:
    telegram.refuse(1, 400, f"Bad Request: {error}")
    for _ in range(2):
        telegram.refuse(2, 400, f"Bad Request: {error}")
    async with sending(database, telegram):
        await say(database, *(message(number, "hi", parameters=DECORATED) for number in (1, 2)))
        await until_done(database)
    assert telegram.texts(1) == telegram.texts(2) == ["hi", "hi"]
    assert await states(database) == {"sent": 1, "failed": 1}
    _, plain = [call for call in telegram.calls if call[1].get("chat_id") == 1][-1]
    assert plain == {
        "chat_id": 1,
        "text": "hi",
        "parse_mode": "HTML",
        "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]},
    }


async def test_other_refusals_are_not_retried(database: Pool, telegram: Telegram) -> None:
    telegram.refuse(1, 400, "Bad Request: message is too long")
    async with sending(database, telegram):
        await say(database, message(1, "hi", parameters=DECORATED))
        await until_done(database)
    assert telegram.texts(1) == ["hi"]


async def test_unparsable_text_is_sent_as_plain_text(database: Pool, telegram: Telegram) -> None:
    telegram.refuse(1, 400, "Bad Request: can't parse entities: unexpected end tag")
    telegram.refuse(2, 400, "Bad Request: can't parse entities: unexpected end tag")
    telegram.refuse(2, 400, "Bad Request: can't parse entities, whatever is sent")
    html = {"parse_mode": "HTML"}
    async with sending(database, telegram):
        bold = [message(chat_id, "<b>bold", parameters=html) for chat_id in (1, 2)]
        await say(database, *bold)
        await until_done(database)
    assert telegram.texts(1) == telegram.texts(2) == ["<b>bold", "bold"]
    assert await states(database) == {"sent": 1, "failed": 1}


TOO_LONG = "Bad Request: message is too long"


async def test_a_reader_is_told_once_of_a_reply_that_telegram_refuses(
    database: Pool, telegram: Telegram
) -> None:
    for chat_id in (1, -5):
        await new_reader(database, chat_id)
        for _ in range(4):  # the apology as well
            telegram.refuse(chat_id, 400, TOO_LONG)
    async with sending(database, telegram):
        await say(database, message(1), message(1, "again"))
        await say(database, message(-5, parameters={"message_thread_id": 9}))
        await until_done(database)
        assert await states(database) == {"failed": 5}
        await say(database, message(1, "too long, too"))
        await until_done(database)
    *_, sorry = telegram.texts(1)[:3]
    assert "longer than Telegram allows" in sorry and "/help" in sorry
    assert telegram.texts(1) == ["hello", "again", sorry, "too long, too"]
    assert [
        call.get("message_thread_id") for _, call in telegram.calls if call["chat_id"] == -5
    ] == [
        9,
        9,
    ]


async def test_no_apology_for_a_message_that_nobody_expects(
    database: Pool, telegram: Telegram
) -> None:
    await new_reader(database, 1)
    await new_reader(database, 2, "channel")
    await new_reader(database, 3)
    telegram.refuse(1, 400, TOO_LONG)
    telegram.refuse(2, 400, TOO_LONG)
    telegram.refuse(3, 400, "Bad Request: message to edit not found")
    async with sending(database, telegram):
        await say(database, message(1, priority=Priority.BULK), message(2), message(3))
        await until_done(database)
    assert await states(database) == {"failed": 3}


async def test_messages_to_a_deleted_topic_go_to_the_group(
    database: Pool, telegram: Telegram
) -> None:
    telegram.refuse(-1, 400, "Bad Request: message thread not found")
    async with sending(database, telegram):
        await say(database, message(-1, parameters={"message_thread_id": 9}))
        await until_done(database)
    assert [call.get("message_thread_id") for _, call in telegram.calls] == [9, None]


async def test_recent_messages_of_another_sender_count(database: Pool, telegram: Telegram) -> None:
    """A leader that takes over knows the minute of a group that its predecessor has filled."""
    await say(database, *[message(-1, f"{number}") for number in range(20)])
    await database.execute("UPDATE outbox SET state = 'sent', sending_at = now(), sent_at = now()")
    async with sending(database, telegram, TELEGRAM):
        await say(database, message(-1, "too many"), message(-2))
        await telegram.until(lambda: len(telegram.calls) == 1)
    assert telegram.texts(-2) == ["hello"]
    assert await states(database) == {"pending": 1, "sent": 21}


@pytest.mark.parametrize(
    ("sending_at", "sent_at"),
    [
        ("now() + interval '50 hours'", "now() + interval '50 hours'"),
        ("now() - interval '5 seconds'", "now() + interval '50 hours'"),
        ("now() + interval '50 hours'", "now()"),
    ],
)
async def test_messages_sent_while_the_clock_was_ahead_delay_no_others(
    database: Pool, telegram: Telegram, sending_at: str, sent_at: str
) -> None:
    await say(database, message(1, "earlier"), message(-2, "earlier"))
    await database.execute(
        f"UPDATE outbox SET state = 'sent', sending_at = {sending_at}, sent_at = {sent_at}"
    )
    async with sending(database, telegram, TELEGRAM):
        await say(database, message(1), message(-2))
        await until_done(database)
    assert (telegram.texts(1), telegram.texts(-2)) == (["hello"], ["hello"])


async def test_a_sender_that_stops_gives_back_what_has_not_left(
    database: Pool, telegram: Telegram
) -> None:
    """It is no digest in doubt, though it was claimed and its turn is a minute away."""
    await say(database, message(1))
    limits = Limits(TELEGRAM)
    api = BotApi("42:token", telegram.address)
    halted = asyncio.Event()
    answers = iter([0.0])

    def ready_once(_: float) -> float:
        if (ready := next(answers, None)) is None:
            halted.set()
            return 60.0
        return ready

    limits.ready_in = ready_once  # type: ignore[method-assign]
    running = asyncio.create_task(Sender(database, api, limits).run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await halted.wait()
    assert await database.fetchval("SELECT count(*) FROM outbox WHERE claimed_until > now()") == 1
    running.cancel()
    await asyncio.wait([running], timeout=PATIENCE_SECONDS)
    await api.close()
    assert telegram.calls == []
    assert await database.fetchval("SELECT count(*) FROM outbox WHERE claimed_until > now()") == 0
    assert await states(database) == {"pending": 1}


async def test_a_twice_cancelled_sender_records_sent_messages(
    database: Pool, telegram: Telegram
) -> None:
    """PostgreSQL was away, which ended its run, and then the process is told to stop."""
    answered = telegram.hold([5])
    api = BotApi("42:token", telegram.address)
    sender = Sender(database, api, Limits(FAST))
    running = asyncio.create_task(sender.run())
    await say(database, message(5))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await states(database) != {"sending": 1}:
            pass
        while not running.done():
            running.cancel()
            await asyncio.sleep(0)
        answered.set()
        await sender.finish()
    await api.close()
    assert await states(database) == {"sent": 1}


async def test_an_unexpected_end_blocks_no_chat(
    database: Pool, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(parameters: Json, _: object) -> AbstractContextManager[tuple[Json, float]]:
        if parameters.get("text") == "broken":
            raise UnicodeError("surrogates not allowed")
        return nullcontext((parameters, 0.0))

    monkeypatch.setattr("app.telegram.api.client.with_document", broken)
    async with sending(database, telegram):
        await say(database, message(1, "broken"), message(1, "next"))
        await telegram.until(lambda: telegram.texts(1) == ["next"])
    assert await states(database) == {"failed": 1, "sent": 1}


async def test_a_claim_that_fails_after_the_end_is_handled(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, black_hole_ends = asyncio.Event(), asyncio.Event()

    async def claim(*_: object, **__: object) -> list[object]:
        begun.set()
        await black_hole_ends.wait()
        raise TimeoutError

    monkeypatch.setattr("app.telegram.send.claims.claim", claim)
    monkeypatch.setattr("app.telegram.send.sender.STOP_SECONDS", 0)
    surprises: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: surprises.append(what))
    api = BotApi("42:token", "http://127.0.0.1:9")
    sender = Sender(database, api, Limits(FAST))
    running = asyncio.create_task(sender.run())
    await begun.wait()
    (claiming,) = sender._claiming
    running.cancel()
    await asyncio.wait([running])
    black_hole_ends.set()
    await asyncio.wait([claiming])
    await api.close()
    del sender, running, claiming
    gc.collect()
    assert surprises == []


@pytest.mark.parametrize(("seconds_ago", "known"), [(2, 70), (60, None)])
async def test_a_new_leader_knows_the_ids_from_just_before(
    database: Pool, telegram: Telegram, seconds_ago: int, known: int | None
) -> None:
    """Whoever kills it at once leaves messages in doubt that can be looked for; older ids may be
    those of a database that was restored.
    """
    await database.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, state,
                            sending_at, sent_at, message_id)
        VALUES ('before', 1, 'sendMessage', '{}', 0, TRUE, 'sent', now(),
                now() - make_interval(secs => $1), 70)
        """,
        seconds_ago,
    )
    released = telegram.hold([2])
    async with database.acquire() as connection:
        await outbox.enqueue(
            connection, [OutgoingMessage("first", 2, "sendMessage", {"chat_id": 2, "text": "x"})]
        )
    async with sending(database, telegram):
        state = "SELECT state FROM outbox WHERE key = 'first'"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await database.fetchval(state) == "pending":  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.01)
        query = "SELECT known_message_id FROM outbox WHERE key = 'first'"
        assert await database.fetchval(query) == known
        released.set()


async def test_sending_that_stops_during_a_claim_stays_stopped(
    database: Pool, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was claimed is given back; that nothing left is no sign that nothing waits."""
    monkeypatch.setattr(breakers, "FIRST_PAUSE", 600.0)
    breaker = Breaker()
    claim = claims.claim

    async def claim_while_it_stops(*given: Any, **more: Any) -> Any:
        claimed = await claim(*given, **more)
        for _ in range(breakers.MAX_FAILURES):
            breaker.record_outcome(InDoubt("504"), monotonic())
        return claimed

    monkeypatch.setattr(claims, "claim", claim_while_it_stops)
    async with database.acquire() as connection:
        await outbox.enqueue(
            connection, [OutgoingMessage("one", 2, "sendMessage", {"chat_id": 2, "text": "x"})]
        )
    api = BotApi("42:token", telegram.address)
    sender = Sender(database, api, Limits(FAST), breaker)
    await sender._send_next()
    assert breaker.is_open and telegram.calls == []
    assert await database.fetchval("SELECT claimed_by FROM outbox") is None
    await api.close()
