"""Makes digests that are due or requested, and enqueues them in the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from app.database.connection import OUTAGES, Connection, Pool
from app.digests.candidates import has_enough_candidates
from app.digests.compose import nothing_new
from app.digests.make import Digest, Rounds, make_digests
from app.digests.rich import CLASSIC
from app.digests.rich_offer import compose_offer
from app.digests.store import with_digests
from app.digests.story_alerts import make_alerts
from app.readers import due
from app.readers import store as readers
from app.readers.due import AlertPreferences
from app.readers.store import Reader
from app.settings import Settings
from app.summaries.paid_languages import languages_paid_for
from app.telegram.api.types import Chat
from app.telegram.send import outbox
from app.telegram.send.messages import SEND_RICH, destination, text_message
from app.telegram.send.outbox import BotCall, OutgoingMessage, Priority
from app.wording import text

log = logging.getLogger(__name__)

# The open question of a reader who followed a link to a story and has had no digest yet.
VISIT = "visit"

ALERT_EVERY = timedelta(minutes=1)
ALERT_BATCH = 100

# A larger difference between two steps means that the clock was set, or that the process was
# suspended.
CLOCK_SET = timedelta(minutes=10)
# The number of readers whose schedules are recomputed in one transaction after that.
REPLANNED = 500

# A reader with this many digests is used to the classic look.
DIGESTS_BEFORE_OFFER = 3
BATCH = 50
# Digests are made shortly before they can be sent, so that their stories are recent.
MAX_WAITING = 600
# A digest that could not be sent for this long is given up in favour of the next one.
LIFETIME = {
    Priority.ALERT: timedelta(hours=6),
    Priority.REPLY: timedelta(hours=20),
    Priority.BULK: timedelta(hours=20),
}


def digest_messages(
    reader: Reader,
    thread_id: int | None,
    digest: Digest,
    priority: Priority,
    *,
    shows_rich: bool = True,
) -> list[OutgoingMessage]:
    """The outgoing messages of a digest; `shows_rich` if Telegram's server knows rich messages."""
    place = destination(reader.chat_id, reader.kind, thread_id)
    calls = [
        BotCall("sendMessage", place | text_message(message.html, message.buttons))
        for message in digest.messages
    ]
    fallbacks: list[list[BotCall]] = []
    if digest.rich is not None and shows_rich:
        rich = [digest.rich, digest.rich_without_pictures]
        looks = [[BotCall(SEND_RICH, place | {"rich_message": one})] for one in rich if one]
        calls, *fallbacks = [*looks, calls]
    return [
        OutgoingMessage(
            key=f"digest:{digest.id}:{number}",
            chat_id=reader.chat_id,
            method=call.method,
            parameters=call.parameters,
            priority=priority,
            digest_id=digest.id,
            lifetime=LIFETIME[priority],
            fallbacks=fallbacks,
        )
        for number, call in enumerate(calls)
    ]


class DigestWorker:
    """Makes the digests that are due; any number of instances may run."""

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        on_enqueued: Callable[[], None],
        shows_rich: Callable[[], bool] = lambda: True,
    ) -> None:
        self._pool = pool
        self._shows_rich = shows_rich
        self._stories_per_day = settings.stories_per_day
        self._notice = settings.notice_in
        self._translated = languages_paid_for(settings) if settings.openai_api_key else ()
        self._on_enqueued = on_enqueued
        self._rounds = Rounds()
        self._alerted_at = datetime.min.replace(tzinfo=UTC)
        self._looked_at: datetime | None = None
        # Readers whose alerts are still to be checked in this minute.
        self._wishes: list[AlertPreferences] = []

    async def step(self) -> int:
        """Make the digests of up to `BATCH` readers. Returns the number of readers that were
        handled.
        """
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            await self._follow_clock(connection, now)
            if not await has_enough_candidates(connection, self._stories_per_day):
                return 0
            done = 0
            for kind in "asked", "daily", "weekly":
                if kind != "asked" and await outbox.waiting_bulk(connection) > MAX_WAITING:
                    break
                done += await self._deliver(connection, kind, now)
            done += await self._alert(connection, now)
        if done:
            self._on_enqueued()
        return done

    async def _follow_clock(self, connection: Connection, now: datetime) -> None:
        """Recompute schedules at the start and whenever the clock was set."""
        before, self._looked_at = self._looked_at, now
        if before is not None and abs(now - before) < CLOCK_SET:
            return
        last_chat: int | None = None
        while True:
            async with connection.transaction():
                last_chat = await due.adapt_to_clock(connection, now, last_chat, REPLANNED)
            if last_chat is None:
                return

    async def _deliver(self, connection: Connection, kind: due.DigestKind, now: datetime) -> int:
        claimed: list[Reader] = []
        try:
            async with connection.transaction():
                claimed = await due.claim(connection, kind, now, BATCH)
                await self._make(connection, kind, claimed, now)
        except OUTAGES:
            raise
        except Exception:
            log.exception("A batch of %d %s digests failed; one by one", len(claimed), kind)
            for reader in claimed:
                await self._make_alone(connection, kind, reader, now)
        return len(claimed)

    async def _alert(self, connection: Connection, now: datetime) -> int:
        """Send alerts to some of the readers who want them about stories that match now."""
        if not self._wishes and abs(now - self._alerted_at) >= ALERT_EVERY:
            self._alerted_at = now
            self._wishes = await due.alert_preferences(connection)
        if not self._wishes:
            return 0
        wishes, self._wishes = self._wishes[:ALERT_BATCH], self._wishes[ALERT_BATCH:]
        try:
            async with connection.transaction():
                stories = await self._rounds.present(connection, "alert", now)
                alerts = await make_alerts(connection, wishes, stories, now)
                messages: list[OutgoingMessage] = []
                for reader, digest in alerts:
                    messages += digest_messages(
                        *(reader, reader.thread_id, digest, Priority.ALERT),
                        shows_rich=self._shows_rich(),
                    )
                await outbox.enqueue(connection, messages)
        except OUTAGES:
            raise
        except Exception:
            # A failure must not stop digests.
            log.exception("No alerts for %d readers this time", len(wishes))
        return len(wishes)

    async def _make_alone(
        self, connection: Connection, kind: due.DigestKind, reader: Reader, now: datetime
    ) -> None:
        try:
            async with connection.transaction():
                await self._make(connection, kind, [reader], now)
        except OUTAGES:
            raise
        except Exception:
            log.exception("The %s digest of a reader failed; the next one is planned", kind)
            async with connection.transaction():
                await due.plan_after(connection, kind, [reader], now)

    async def _make(
        self, connection: Connection, kind: due.DigestKind, claimed: Sequence[Reader], now: datetime
    ) -> None:
        if not claimed:
            return
        stories = await self._rounds.present(connection, kind, now)
        digests = await make_digests(
            connection, kind, claimed, stories, now, self._notice, self._translated
        )
        await due.plan_after(connection, kind, claimed, now)
        messages: list[OutgoingMessage] = []
        for reader in claimed:
            digest = digests.get(reader.chat_id)
            messages += _say(kind, reader, digest, now, shows_rich=self._shows_rich())
        if kind == "daily" and self._shows_rich():
            messages += await _look_offers(connection, claimed, digests, now)
        await outbox.enqueue(connection, messages)


def _offer(reader: Reader, digest: Digest) -> OutgoingMessage:
    """The offer of a daily digest, after the first digest of a reader who came for one story."""
    button = text("start.button_begin", reader.language), "onboard:begin"
    return OutgoingMessage(
        key=f"offer:{digest.id}",
        chat_id=reader.chat_id,
        method="sendMessage",
        parameters=destination(reader.chat_id, reader.kind, reader.digest_wanted_in)
        | text_message(text("start.after_visit", reader.language), [[button]]),
    )


async def _look_offers(
    connection: Connection,
    claimed: Sequence[Reader],
    digests: Mapping[int, Digest],
    now: datetime,
) -> list[OutgoingMessage]:
    """The rich look, offered once to each reader who has had some digests; see `rich_offer`."""
    wanted = [
        reader
        for reader in claimed
        if reader.chat_id in digests and reader.kind == Chat.PRIVATE
        if reader.look == CLASSIC and reader.look_offered_at is None
    ]
    chat_ids = [reader.chat_id for reader in wanted]
    used_to = await with_digests(connection, chat_ids, DIGESTS_BEFORE_OFFER)
    messages = []
    for reader in wanted:
        if reader.chat_id in used_to:
            await readers.update(connection, reader, now, look_offered_at=now)
            messages.append(
                OutgoingMessage(
                    key=f"look:{reader.chat_id}",
                    chat_id=reader.chat_id,
                    method=SEND_RICH,
                    parameters=destination(reader.chat_id, reader.kind, reader.thread_id)
                    | {"rich_message": compose_offer(reader.language)},
                    priority=Priority.BULK,
                    lifetime=LIFETIME[Priority.BULK],
                    fallbacks=[()],
                )
            )
    return messages


def _say(
    kind: due.DigestKind,
    reader: Reader,
    digest: Digest | None,
    now: datetime,
    *,
    shows_rich: bool,
) -> list[OutgoingMessage]:
    thread_id = reader.digest_wanted_in if kind == "asked" else reader.thread_id
    if digest is not None:
        priority = Priority.REPLY if kind == "asked" else Priority.BULK
        messages = digest_messages(reader, thread_id, digest, priority, shows_rich=shows_rich)
        if kind == "asked" and reader.onboarding == VISIT:
            messages.append(_offer(reader, digest))
        return messages
    if kind != "asked":
        return []  # nothing is sent instead of "nothing new"
    return [
        OutgoingMessage(
            key=f"nothing:{reader.chat_id}:{now.timestamp()}",
            chat_id=reader.chat_id,
            method="sendMessage",
            parameters=destination(reader.chat_id, reader.kind, thread_id)
            | text_message(nothing_new(reader, now)),
        )
    ]
