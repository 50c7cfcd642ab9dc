"""What the operator can do in chat, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app import __version__
from app.database.connection import Pool
from app.health import Health
from app.readers import store as readers
from app.settings import Settings
from app.telegram.api.outcomes import TokenRejectedError
from app.telegram.operator.broadcasts import Broadcasts
from app.telegram.operator.watch import Watch
from tests.telegram.chat import Chat, settings, shown, texts

ADMIN, READER = 7, 1000


@pytest.fixture
def configured(data_dir: Path) -> Settings:
    data_dir.mkdir()
    return settings(admin_chat_id=ADMIN, data_dir=data_dir, hnpal_commit="0123456789abcdef")


@pytest.fixture
async def operator(database: Pool, configured: Settings) -> Chat:
    await add_readers(database, ADMIN)
    return Chat(database, ADMIN, configured)


async def add_readers(database: Pool, *chat_ids: int, language: str = "en") -> None:
    async with database.acquire() as connection:
        for chat_id in chat_ids:
            await readers.create(
                connection,
                chat_id=chat_id,
                kind="private",
                name="Somebody",
                language=language,
                timezone="Europe/Berlin",
            )


def watch(database: Pool, configured: Settings, health: Health | None = None) -> Watch:
    if health is None:
        health = Health()
        health.polled()
    return Watch(database, configured, health, lambda: datetime.now(UTC))


async def park(database: Pool, update_id: int, chat_id: int = READER) -> None:
    message = {"message_id": 1, "date": 0, "chat": {"id": chat_id, "type": "private"}}
    payload = {"message": message | {"text": "/digest <now>"}}
    await database.execute(
        """
        INSERT INTO inbox (update_id, chat_id, payload, state, attempts, error)
        VALUES ($1, $2, $3, 'parked', 3, 'KeyError(''<x>'')')
        """,
        update_id,
        chat_id,
        payload | {"update_id": update_id},
    )


@pytest.mark.parametrize("command", ["status", "parked", "broadcast hello"])
async def test_others_cannot_use_operator_commands(
    database: Pool, configured: Settings, command: str
) -> None:
    await add_readers(database, READER)
    stranger = Chat(database, READER, configured)
    [said] = texts(await stranger.say(f"/{command}"))
    assert said.startswith(f"I don’t know the command /{command.partition(' ')[0]}.")


@pytest.mark.parametrize("data", ["status:", "parked:drop:900005", "broadcast:1:send"])
async def test_others_cannot_use_operator_buttons(
    database: Pool, configured: Settings, operator: Chat, data: str
) -> None:
    await add_readers(database, READER)
    await park(database, 900_005)
    await operator.say("/broadcast hello")
    calls = await Chat(database, READER, configured).press(data)
    assert [call.method for call in calls] == ["answerCallbackQuery"]
    assert await database.fetchval("SELECT state FROM inbox WHERE update_id = 900005") == "parked"
    assert await database.fetchval("SELECT state FROM broadcasts") == "draft"


# --- /status


async def test_status_shows_every_part(
    database: Pool, configured: Settings, operator: Chat
) -> None:
    await add_readers(database, READER, READER + 1)
    await database.execute("UPDATE readers SET paused_at = now() WHERE chat_id = $1", READER)
    await park(database, 900_005)
    await database.execute(
        "INSERT INTO host_reports (kind, at, detail) VALUES ('backup', now() - interval '2 hours', "
        "'{\"bucket\": true}')"
    )
    await watch(database, configured).step()
    *_, page = texts(await operator.say("/status"))
    assert f"<b>HN Pal {__version__}</b> <code>0123456789</code>" in page
    assert "1 parked" in page
    assert "2 active, 1 paused, 0 unreachable, 0 refusing messages" in page
    assert "2\u00a0h ago" in page
    assert "drill: never" in page
    assert "could not be handled" in page
    assert page.count("\n") < 20


async def test_status_is_brought_up_to_date_in_place(
    database: Pool, configured: Settings, operator: Chat
) -> None:
    await watch(database, configured).step()
    [page] = await operator.say("/status")
    [data] = page.buttons.values()
    calls = await operator.press(data, message_id=33)
    edits = [call for call in calls if call.method == "editMessageText"]
    assert [edit.message_id for edit in edits] == [33]


async def test_status_works_before_anything_has_happened(operator: Chat) -> None:
    [page] = texts(await operator.say("/status"))
    assert "never" in page


async def test_status_in_german_and_in_the_operators_zone(
    database: Pool, configured: Settings, operator: Chat
) -> None:
    await database.execute("UPDATE readers SET language = 'de', timezone = 'Asia/Kathmandu'")
    await database.execute(
        "INSERT INTO host_reports (kind, at) VALUES ('drill', '2026-01-02 20:15+00')"
    )
    [page] = texts(await operator.say("/status"))
    assert "2026-01-03 02:00" in page
    assert "Sicherung: nie" in page


# --- /parked


async def test_parked_updates_are_listed_retried_and_dropped(
    database: Pool, operator: Chat
) -> None:
    assert "No update is parked" in texts(await operator.say("/parked"))[0]
    await add_readers(database, READER)
    for update_id in 900_005, 900_006:
        await park(database, update_id)
    [page] = await operator.say("/parked")
    assert "KeyError('&lt;x&gt;')" in page.text
    assert "/digest &lt;now&gt;" in page.text
    left = shown(await operator.press(page.buttons["🗑 Drop 900006"]))
    assert await state_of(database, 900_006) == "done"
    assert await state_of(database, 900_005) == "parked"
    assert "900006" not in left.text
    none = shown(await operator.press(page.buttons["🔁 Retry 900005"]))
    assert await state_of(database, 900_005) == "done"
    wanted = "SELECT digest_wanted_at IS NOT NULL FROM readers WHERE chat_id = $1"
    assert await database.fetchval(wanted, READER)
    assert "No update is parked" in none.text


async def test_a_parked_update_is_settled_once(database: Pool, operator: Chat) -> None:
    await park(database, 900_005)
    for _ in range(2):
        calls = await operator.press("parked:drop:900005")
    assert "no longer parked" in texts(calls)[0]
    for data in "parked:drop:x", "parked:drop:", "parked:retry:99999999999999999999", "parked:":
        await operator.press(data)


async def test_all_parked_updates_are_retried_at_once(database: Pool, operator: Chat) -> None:
    for update_id in range(900_000, 900_020):
        await park(database, update_id, chat_id=update_id)
    [page] = await operator.say("/parked")
    await operator.press(page.buttons["🔁 Retry all 20"])
    assert await database.fetchval("SELECT count(*) FROM inbox WHERE state = 'parked'") == 0


async def state_of(database: Pool, update_id: int) -> str:
    state: str = await database.fetchval("SELECT state FROM inbox WHERE update_id = $1", update_id)
    return state


# --- /broadcast


class Sending:
    """Sends broadcasts and answers for Telegram."""

    def __init__(self, database: Pool) -> None:
        self._database = database
        self.broadcasts = Broadcasts(database, ADMIN)

    async def all(self) -> None:
        """Until nothing is left to do."""
        for _ in range(100):
            await self.broadcasts.step()
            await self._database.execute(
                "UPDATE outbox SET state = 'sent', sent_at = now() WHERE state = 'pending'"
            )

    async def delivered(self) -> dict[int, list[str]]:
        """What each reader got by broadcast."""
        got: dict[int, list[str]] = {}
        for row in await self._database.fetch(
            "SELECT chat_id, parameters ->> 'text' AS text FROM outbox WHERE key ^@ 'broadcast:'"
        ):
            got.setdefault(row["chat_id"], []).append(row["text"])
        return got


async def test_a_broadcast_is_shown_then_sent_once_to_each(database: Pool, operator: Chat) -> None:
    await add_readers(database, *range(READER, READER + 250))
    await database.execute("UPDATE readers SET paused_at = now() WHERE chat_id = $1", READER)
    await database.execute(
        "UPDATE readers SET unreachable_at = now() WHERE chat_id = $1", READER + 1
    )
    preview, question = await operator.say("/broadcast Hello, 1 < 2 & <all>")
    assert preview.text == "Hello, 1 &lt; 2 &amp; &lt;all&gt;"
    assert "<b>249 readers</b>" in question.text
    sending = Sending(database)
    await sending.all()
    assert await sending.delivered() == {}
    send = question.buttons["📣 Send to 249"]
    started = shown(await operator.press(send, message_id=77))
    assert started.message_id == 77
    assert "already being sent" in texts(await operator.press(send))[0]
    await sending.all()
    *_, tally = [one for one in texts(await operator.news()) if "Broadcast" in one]
    assert tally.endswith("249 sent, 0 not delivered, 0 in doubt.")
    await operator.press(send)
    await sending.all()
    got = await sending.delivered()
    assert got == {chat_id: [preview.text] for chat_id in (ADMIN, *range(READER + 2, READER + 250))}


async def test_the_end_of_a_long_broadcast_is_a_message_of_its_own(
    database: Pool, operator: Chat
) -> None:
    for lasted, methods in (
        ("1 second", ["editMessageText"]),
        (
            "1 minute",
            ["editMessageText", "sendMessage"],
        ),
    ):
        _, question = await operator.say("/broadcast Hello")
        await operator.press(question.buttons["📣 Send to 1"])
        await database.execute(
            "UPDATE broadcasts SET confirmed_at = confirmed_at - $1::text::interval", lasted
        )
        await operator.news()
        await Sending(database).all()
        ends = [call for call in await operator.news() if "is done" in call.text]
        assert [call.method for call in ends] == methods


async def test_a_broadcast_goes_on_where_a_killed_process_left_it(
    database: Pool, operator: Chat
) -> None:
    await add_readers(database, *range(READER, READER + 250))
    _, question = await operator.say("/broadcast Hello")
    await operator.press(question.buttons["📣 Send to 251"])
    await Sending(database).broadcasts.step()
    assert len(await Sending(database).delivered()) == 100
    await add_readers(database, READER + 9_000)
    await Sending(database).all()
    got = await Sending(database).delivered()
    assert sorted(got) == [ADMIN, *range(READER, READER + 250)]
    assert all(len(texts) == 1 for texts in got.values())


async def test_digests_do_not_wait_for_a_whole_broadcast(database: Pool, operator: Chat) -> None:
    await add_readers(database, *range(READER, READER + 1000))
    _, question = await operator.say("/broadcast Hello")
    await operator.press(question.buttons["📣 Send to 1,001"])
    sending = Sending(database)
    for _ in range(20):
        await sending.broadcasts.step()
    assert len(await sending.delivered()) == 300


async def test_a_broadcast_to_the_readers_of_one_language(database: Pool, operator: Chat) -> None:
    await add_readers(database, READER, READER + 1, language="de")
    _, question = await operator.say("/broadcast Hallo")
    narrowed = shown(await operator.press(question.buttons["Deutsch"]))
    assert "<b>2 readers</b>, those who read Deutsch" in narrowed.text
    await operator.press(narrowed.buttons["📣 Send to 2"])
    sending = Sending(database)
    await sending.all()
    assert sorted(await sending.delivered()) == [READER, READER + 1]


async def test_a_cancelled_broadcast_stays_so(database: Pool, operator: Chat) -> None:
    _, question = await operator.say("/broadcast Hello")
    cancelled = shown(await operator.press(question.buttons["Cancel"]))
    assert "Nobody received it" in cancelled.text
    assert "cancelled" in texts(await operator.press(question.buttons["📣 Send to 1"]))[0]
    await Sending(database).all()
    assert await Sending(database).delivered() == {}


async def test_an_old_draft_cannot_be_sent(database: Pool, operator: Chat) -> None:
    _, question = await operator.say("/broadcast Hello")
    await database.execute("UPDATE broadcasts SET made_at = made_at - interval '25 hours'")
    await operator.press(question.buttons["📣 Send to 1"])
    await Sending(database).all()
    assert await Sending(database).delivered() == {}


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


COMMAND = entity("bot_command", 0, 10)


@pytest.mark.parametrize(
    "words, entities, html",
    [
        ("/broadcast 👍 new", [COMMAND, entity("bold", 14, 3)], "👍 <b>new</b>"),
        ("/broadcast a <b>", [COMMAND, entity("italic", 11, 1)], "<i>a</i> &lt;b&gt;"),
        ("/broadcast all bold", [COMMAND, entity("bold", 0, 19)], "<b>all bold</b>"),
        (
            "/broadcast\n\nsee here",
            [COMMAND, entity("text_link", 16, 4, url="https://x.example/?a&b")],
            'see <a href="https://x.example/?a&amp;b">here</a>',
        ),
        ("/broadcast see example.com", [COMMAND, entity("url", 15, 11)], "see example.com"),
        ("/broadcast <b>5 < 6</b> & <i>so</i>", [COMMAND], "<b>5 &lt; 6</b> &amp; <i>so</i>"),
        (
            "/broadcast <a href='https://x.example/\"a'>x</a>",
            [COMMAND],
            '<a href="https://x.example/&quot;a">x</a>',
        ),
    ],
)
async def test_the_operators_formatting_is_kept(
    operator: Chat, words: str, entities: list[dict[str, Any]], html: str
) -> None:
    preview, _ = await operator.say(words, entities=entities)
    assert preview.text == html


@pytest.mark.parametrize(
    "words, complaint",
    [
        ("<b>open", "not closed"),
        ("<b><i>crossed</b></i>", "closes a tag that is not open"),
        ("<b>bold</b> <img src=x>", "does not support"),
        ("<a href='javascript:alert(1)'>x</a>", "needs an address"),
        ("<b>x</b>" + "x" * 4096, "4,096 characters"),
        ("", "/broadcast text"),
    ],
)
async def test_invalid_broadcasts_are_refused(
    database: Pool, operator: Chat, words: str, complaint: str
) -> None:
    [said] = texts(await operator.say(f"/broadcast {words}".strip()))
    assert complaint in said
    assert await database.fetchval("SELECT count(*) FROM broadcasts") == 0


# --- alerts


async def test_alerts_come_from_the_database_as_it_is(
    database: Pool, configured: Settings, operator: Chat
) -> None:
    await park(database, 900_005)
    for _ in range(3):
        await watch(database, configured).step()
    said = texts(await operator.news())
    assert said == ["⚠️ 1 update could not be handled and is parked: /parked"]
    await operator.press("parked:drop:900005")
    await watch(database, configured).step()
    assert texts(await operator.news())[-1].startswith("✅ Resolved: 1 update")


async def test_two_instances_report_a_trouble_once(database: Pool, configured: Settings) -> None:
    health = Health()
    health.standby = True
    one, two = watch(database, configured), watch(database, configured, health)
    two._id = "another"
    await park(database, 900_005)
    for _ in range(2):
        await one.step()
        await two.step()
    assert await database.fetchval("SELECT count(*) FROM outbox") == 1
    assert await database.fetchval("SELECT count(*) FROM instances") == 2


async def test_a_process_reports_its_own_troubles(
    database: Pool, configured: Settings, operator: Chat
) -> None:
    health = Health()
    health.polled()
    health.poll_failed(Health.TOKEN, TokenRejectedError("Unauthorized"))
    for _ in range(7):
        health.failed("collect")
    await watch(database, configured, health).step()
    await database.execute("UPDATE alerts SET since = since - interval '2 minutes'")
    await watch(database, configured, health).step()
    said = texts(await operator.news())
    assert any("“collect” has failed 7 times" in one for one in said)
    assert any("rejects the bot’s token" in one for one in said)


async def test_a_database_outage_is_reported_afterwards(
    database: Pool, configured: Settings, operator: Chat
) -> None:
    health = Health()
    health.polled()
    health.started_at -= 86_400
    early = watch(database, configured, health)
    await early.step()
    await database.execute("UPDATE instances SET seen_at = seen_at - interval '2 minutes'")
    await early.step()
    assert await operator.news() == []
    await database.execute("UPDATE instances SET seen_at = seen_at - interval '7 minutes'")
    await early.step()
    await early.step()
    [said] = texts(await operator.news())
    assert said.startswith("⚠️ PostgreSQL was unavailable from")
    assert "(7\u00a0min)" in said
    await database.execute("UPDATE instances SET seen_at = seen_at - interval '2 hours'")
    await watch(database, configured).step()
    [said] = texts(await operator.news())
    assert "HN Pal, or its PostgreSQL, was down" in said
    assert "(2\u00a0h)" in said


async def test_redis_is_up_away_or_unwanted(
    database: Pool, configured: Settings, operator: Chat, redis_url: str
) -> None:
    health = Health()
    health.polled()
    for url, words in (
        (None, "no Redis"),
        (redis_url, "Redis is up"),
        ("redis://127.0.0.1:9/0", "Redis is down"),
    ):
        chosen = configured.model_copy(update={"redis_url": url and SecretStr(url)})
        await watch(database, chosen, health).step()
        assert words in texts(await operator.say("/status"))[-1]


async def test_long_gone_processes_are_forgotten(database: Pool, configured: Settings) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await database.execute(
        "INSERT INTO instances (id, commit, started_at, seen_at) VALUES ('old', 'x', $1, $1)",
        long_ago,
    )
    await watch(database, configured).step()
    assert await database.fetchval("SELECT count(*) FROM instances WHERE id = 'old'") == 0


# --- /uncertain


async def doubt_about(database: Pool, key: str, state: str) -> int:
    """A message whose end is not known."""
    row_id: int = await database.fetchval(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, state, doubts,
                            doubt_since, due_at, expires_at, error)
        VALUES ($1, 77, 'sendMessage', '{}', 2, TRUE, $2, 1, now(), 'infinity', 'infinity', '<504>')
        RETURNING id
        """,
        key,
        state,
    )
    return row_id


async def test_messages_in_doubt_are_listed_sent_again_and_dropped(
    database: Pool, operator: Chat
) -> None:
    assert "No message is in doubt" in texts(await operator.say("/uncertain"))[0]
    waits = await doubt_about(database, "digest:1:0", "pending")
    over = await doubt_about(database, "digest:2:0", "uncertain")
    [page] = await operator.say("/uncertain")
    assert "&lt;504&gt;" in page.text and "digest:2:0" in page.text
    left = shown(await operator.press(page.buttons[f"🔁 Send {over} now"]))
    assert await database.fetchval("SELECT state FROM outbox WHERE id = $1", over) == "pending"
    none = shown(await operator.press(left.buttons[f"🗑 Drop {waits}"]))
    assert await database.fetchval("SELECT state FROM outbox WHERE id = $1", waits) == "failed"
    assert f"Drop {waits}" not in str(none.buttons)
    for data in "uncertain:drop:x", "uncertain:drop:all", "uncertain:resend:", "uncertain:":
        await operator.press(data)
    assert await database.fetchval("SELECT state FROM outbox WHERE id = $1", over) == "pending"
    await operator.press("uncertain:resend:all")
    due = "SELECT due_at <= now() FROM outbox WHERE id = $1"
    assert await database.fetchval(due, over)
