"""The cost of a day's summaries, which must not depend on the number of readers."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from app.database.connection import Pool, open_pool
from app.database.migrate import upgrade
from app.llm.model import LanguageModel
from app.llm.prices import PRICES
from app.readers.styles import StylesInUse
from app.settings import Settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.summaries.translate import Translator
from app.supervision import Step
from app.telegram.operator.alerts import Alerts
from simulators.control import Control
from simulators.embedded import PostgreSQL, postgresql
from simulators.figures import Figure
from simulators.processes import service

MODEL = "gpt-5-mini"
STORIES = 60
READERS = 10, 1_000, 100_000
STYLES = "basic", "technical", "business", "concise", "personalised"
# Assumptions: the length of an article on Hacker News' front page, and its discussion over a day.
WORDS_OF_AN_ARTICLE = 1_200
COMMENTS = 10, 25, 60
WORDS_OF_A_COMMENT = 60
# The reasoning of gpt-5-mini at low effort before an answer, an assumption: the simulated model's
# answers have the length of summaries, and it does not reason.
THINKING_TOKENS = 300
SENTENCE = "The committee reported that the old stone bridge was rebuilt after the flood. "


async def measure() -> list[Figure]:
    """US dollars for 60 stories with growing discussions, for several numbers of readers.

    Every style has readers. The calls go to a simulated server, which counts a token per four
    characters; their cost is the sum of the ledger's rows.
    """
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
        server = context.enter_context(postgresql(folder / "postgresql", durable=False))
        address = context.enter_context(service("llm"))
        Control(address).post("settings", {"thinking": THINKING_TOKENS})
        everybody = {n: await _a_day(server, address, n, STYLES) for n in READERS}
        basic = await _a_day(server, address, READERS[0], STYLES[:1])
        german = await _a_day(server, address, READERS[0], STYLES[:1], language="de")
        every = await _a_day(server, address, READERS[0], STYLES, language="de")
    costs = list(everybody.values())
    return [
        *(
            Figure(f"a day of {STORIES} stories in 4 styles, {readers:,} readers", cost, "USD")
            for readers, cost in everybody.items()
        ),
        Figure("the dearest of these ÷ the cheapest", max(costs) / min(costs), "", 1, "lower"),
        Figure("a day in the basic style alone", basic, "USD"),
        Figure("another language, the basic style", german - basic, "USD more"),
        Figure("another language, 4 styles", every - everybody[READERS[0]], "USD more"),
    ]


async def _a_day(
    server: PostgreSQL, address: str, readers: int, styles: tuple[str, ...], language: str = "en"
) -> float:
    database = f"readers_{readers}_{len(styles)}_{language}"
    admin = await open_pool(server.dsn(), size=1)
    await admin.execute(f"CREATE DATABASE {database}")
    await admin.close()
    await upgrade(server.dsn(database))
    pool = await open_pool(server.dsn(database))
    settings = Settings(
        telegram_bot_token="1:x",
        database_url=server.url(database),
        openai_api_key="bench",
        openai_base_url=f"{address}/v1",
        openai_model=MODEL,
        # Otherwise the simulated server would count as the operator's own, which is free.
        llm_input_usd_per_million=PRICES[MODEL].input,
        llm_output_usd_per_million=PRICES[MODEL].output,
        llm_concurrency=12,
        llm_daily_budget_usd=Decimal(1000),
        llm_monthly_budget_usd=Decimal(1000),
        stories_per_day=STORIES,
    )
    model = LanguageModel(pool, settings, Alerts(None))
    try:
        await _seed(pool, readers, styles, language)
        in_use = StylesInUse(pool)
        translator = Translator(pool, settings, model, in_use.with_languages)
        await _until_done(Summariser(pool, settings, model, _article, in_use).step)
        await _until_done(translator.step)
        for comments in COMMENTS:
            await _discuss(pool, comments)
            await _until_done(DiscussionSummariser(pool, settings, model).step)
            await _until_done(translator.step)
        answered = "SELECT sum(cost_usd) FROM llm_calls WHERE outcome = 'answered'"
        return float(await pool.fetchval(answered))
    finally:
        await pool.close()


async def _article(story_id: int) -> str:
    return f"Story {story_id}. " + SENTENCE * (WORDS_OF_AN_ARTICLE // len(SENTENCE.split()))


async def _until_done(step: Step) -> None:
    while await step():
        pass


async def _seed(pool: Pool, readers: int, styles: tuple[str, ...], language: str) -> None:
    await pool.execute(
        """
        INSERT INTO readers (chat_id, kind, language, style)
        SELECT n, 'private', $3, ($2::text[])[1 + n % cardinality($2::text[])]
        FROM generate_series(1, $1::int) AS n
        """,
        readers,
        list(styles),
        language,
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
    """Increase every discussion to this many comments."""
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
