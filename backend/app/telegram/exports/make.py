"""`python -m app.telegram.exports.make KIND CHAT USER LANGUAGE FILE`: make one file, and exit.

It is a separate process with limits enforced by the kernel: an export must not use up the bot's
memory or the host's disk. The only setting it needs is DATABASE_URL.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path
from typing import IO

from app.database.connection import Connection, connect
from app.telegram.exports.jobs import BOOKMARKS, DATA, MARKDOWN

# The Bot API accepts documents of up to 50 MB.
MAX_BYTES = 45_000_000
MAX_MEMORY = 384 * 1024**2
MAX_CPU_SECONDS = 60
MAX_STORIES = 10_000
STATEMENT_TIMEOUT = "60s"
NICE = 10


def limit_resources() -> None:
    """Set this process's resource limits."""
    os.nice(NICE)
    os.umask(0o077)  # only this user can read the file
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    # The end of the document, after everything that is counted.
    most = MAX_BYTES + 10_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


async def make(kind: str, chat_id: int, user_id: int, language: str, file: IO[str]) -> None:
    """Write the content of the file."""
    connection = await connect(
        os.environ["DATABASE_URL"], statement_timeout=STATEMENT_TIMEOUT, application_name="export"
    )
    try:
        if kind == DATA:
            # Imported only where needed, to save memory; the same below.
            from app.readers.personal_data import write_document

            await write_document(connection, chat_id, user_id, file, MAX_BYTES)
        else:
            file.write(await _saved_stories(connection, chat_id, kind, language))
    finally:
        connection.terminate()


async def _saved_stories(connection: Connection, chat_id: int, kind: str, language: str) -> str:
    from app.digests.history import saved_stories
    from app.digests.saved_files import as_bookmarks, as_markdown
    from app.wording import text
    from app.wording.dates import past_day

    stories = await saved_stories(connection, chat_id, limit=MAX_STORIES)
    if kind == BOOKMARKS:
        return as_bookmarks(stories)
    today = (await connection.fetchval("SELECT now()")).date()
    return as_markdown(stories, text("saved.title", language, day=past_day(today, language)))


def main(arguments: list[str]) -> int:
    kind, chat_id, user_id, language, path = arguments
    if kind not in (DATA, MARKDOWN, BOOKMARKS):
        return 2
    limit_resources()
    with Path(path).open("x", encoding="utf-8") as file:
        asyncio.run(make(kind, int(chat_id), int(user_id), language, file))
        file.flush()
        os.fsync(file.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
