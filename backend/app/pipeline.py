"""The stages from Hacker News to the outbox, started after the first reply because no reader waits
for them.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

from app.articles.cache import ArticleCache
from app.articles.read import PageReader
from app.cache import Cache
from app.concurrency import Signal
from app.conversations.answer import Answerer
from app.database.connection import Pool
from app.digests.exports import Exporter
from app.digests.lede import LedeWriter
from app.hackernews.collect import Collector
from app.hackernews.replies import ReplyCollector
from app.health import Health
from app.llm.model import LanguageModel
from app.readers.follows import FollowedStories
from app.readers.privacy import Eraser
from app.readers.styles import StylesInUse
from app.retention import Retention
from app.settings import Settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.summaries.translate import Translator
from app.supervision import Step, repeat, start_vital
from app.telegram.digest_worker import DigestWorker
from app.telegram.exports.worker import DataExportWorker
from app.telegram.follow_worker import FollowWorker
from app.telegram.operator.alerts import Alerts
from app.telegram.operator.broadcasts import Broadcasts
from app.telegram.operator.watch import Watch
from app.telegram.question_worker import QuestionWorker
from app.telegram.receive.maintenance import unless_maintenance
from app.telegram.reply_worker import ReplyWorker
from app.telegram.send.messages import SEND_RICH
from app.telegram.send.sender import Sender

log = logging.getLogger(__name__)

# A model that hangs may block each of them for up to a minute.
ANSWERS_AT_ONCE = 6
# How often each stage looks for work at least, when nothing happens.
RESTING_SECONDS = 30.0
# All but one of the stages that do the same need not look on their own; they start with the others
# after updates were handled.
SPARE_STAGES = tuple(f"answer {n}" for n in range(2, ANSWERS_AT_ONCE + 1))
SPARE_RESTING_SECONDS = 600.0
# While many updates are handled, few of them are work for these stages.
MIN_INTERVAL = 0.2

# By name, each with the seconds between two looks for work.
Stages = dict[str, tuple[Step, float]]


async def run(
    settings: Settings, pool: Pool, cache: Cache, sender: Sender, health: Health, handled: Signal
) -> None:
    """Run all stages until cancelled; `handled` is set after updates were handled."""
    warn_of_folder(settings.data_dir)
    texts = ArticleCache(settings.articles_dir, settings.article_store_bytes)
    followed = FollowedStories(pool)
    collector = Collector(pool, settings, cache, followed=followed)
    replies = ReplyCollector(pool, settings.hn_api_url, cache)
    reader = PageReader(pool, settings, texts, cache)
    model = LanguageModel(pool, settings, Alerts(settings.admin_chat_id))
    stages = {
        "collect": (collector.step, 60.0),
        "read": (reader.step, 5.0),
        **_written(settings, pool, model, reader, followed),
        "look for replies": (replies.step, 60.0),
        "tell replies": (unless_maintenance(pool, ReplyWorker(pool, sender.wake).step), 10.0),
        "follow": (unless_maintenance(pool, FollowWorker(pool, sender.wake).step), 60.0),
        "export": (Exporter(pool, settings.exports_dir).step, 300.0),
        "forget": (Retention(pool).step, 3600.0),
        "watch": (Watch(pool, settings, health, lambda: collector.answered_at).step, 10.0),
        **_watched_from_outside(settings, pool, health),
    }
    for_people = _for_people(settings, pool, model, reader, sender, health)
    try:
        async with asyncio.TaskGroup() as tasks:
            for name, (step, idle_seconds) in stages.items():
                work = repeat(
                    name, step, health, idle_seconds=idle_seconds, resting_seconds=RESTING_SECONDS
                )
                start_vital(tasks, name, work, health)
            for name, step in for_people.items():
                spare = name in SPARE_STAGES
                work = repeat(
                    name,
                    step,
                    health,
                    idle_seconds=1.0,
                    resting_seconds=SPARE_RESTING_SECONDS if spare else RESTING_SECONDS,
                    wake=handled,
                    min_interval=MIN_INTERVAL,
                )
                start_vital(tasks, name, work, health)
    finally:
        await collector.close()
        await replies.close()


def _written(
    settings: Settings,
    pool: Pool,
    model: LanguageModel,
    reader: PageReader,
    followed: FollowedStories,
) -> Stages:
    """The stages that write texts for all readers."""
    styles = StylesInUse(pool)
    translator = Translator(pool, settings, model, styles.with_languages)
    return {
        "summarise": (Summariser(pool, settings, model, reader.text, styles).step, 2.0),
        "discuss": (DiscussionSummariser(pool, settings, model, followed).step, 5.0),
        "translate": (translator.step, 2.0),
        "lede": (LedeWriter(pool, settings, model).step, 10.0),
    }


def _for_people(
    settings: Settings,
    pool: Pool,
    model: LanguageModel,
    reader: PageReader,
    sender: Sender,
    health: Health,
) -> dict[str, Step]:
    """The stages that somebody waits for, so each also looks for work when updates were handled."""
    digests = DigestWorker(
        pool, settings, sender.wake, shows_rich=lambda: sender.capabilities.supports(SEND_RICH)
    )
    answerer = Answerer(pool, model, reader.kept, reader.text)
    questions = QuestionWorker(
        pool, answerer, settings.questions_per_day, sender.wake, sender.drafts
    )
    files = DataExportWorker(
        pool, settings.postgresql_dsn, settings.outgoing_dir, health, sender.wake
    )
    broadcasts = Broadcasts(pool, settings.admin_chat_id)
    return {
        "deliver": unless_maintenance(pool, digests.step),
        "files": files.step,
        "erase": Eraser(pool).step,
        "broadcast": unless_maintenance(pool, broadcasts.step),
        "answer anew": questions.resend_refused,
        **dict.fromkeys(("answer 1", *SPARE_STAGES), questions.step),
    }


def _watched_from_outside(settings: Settings, pool: Pool, health: Health) -> Stages:
    """The optional parts that the operator has configured; imported only then."""
    stages: Stages = {}
    if settings.heartbeat_url is not None:
        from app.telegram.operator import heartbeat

        url = settings.heartbeat_url.get_secret_value()
        signs = heartbeat.Heartbeat(url, pool, settings, health)
        stages["heartbeat"] = (signs.step, heartbeat.EVERY_SECONDS)
    if settings.metrics_file is not None:
        from app.telegram.operator import metrics

        figures = metrics.Metrics(settings.metrics_file, pool, settings)
        stages["metrics"] = (figures.step, metrics.EVERY_SECONDS)
    return stages


def warn_of_folder(folder: Path) -> None:
    """Log a warning if `DATA_DIR` is not writable; the bot works without it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        log.error(
            "DATA_DIR cannot be written to (%s): articles are fetched repeatedly, and no day is "
            "exported. Give the bot's user a folder of its own",
            error,
        )
