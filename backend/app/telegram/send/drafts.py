"""Drafts: texts that a private chat shows while they are being written.

https://core.telegram.org/bots/api#sendmessagedraft: a draft lasts half a minute, and a sent
message replaces it. Drafts are best effort: they are not stored, are never repeated, and are the
first to be dropped near Telegram's rate limits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from app.telegram.api.client import BotApi
from app.telegram.api.outcomes import Accepted, InDoubt, NotAccepted, Refused, TooManyRequests
from app.telegram.send.breaker import Breaker
from app.telegram.send.capabilities import Capabilities
from app.telegram.send.limits import Limits

log = logging.getLogger(__name__)

METHOD = "sendMessageDraft"


class Drafts:
    """Shows drafts on the leader, which counts everything that it sends.

    `leads` returns whether this instance is the leader.
    """

    def __init__(
        self,
        api: BotApi,
        limits: Limits,
        breaker: Breaker,
        capabilities: Capabilities,
        leads: Callable[[], bool],
    ) -> None:
        self._api = api
        self._limits = limits
        self._breaker = breaker
        self._capabilities = capabilities
        self._leads = leads

    @property
    def available(self) -> bool:
        """Whether drafts can be shown at all."""
        return self._leads() and self._capabilities.supports(METHOD)

    async def show(self, chat_id: int, draft_id: int, html: str) -> bool:
        """Show or change a draft, which the reader can stop; an empty one says "Thinking…".

        `draft_id` is not 0. A draft that cannot be shown now is dropped. Returns whether it was
        shown.
        """
        now = monotonic()
        if not self.available or self._breaker.is_open or not self._limits.has_room(chat_id, now):
            return False
        permit = self._limits.acquire(chat_id, now)
        parameters = {
            "chat_id": chat_id,
            "draft_id": draft_id,
            "text": html,
            "parse_mode": "HTML",
            "can_stop": True,
        }
        outcome = await self._api.call(METHOD, parameters)
        self._limits.release(permit, monotonic())
        self._capabilities.learn(METHOD, outcome)
        match outcome:
            case TooManyRequests(retry_after):
                self._limits.refused(chat_id, retry_after, monotonic())
            case Refused() if not self._capabilities.supports(METHOD):
                log.info(
                    "The Bot API server does not support drafts; answers are sent without them"
                )
            case Refused(error) | NotAccepted(error) | InDoubt(error):
                log.info("A draft was dropped: %s", error)
            case _:
                pass
        return isinstance(outcome, Accepted)
