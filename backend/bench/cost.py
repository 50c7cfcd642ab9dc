"""What a day of summaries costs, and that it does not depend on how many read them."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from rehearsal.embedded import PostgreSQL, postgresql
from rehearsal.figures import Figure
from rehearsal.outside.control import Control
from rehearsal.processes import service

from app.database.connection import Pool, open_pool
from app.database.migrate import upgrade
from app.llm.model import LanguageModel
from app.readers.styles import StylesInUse
from app.settings import Settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.supervision import Step
from app.telegram.alerts import Alerts

STORIES = 60
READERS = 10, 1_000, 100_000
STYLES = "basic", "technical", "business", "concise", "personalised"
# Of an article on Hacker News' front page, and of its discussion in the course of a day.
WORDS_OF_AN_ARTICLE = 1_200
COMMENTS = 10, 25, 60
WORDS_OF_A_COMMENT = 60
# What gpt-5-mini thinks at low effort before an answer, an assumption: the simulated model's
# answers are as short as summaries are, and it does not think.
THINKING_TOKENS = 300
SENTENCE = "The committee reported that the old stone bridge was rebuilt after the flood. "


async def measure() -> list[Figure]:
    """US dollars for 60 stories with growing discussions, for each number of readers.

    Every style is read by some. The calls are real ones to a simulated server, which counts four
    characters as a token; what they cost is the sum of their rows.
    """
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
        server = context.enter_context(postgresql(folder / "postgresql", durable=False))
        address = context.enter_context(service("llm"))
        Control(address).post("settings", {"thinking": THINKING_TOKENS})
        everybody = {n: await _a_day(server, address, n, STYLES) for n in READERS}
        basic = await _a_day(server, address, READERS[0], STYLES[:1])
    costs = list(everybody.values())
    return [
        *(
            Figure(f"a day of {STORIES} stories in 4 styles, {readers:,} readers", cost, "USD")
            for readers, cost in everybody.items()
        ),
        Figure("the dearest of these ÷ the cheapest", max(costs) / min(costs), "", 1, "lower"),
        Figure("a day in the basic style alone", basic, "USD"),
    ]


async def _a_day(server: PostgreSQL, address: str, readers: int, styles: tuple[str, ...]) -> float:
    database = f"readers_{readers}_{len(styles)}"
    admin = await open_pool(server.dsn(), size=1)
    await admin.execute(f"CREATE DATABASE {database}")
    await admin.close()
    await upgrade(server.dsn(database))
    pool = await open_pool(server.dsn(database))
    settings = Settings(
        telegram_bot_token="1:x",  # noqa: S106
        database_url=server.url(database),
        openai_api_key="bench",
        openai_base_url=f"{address}/v1",
        llm_daily_budget_usd=Decimal(1000),
        llm_monthly_budget_usd=Decimal(1000),
        stories_per_day=STORIES,
    )
    model = LanguageModel(pool, settings, Alerts(None))
    try:
        await _seed(pool, readers, styles)
        summariser = Summariser(pool, settings, model, _article, StylesInUse(pool))
        await _until_done(summariser.step)
        for comments in COMMENTS:
            await _discuss(pool, comments)
            await _until_done(DiscussionSummariser(pool, settings, model).step)
        answered = "SELECT sum(cost_usd) FROM llm_calls WHERE outcome = 'answered'"
        return float(await pool.fetchval(answered))
    finally:
        await pool.close()


async def _article(story_id: int) -> str:
    return f"Story {story_id}. " + SENTENCE * (WORDS_OF_AN_ARTICLE // len(SENTENCE.split()))


async def _until_done(step: Step) -> None:
    while await step():
        pass


async def _seed(pool: Pool, readers: int, styles: tuple[str, ...]) -> None:
    await pool.execute(
        """
        INSERT INTO readers (chat_id, kind, style)
        SELECT n, 'private', ($2::text[])[1 + n % cardinality($2::text[])]
        FROM generate_series(1, $1::int) AS n
        """,
        readers,
        list(styles),
    )
    await pool.execute(
        """
        INSERT INTO stories (id, kind, title, url, points, article_state, article_words, posted_at)
        SELECT n, 'story', 'Story ' || n, 'https://site' || n || '.example/', n, 'read', $2, now()
        FROM generate_series(1, $1::int) AS n
        """,
        STORIES,
        WORDS_OF_AN_ARTICLE,
    )


async def _discuss(pool: Pool, comments: int) -> None:
    """Let every discussion grow to so many comments."""
    await pool.execute(
        """
        INSERT INTO comments (id, story_id, parent_id, position, depth, author, text)
        SELECT 1000 * stories.id + n, stories.id, stories.id, n, 0, 'user' || n, $2
        FROM stories, generate_series(1, $1::int) AS n
        ON CONFLICT DO NOTHING
        """,
        comments,
        SENTENCE * (WORDS_OF_A_COMMENT // len(SENTENCE.split())),
    )
    await pool.execute(
        "UPDATE stories SET comment_count = $1, discussion_fetched_at = now()", comments
    )
