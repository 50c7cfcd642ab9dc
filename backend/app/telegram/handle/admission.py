"""Limits how much one person, and one person's groups, may ask of the bot.

Token buckets (https://en.wikipedia.org/wiki/Token_bucket) in memory: a restart fills them, which
costs no more than the restart. What a restart must not allow again, such as exports and questions,
is also counted in the database.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from time import monotonic

from app.readers.store import Reader
from app.telegram.api.types import Update

MAX_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket's size, and the tokens that are added per second."""

    size: float
    per_second: float


# Every request costs one of these; normal use does not reach the limit.
REQUESTS = Rate(60, 1.0)
# Requests that use PostgreSQL, the model, the disk or many messages also cost `Command.cost`.
WORK = Rate(20, 1 / 15)


class Admission(Enum):
    """The decision about a request."""

    ADMITTED = "admitted"
    TOLD = "told"  # refused; the person is told
    SILENT = "silent"  # refused; the person has been told before


@dataclass(slots=True)
class Bucket:
    """A person's remaining tokens at time `at`."""

    requests: float
    work: float
    at: float
    told: bool = False

    def wait(self, cost: int, now: float) -> float:
        """Refill, and return the seconds until a request of this cost is admitted."""
        passed = max(0.0, now - self.at)
        self.requests = min(REQUESTS.size, self.requests + passed * REQUESTS.per_second)
        self.work = min(WORK.size, self.work + passed * WORK.per_second)
        self.at = now
        return max(
            (1 - self.requests) / REQUESTS.per_second, (cost - self.work) / WORK.per_second, 0.0
        )

    def is_half_full(self) -> bool:
        return self.requests >= REQUESTS.size / 2 and self.work >= WORK.size / 2


class AdmissionControl:
    """The buckets of everybody with recent requests."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, int], Bucket] = OrderedDict()

    def admit(self, payers: Sequence[tuple[str, int]], cost: int) -> tuple[Admission, float]:
        """Take a request's tokens from all who pay for it, or from none.

        Returns:
            The decision, and the seconds until such a request is admitted.
        """
        now = self._clock()
        buckets = [self._bucket(payer, now) for payer in payers]
        wait = max((bucket.wait(cost, now) for bucket in buckets), default=0.0)
        if wait > 0:
            told = all(bucket.told for bucket in buckets)
            for bucket in buckets:
                bucket.told = True
            return (Admission.SILENT if told else Admission.TOLD), wait
        for bucket in buckets:
            bucket.requests -= 1
            bucket.work -= cost
            # Not with the first new token: a flood would be answered every second.
            bucket.told &= not bucket.is_half_full()
        return Admission.ADMITTED, 0.0

    def _bucket(self, payer: tuple[str, int], now: float) -> Bucket:
        bucket = self._buckets.setdefault(payer, Bucket(REQUESTS.size, WORK.size, now))
        self._buckets.move_to_end(payer)
        # The person without requests for the longest time has the fullest bucket.
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket


def bucket_owners(update: Update, reader: Reader | None) -> list[tuple[str, int]]:
    """The owners of the buckets that pay for an update: the person, and in a group or channel also
    the person who added the bot, for all chats together.
    """
    chat, user = update.effective_chat, update.effective_user
    assert chat is not None
    if chat.is_private:
        return [("person", chat.id)]
    added_by = reader.added_by if reader is not None else None
    payers = [("chats of", added_by) if added_by is not None else ("chat", chat.id)]
    if user is not None and is_named(update):
        payers.append(("person", user.id))
    return payers


def is_named(update: Update) -> bool:
    """Whether an update identifies a person: all anonymous admins of all groups have the same id,
    and so have all posts of channels.
    """
    message = update.effective_message
    named = message is None or message.sender_chat is None or update.callback_query is not None
    return update.effective_user is not None and named
