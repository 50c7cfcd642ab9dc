"""What `/search` costs PostgreSQL with 100,000 stories, of which a reader has seen some."""

from __future__ import annotations

import tempfile
from pathlib import Path

import asyncpg
import psutil

from app.database.connection import SERVER_SETTINGS
from app.database.migrate import upgrade
from app.digests import history
from simulators.embedded import postgresql
from simulators.figures import Figure

STORIES = 100_000
DAYS = 400  # as long as digests are kept
STORIES_A_DAY = (10, 50)
RUNS = 30  # the system counts CPU in steps of 10 ms
PAGE = 6
WORDS = {
    "a word of every title": "software",
    "a word of every summary": "sentences",
    "a word of every third title": "thirdly",
    "a rare word": "rarity",
    "two frequent words": "software thirdly",
    "a frequent word and a rare one": "software rarity",
    "a misspelt word": "sofware",
}
BOUNDS = {("a word of every title", 10): 30.0}
# As in docker-compose.prod.yml.
SETTINGS = SERVER_SETTINGS | {"work_mem": "4MB"}

# Some words are a thousand times as frequent as others. The condition makes new ones for each row.
_TEXT = """
    (SELECT string_agg('word' || floor(20000 * random() ^ 4), ' ')
     FROM generate_series(1, {words}) WHERE id > 0)
"""
_STORIES = f"""
    INSERT INTO stories (id, kind, title, url, site, points, comment_count, posted_at,
                         article_state, article_words)
    SELECT id, 'story',
           concat_ws(' ', 'Software', {_TEXT.format(words=7)},
                     CASE WHEN id % 3 = 0 THEN 'thirdly' END,
                     CASE WHEN id % 1000 = 0 THEN 'rarity' END),
           'https://example.invalid/' || id, 'site' || id % 5000 || '.example', 100, 50,
           now() - ($1 - id) * interval '6 minutes', 'read', 900
    FROM generate_series(1, $1::int) AS id
"""
_SUMMARIES = f"""
    INSERT INTO summaries (story_id, style, state, sentences, topics, method, basis)
    SELECT id, 'basic', 'ready', {_TEXT.format(words=60)} || ' sentences.', '["a topic"]', 'llm',
           'article'
    FROM stories
"""
_DIGESTS = """
    INSERT INTO digests (chat_id, kind, local_day, created_at)
    SELECT $1, 'daily', current_date - day, now() - day * interval '1 day'
    FROM generate_series(0, $2 - 1) AS day
"""
_SEEN = """
    INSERT INTO digest_stories (digest_id, story_id, chat_id, position, score)
    SELECT id, $3 - (current_date - local_day) * $4::int - place, $1, place, 1
    FROM digests CROSS JOIN generate_series(0, $2 - 1) AS place WHERE chat_id = $1
"""


async def measure() -> list[Figure]:
    """Milliseconds of CPU for the first page of what is found."""
    with tempfile.TemporaryDirectory() as folder, postgresql(Path(folder) / "postgresql") as server:
        await upgrade(server.dsn())
        connection = await asyncpg.connect(server.dsn(), server_settings=SETTINGS)
        await connection.execute(_STORIES, STORIES)
        await connection.execute(_SUMMARIES)
        for count in STORIES_A_DAY:
            await connection.execute(
                "INSERT INTO readers (chat_id, kind) VALUES ($1, 'private')", count
            )
            await connection.execute(_DIGESTS, count, DAYS)
            await connection.execute(_SEEN, count, count, STORIES, STORIES // DAYS)
        await connection.execute("VACUUM ANALYZE")
        figures = [
            Figure(
                f"{name}, {count * DAYS:,} stories seen",
                await _milliseconds(connection, count, words),
                "ms",
                BOUNDS.get((name, count)),
                "lower",
            )
            for count in STORIES_A_DAY
            for name, words in WORDS.items()
        ]
        await connection.close()
        return figures


async def _milliseconds(connection: asyncpg.Connection, chat_id: int, words: str) -> float:
    server = psutil.Process(connection.get_server_pid())
    before = server.cpu_times()
    for _ in range(RUNS):
        await history.search_seen(connection, chat_id, words, limit=PAGE)
    after = server.cpu_times()
    return 1000 * (after.user + after.system - before.user - before.system) / RUNS
