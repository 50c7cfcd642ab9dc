"""Two instances on one database; the leader is killed in the middle of a fan-out."""

from __future__ import annotations

from app.telegram.send.sender import MAX_CALLS, MIN_IN_FLIGHT
from bench.due_readers import Deliveries, deliveries, seed, until_sent, until_settled
from bench.stack import UNLIMITED, Stack, stack
from simulators.control import wait_until
from simulators.figures import Figure

READERS = 10_000
# At Telegram's rate, fewer readers keep the run short.
PACED_READERS = 900
# The reply to this chat shows that the first instance leads.
SOMEBODY = 1_000_000


async def measure() -> list[Figure]:
    """No reader misses a digest, only messages in flight are duplicated, and the new leader
    respects the limits that the old one has used up.
    """
    async with stack() as running:
        found = await _lose_the_leader(running, READERS, UNLIMITED)
    async with stack(telegram_limits=True) as running:
        paced = await _lose_the_leader(running, PACED_READERS, {})
        refused = running.telegram.get("state")["counts"].get("sendMessage 429", 0)
    return [
        Figure("readers with two digests, leader killed", found.twice, "", MAX_CALLS, "lower"),
        Figure("readers without one, leader killed", found.missed, "", 0, "lower"),
        Figure("silence before the second took over", found.longest_silence, "s", 5, "lower"),
        Figure(
            "readers with two digests, at Telegram's rate", paced.twice, "", MIN_IN_FLIGHT, "lower"
        ),
        Figure("readers without one, at Telegram's rate", paced.missed, "", 0, "lower"),
        Figure("refused with 429 when the second took over", refused, "", 0, "lower"),
    ]


async def _lose_the_leader(running: Stack, readers: int, limits: dict[str, str]) -> Deliveries:
    leader = running.app.start(**limits)
    running.telegram.say(SOMEBODY, "/help")
    running.telegram.wait_for_messages(SOMEBODY, 1)
    second = running.app.start(**limits, LOG_LEVEL="INFO")
    wait_until(lambda: "standing by" in running.app.log or None, "second instance")
    await seed(running, readers)
    await until_sent(running, readers // 2, leader)
    leader.kill()
    leader.wait()
    await until_settled(running, second)
    return await deliveries(running, readers)
