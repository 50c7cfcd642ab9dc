"""Makes requested files one after the other, and enqueues each in the outbox.

The outbox stores only a file's name. The file stays in a separate folder until it is sent, has
expired, or its reader is deleted; unknown files there are deleted after a while.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from app.database.connection import Connection, Pool
from app.digests import history
from app.health import Health
from app.readers import store as readers
from app.telegram.exports import jobs
from app.telegram.exports.jobs import DATA, MAX_ATTEMPTS, ExportJob
from app.telegram.send import outbox
from app.telegram.send.messages import text_message
from app.telegram.send.outbox import OutgoingMessage
from app.wording import FALLBACK, text

log = logging.getLogger(__name__)

MAX_SECONDS = 120.0
LEASE = timedelta(seconds=2 * MAX_SECONDS)
LIFETIME = timedelta(days=1)
# While this many bytes wait to be sent, no further file is made.
MAX_WAITING_BYTES = 200_000_000
# Ages in seconds from which unreferenced files are deleted: finished, and unfinished ones.
UNUSED_SECONDS, UNFINISHED_SECONDS = 60.0, 2 * MAX_SECONDS
UNFINISHED = ".part"
_ENDINGS = {DATA: "json", jobs.MARKDOWN: "md", jobs.BOOKMARKS: "html"}
# The environment variables that the process needs; no token and no key.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH")


class DataExportWorker:
    """Makes one file at a time, on the leader: it sends the files, and has the folder."""

    def __init__(
        self, pool: Pool, dsn: str, folder: Path, health: Health, on_enqueued: Callable[[], None]
    ) -> None:
        self._pool = pool
        self._dsn = dsn
        self._folder = folder
        self._health = health
        self._on_enqueued = on_enqueued
        self._leads = False

    async def step(self) -> int:
        """Make the file that has waited longest. Returns the number of claimed exports."""
        if self._health.standby:
            self._leads = False
            return 0
        if await self._tidy() > MAX_WAITING_BYTES:
            return 0
        async with self._pool.acquire() as connection:
            if not self._leads:
                await jobs.take_over(connection)
                self._leads = True
            job = await jobs.claim(connection, LEASE)
        if job is None:
            return 0
        name = None
        if job.attempts <= MAX_ATTEMPTS:
            name = await self._make(job)
            if name is None and job.attempts < MAX_ATTEMPTS:
                async with self._pool.acquire() as connection:
                    await jobs.release(connection, job)
                return 1
        async with self._pool.acquire() as connection, connection.transaction():
            if await jobs.finish(connection, job, name):
                await outbox.enqueue(connection, [await _message(connection, job, name)])
        self._on_enqueued()
        return 1

    async def _make(self, job: ExportJob) -> str | None:
        """The name of the new file; None if it could not be made."""
        name = f"{secrets.token_hex(16)}.{_ENDINGS[job.kind]}"
        unfinished = self._folder / f"{name}{UNFINISHED}"
        async with self._pool.acquire() as connection:
            reader = (await readers.load(connection, [job.chat_id])).get(job.chat_id)
        language = reader.language if reader else FALLBACK
        arguments = [job.kind, str(job.chat_id), str(job.user_id), language, str(unfinished)]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.telegram.exports.make",
            *arguments,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ}
            | {"DATABASE_URL": self._dsn},
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(MAX_SECONDS):
                code = await process.wait()
        except TimeoutError:
            code = None
        finally:
            if process.returncode is None:
                process.kill()
        if code != 0:
            log.error("Export %d could not be made: its process ended with %s", job.id, code)
            await asyncio.to_thread(unfinished.unlink, missing_ok=True)
            return None
        await asyncio.to_thread(unfinished.rename, self._folder / name)
        return name

    async def _tidy(self) -> int:
        """Delete files that need not be sent. Returns the size of the others in bytes."""
        ages = await asyncio.to_thread(self._files)
        if not ages:
            return 0
        async with self._pool.acquire() as connection:
            waiting = await jobs.waiting_files(connection, list(ages))
        return await asyncio.to_thread(self._delete_unused, ages, waiting)

    def _files(self) -> dict[str, float]:
        """The files with their ages in seconds."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = time.time()
        return {path.name: now - path.stat().st_mtime for path in self._folder.iterdir()}

    def _delete_unused(self, ages: dict[str, float], waiting: set[str]) -> int:
        size = 0
        for name, age in ages.items():
            path = self._folder / name
            least = UNFINISHED_SECONDS if name.endswith(UNFINISHED) else UNUSED_SECONDS
            if name in waiting or age < least:
                size += path.stat().st_size
            else:
                path.unlink(missing_ok=True)
        return size


async def _message(connection: Connection, job: ExportJob, name: str | None) -> OutgoingMessage:
    """The message with the file, or the notice that there is none."""
    known = await readers.load(connection, [job.recipient, job.chat_id])
    recipient = known.get(job.recipient) or known.get(job.chat_id)
    language = recipient.language if recipient else FALLBACK
    if name is None:
        method, parameters = "sendMessage", text_message(text("export.failed", language))
    else:
        today = (await connection.fetchval("SELECT now()")).date()
        stem = "hn-pal-data" if job.kind == DATA else "hn-pal-saved"
        count = await history.count_saved(connection, job.chat_id)
        method = "sendDocument"
        parameters = {
            "document": {"filename": f"{stem}-{today}.{_ENDINGS[job.kind]}", "file": name},
            "caption": text(f"export.caption_{job.kind}", language, count=count),
            "parse_mode": "HTML",
        }
    place = {"chat_id": job.recipient}
    if job.kind != DATA and recipient and recipient.thread_id:
        place["message_thread_id"] = recipient.thread_id
    return OutgoingMessage(
        key=job.key,
        chat_id=job.recipient,
        method=method,
        parameters=place | parameters,
        lifetime=LIFETIME,
    )
