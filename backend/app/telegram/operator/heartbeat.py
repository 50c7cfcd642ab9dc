"""Sends heartbeats to an external service, which alerts the operator when they stop.

Any service that accepts an HTTP request as a heartbeat works, such as Healthchecks
(https://healthchecks.io/docs/http_api/), Uptime Kuma's push monitor or Dead Man's Snitch: a GET
answered with 2xx. No heartbeat is sent while something needs a person, so the service also reports
that, and the loss of the host.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import aiohttp

from app.database.connection import Pool
from app.health import Health
from app.proxy import proxy_for
from app.settings import Settings
from app.telegram.operator.facts import Facts, gather
from app.telegram.operator.troubles import backups
from app.wording import FALLBACK

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
# The limit for a request: the next heartbeat is due in a minute.
MAX_SECONDS = 10.0
MAX_REDIRECTS = 3
# How much of a response is read, so that the connection can be reused.
MAX_ANSWER_BYTES = 4096


class Heartbeat:
    """Sends the heartbeats of this process while it is the leader."""

    def __init__(self, url: str, pool: Pool, settings: Settings, health: Health) -> None:
        self._url = url
        self._pool = pool
        self._production = settings.environment == "production"
        self._health = health
        # Why the last heartbeat failed or was not sent, so that it is logged once.
        self._complaint: str | None = None

    async def step(self) -> int:
        """Send a heartbeat unless something is wrong. Returns 0: no more work for a while.

        Raises:
            OSError: or another of `OUTAGES`, when PostgreSQL is unavailable.
        """
        if self._health.standby:
            return 0
        complaint = self._health.complaint()
        if complaint is None:
            async with self._pool.acquire() as connection:
                complaint = self._troubles(await gather(connection, datetime.now(UTC)))
        if complaint is None:
            complaint = await self._send()
        self._note(complaint)
        return 0

    def _troubles(self, facts: Facts) -> str | None:
        found = list(backups(facts, FALLBACK, production=self._production))
        return ", ".join(trouble.key.replace("_", " ") for trouble in found) or None

    async def _send(self) -> str | None:
        """Returns the error, or None; a failed heartbeat must not affect the process."""
        try:
            async with (
                aiohttp.ClientSession(
                    cookie_jar=aiohttp.DummyCookieJar(),
                    headers={"User-Agent": "HNPal"},
                    timeout=aiohttp.ClientTimeout(total=MAX_SECONDS),
                    proxy=proxy_for(self._url),
                ) as session,
                session.get(self._url, max_redirects=MAX_REDIRECTS) as answer,
            ):
                await answer.content.read(MAX_ANSWER_BYTES)
                return None if answer.ok else f"the service answered {answer.status}"
        # The error's text may contain the address, which is a secret.
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"the service could not be reached ({type(error).__name__})"

    def _note(self, complaint: str | None) -> None:
        if complaint != self._complaint:
            if complaint is None:
                log.info("Heartbeats are sent again")
            else:
                log.warning("No heartbeat: %s", complaint)
        self._complaint = complaint
