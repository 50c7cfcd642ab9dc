"""Shows an answer while it is being written, as a draft in a private chat."""

from __future__ import annotations

import asyncio
from time import monotonic

from app.conversations import store
from app.conversations.partial import PartialAnswer
from app.conversations.store import Question
from app.database.connection import Pool
from app.telegram.send.drafts import Drafts
from app.text.telegram_html import without_links

# The interval between updates of the draft, and the delay after one that could not be shown.
LOOK_SECONDS, AGAIN_SECONDS = 1.5, 0.25
# Telegram removes a draft after 30 seconds.
REFRESH_SECONDS = 20.0
MAX_SHOWN = 3500


class AnswerDraft:
    """The draft of one answer; `stopped` is set when the reader stops it."""

    def __init__(
        self, pool: Pool, drafts: Drafts, question: Question, partial: PartialAnswer
    ) -> None:
        self.stopped = asyncio.Event()
        self._pool = pool
        self._drafts = drafts
        self._question = question
        self._partial = partial
        self._done = asyncio.Event()

    def end(self) -> None:
        """Stop showing the draft, because the answer is complete."""
        self._done.set()

    async def run(self) -> None:
        """Show the text now and whenever there is more, until the end, or until drafts turn out to
        be unsupported.

        Raises:
            OUTAGES: PostgreSQL is unavailable; the answer is sent nevertheless.
        """
        shown, shown_at = None, 0.0
        while not self._done.is_set():
            text, pause = await self._partial.text(), LOOK_SECONDS
            if text != shown or monotonic() - shown_at > REFRESH_SECONDS:
                where = self._question.chat_id, self._question.id
                if await self._drafts.show(*where, _html(text)):
                    shown, shown_at = text, monotonic()
                elif self._drafts.available:
                    pause = AGAIN_SECONDS
                else:
                    return
            async with self._pool.acquire() as connection:
                if await store.is_stopped(connection, self._question):
                    self.stopped.set()
                    return
            try:
                async with asyncio.timeout(pause):
                    await self._done.wait()
            except TimeoutError:
                pass


def _html(text: str) -> str:
    paragraphs = (without_links(one, MAX_SHOWN, None) for one in text[:MAX_SHOWN].split("\n"))
    return "\n\n".join(filter(None, paragraphs))
