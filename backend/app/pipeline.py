"""The stages from Hacker News to the outbox, started behind the first answer because nobody waits
for them.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

from app.articles.cache import ArticleCache
from app.articles.read import Reader
from app.cache import Cache
from app.conversations.answer import Answerer
from app.database.connection import Pool
from app.digests.exports import Exporter
from app.hackernews.collect import Collector
from app.health import Health
from app.llm.model import LanguageModel
from app.readers.styles import StylesInUse
from app.retention import Retention
from app.settings import Settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.supervision import repeat, vital
from app.telegram.alerts import Alerts
from app.telegram.answers import Answers
from app.telegram.delivery import Delivery
from app.telegram.operator_broadcasts import Broadcasts
from app.telegram.operator_watch import Watch
from app.telegram.sender import Sender

log = logging.getLogger(__name__)

# Each may wait for a model that hangs, for up to a minute.
ANSWERS_AT_ONCE = 6


async def run(settings: Settings, pool: Pool, cache: Cache, sender: Sender, health: Health) -> None:
    """Run every stage until cancelled."""
    warn_of_folder(settings.data_dir)
    texts = ArticleCache(settings.articles_dir, settings.article_store_bytes)
    collector = Collector(pool, settings, cache)
    reader = Reader(pool, settings, texts, cache)
    model = LanguageModel(pool, settings, Alerts(settings.admin_chat_id))
    summariser = Summariser(pool, settings, model, reader.text, StylesInUse(pool))
    discussions = DiscussionSummariser(pool, settings, model)
    delivery = Delivery(pool, settings.stories_per_day, sender.wake)
    stages = {
        "collect": (collector.step, 60.0),
        "read": (reader.step, 5.0),
        "summarise": (summariser.step, 2.0),
        "discuss": (discussions.step, 5.0),
        "deliver": (delivery.step, 1.0),
        "export": (Exporter(pool, settings.exports_dir).step, 300.0),
        "forget": (Retention(pool).step, 3600.0),
        "broadcast": (Broadcasts(pool, settings.admin_chat_id).step, 1.0),
        "watch": (Watch(pool, settings, health, lambda: collector.answered_at).step, 10.0),
    }
    answers = Answers(
        pool,
        Answerer(pool, model, reader.kept, reader.text),
        settings.questions_per_day,
        sender.wake,
    )
    stages["answer anew"] = (answers.say_anew, 1.0)
    stages |= {f"answer {n}": (answers.step, 1.0) for n in range(1, ANSWERS_AT_ONCE + 1)}
    try:
        async with asyncio.TaskGroup() as tasks:
            for name, (step, idle_seconds) in stages.items():
                vital(tasks, name, repeat(name, step, health, idle_seconds=idle_seconds), health)
    finally:
        await collector.close()


def warn_of_folder(folder: Path) -> None:
    """Say so if nothing can be kept in `DATA_DIR`; the bot works on without."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        log.error(
            "DATA_DIR cannot be written to (%s): articles are fetched again and again, and no "
            "day's page is exported. Give the bot's user a folder of its own.",
            error,
        )
