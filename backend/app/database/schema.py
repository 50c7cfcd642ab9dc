"""Every table, declared for alembic; the SQL that uses them lives in each package's `store.py`.

Only migrations and their tests import this module: at run time the app speaks plain SQL through
asyncpg, because importing SQLAlchemy would more than double the time to the first answer.

Conventions: times are `timestamptz`; a `claimed_until` in the future means that some process is at
work on the row; `due_at` is when the next attempt may begin; ids that come from Telegram or
Hacker News are `bigint` (Telegram's have up to 52 bits).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Timestamp = DateTime(timezone=True)


def _now(name: str) -> Column[object]:
    return Column(name, Timestamp, nullable=False, server_default=func.now())


def _flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text(str(default).lower()))


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def _json(name: str, default: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))


def _reader() -> Column[int]:
    return Column(
        "chat_id", BigInteger, ForeignKey("readers.chat_id", ondelete="CASCADE"), nullable=False
    )


def _story(**options: bool) -> Column[int]:
    return Column(
        "story_id",
        BigInteger,
        ForeignKey("stories.id", ondelete="CASCADE"),
        nullable=False,
        **options,  # type: ignore[arg-type]
    )


# --- Hacker News -------------------------------------------------------------------------------

stories = Table(
    "stories",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # story, ask, show, job, poll
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("canonical_url", Text),  # what two submissions of one page share
    Column("site", Text),
    Column("author", Text),
    Column("text", Text),  # HN's own HTML
    _count("points"),
    _count("comment_count"),
    Column("front_page_rank", Integer),  # best rank seen in topstories, from 1
    _flag("dead"),
    Column("duplicate_of", BigInteger, ForeignKey("stories.id", ondelete="SET NULL")),
    Column("posted_at", Timestamp, nullable=False),
    _now("first_seen_at"),
    _now("refreshed_at"),
    Column("discussion_fetched_at", Timestamp),
    # How the reading of the linked page stands; the text itself is in RocksDB.
    Column("article_state", Text, nullable=False, server_default="pending"),
    Column("article_reason", Text),  # why there is no text, as a reason code
    Column("article_words", Integer),
    _count("article_attempts"),
    _now("article_due_at"),
    Column("article_claimed_until", Timestamp),
    CheckConstraint(
        "article_state IN ('pending', 'read', 'unreadable', 'none')", name="article_state"
    ),
    Index(None, "canonical_url"),
    Index(
        "ix_stories_duplicate_of",
        "duplicate_of",
        postgresql_where=text("duplicate_of IS NOT NULL"),
    ),
    Index(None, "posted_at"),
    Index(None, "first_seen_at"),
    Index(
        "ix_stories_unread", "article_due_at", postgresql_where=text("article_state = 'pending'")
    ),
    # For /search, see app/digests/history.py.
    Index(
        "ix_stories_words",
        text(
            "(setweight(to_tsvector('english', title), 'A')"
            " || to_tsvector('english', coalesce(site, '')))"
        ),
        postgresql_using="gin",
    ),
)

comments = Table(
    "comments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _story(),
    Column("parent_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),  # depth-first order on the page, from 0
    Column("depth", Integer, nullable=False),  # 0 answers the story itself
    Column("author", Text),
    Column("text", Text, nullable=False),  # HN's own HTML
    Column("posted_at", Timestamp),
    Index(None, "story_id", "position"),
    Index(
        "ix_comments_linking",
        "story_id",
        postgresql_where=text("depth = 0 AND text LIKE '%item?id=%'"),
    ),
)

# --- Summaries ---------------------------------------------------------------------------------

summaries = Table(
    "summaries",
    metadata,
    _story(primary_key=True),
    Column("style", Text, primary_key=True),  # basic, technical, business, concise
    Column("state", Text, nullable=False, server_default="pending"),
    Column("sentences", Text),  # two or three sentences, plain text
    _json("key_points", "[]"),
    _json("topics", "[]"),
    Column("method", Text),  # llm or extractive
    Column("basis", Text),  # article, hn_text, discussion, none: what it was made from
    Column("model", Text),
    Column("article_state", Text),  # that of the story when this was made
    Column("reason", Text),  # why there is no better summary
    _count("attempts"),
    Column("due_at", Timestamp),  # when to make it, or make it better; null: it stays as it is
    Column("claimed_until", Timestamp),
    Column("made_at", Timestamp),
    CheckConstraint("state IN ('pending', 'ready')", name="state"),
    Index(
        "ix_summaries_words",
        text("to_tsvector('english', (sentences || ' ') || topics::text)"),
        postgresql_using="gin",
    ),
)

discussions = Table(
    "discussions",
    metadata,
    _story(primary_key=True),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("line", Text),  # the discussion in one line, plain text
    _json("agreements", "[]"),  # [{"text": …, "comment_ids": [..]}]
    _json("disagreements", "[]"),
    Column("method", Text),
    Column("model", Text),
    Column("reason", Text),  # why there is no better one
    _count("comment_count"),  # of the story when this was made
    _count("attempts"),
    Column("due_at", Timestamp),  # as in summaries
    Column("claimed_until", Timestamp),
    Column("made_at", Timestamp),
    CheckConstraint("state IN ('pending', 'ready')", name="state"),
)

llm_calls = Table(
    "llm_calls",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _now("at"),
    Column("purpose", Text, nullable=False),  # summary, discussion, question
    Column("story_id", BigInteger),
    Column("model", Text, nullable=False),
    _count("prompt_tokens"),
    _count("completion_tokens"),
    Column("cost_usd", Numeric(12, 6), nullable=False, server_default=text("0")),
    Column("latency_ms", Integer),
    # reserved before the call, so that a budget holds across processes and crashes
    Column("outcome", Text, nullable=False, server_default="reserved"),
    Index(None, "at"),
)

# --- Readers -----------------------------------------------------------------------------------

readers = Table(
    "readers",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # private, group, supergroup, channel
    Column("name", Text),
    Column("language", Text, nullable=False, server_default="en"),
    Column("timezone", Text, nullable=False, server_default="UTC"),
    Column("digest_time", Time, nullable=False, server_default=text("'08:00'")),
    # ISO weekdays on which a digest is sent, 1 is Monday
    Column(
        "digest_days",
        ARRAY(SmallInteger),
        nullable=False,
        server_default=text("'{1,2,3,4,5,6,7}'::smallint[]"),
    ),
    _count("story_count", 7),
    Column("style", Text, nullable=False, server_default="basic"),
    _count("minimum_points", 0),
    Column("weekly_day", SmallInteger),  # ISO weekday of the weekly digest; null: none
    _count("alert_points", 0),  # 0: no alerts by score
    _count("alerts_per_day", 3),
    Column("onboarding", Text),  # the first question that is still open
    Column("awaiting", Text),  # the setting that may be typed now
    Column("thread_id", BigInteger),  # the topic of a forum that digests go to
    _flag("memory_paused"),
    _now("created_at"),
    Column("paused_at", Timestamp),
    Column("unreachable_at", Timestamp),  # blocked, kicked or gone
    Column("unreachable_reason", Text),
    Column("next_digest_at", Timestamp),
    Column("next_weekly_at", Timestamp),
    # The reader's own dates that the last digests were for: a date has one of each.
    Column("last_digest_on", Date),
    Column("last_weekly_on", Date),
    # The moment that the last daily one was due: in another zone it may have another date.
    Column("last_digest_due_at", Timestamp),
    Column("digest_wanted_at", Timestamp),  # asked for before there was anything to send
    Column("digest_wanted_in", BigInteger),  # the topic of a forum where it was asked for
    Index(
        "ix_readers_next_digest_at",
        "next_digest_at",
        postgresql_where=text("unreachable_at IS NULL"),
    ),
    Index(
        "ix_readers_next_weekly_at",
        "next_weekly_at",
        postgresql_where=text("unreachable_at IS NULL"),
    ),
    Index(
        "ix_readers_digest_wanted_at",
        "digest_wanted_at",
        postgresql_where=text("digest_wanted_at IS NOT NULL"),
    ),
)

interests = Table(
    "interests",
    metadata,
    _reader(),
    Column("phrase", Text, nullable=False),
    Column("weight", Numeric(6, 3), nullable=False, server_default=text("1")),
    Column("source", Text, nullable=False, server_default="reader"),  # or feedback, forgotten
    Column("reason", Text),  # for learned ones: what it was learned from
    _flag("alert"),  # tell at once when a story matches
    _now("added_at"),
    UniqueConstraint("chat_id", "phrase", "source"),
)

mutes = Table(
    "mutes",
    metadata,
    _reader(),
    Column("kind", Text, nullable=False),  # word or site
    Column("value", Text, nullable=False),
    _now("added_at"),
    UniqueConstraint("chat_id", "kind", "value"),
)

feedback = Table(
    "feedback",
    metadata,
    _reader(),
    _story(),
    Column("user_id", BigInteger, nullable=False),  # who of a group; the chat itself in private
    Column("opinion", SmallInteger, nullable=False),  # 1 or -1
    _now("given_at"),
    # False: given while the memory was paused, or forgotten since; nothing is learned from it.
    _flag("remembered", default=True),
    UniqueConstraint("chat_id", "story_id", "user_id"),
)

saved_stories = Table(
    "saved_stories",
    metadata,
    _reader(),
    _story(),
    _now("saved_at"),
    _flag("remembered", default=True),  # as in feedback
    UniqueConstraint("chat_id", "story_id"),
)

# --- Digests -----------------------------------------------------------------------------------

digests = Table(
    "digests",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _reader(),
    Column("kind", Text, nullable=False),  # daily, weekly, asked, alert
    Column("local_day", Date, nullable=False),  # the reader's own date
    _now("created_at"),
    # One scheduled digest a day, whatever happens; asked ones as often as they are asked for.
    Index(
        "uq_digests_scheduled",
        "chat_id",
        "kind",
        "local_day",
        unique=True,
        postgresql_where=text("kind IN ('daily', 'weekly')"),
    ),
    Index(None, "created_at"),
    Index("ix_digests_reader", "chat_id", "local_day"),
)

digest_stories = Table(
    "digest_stories",
    metadata,
    Column("digest_id", BigInteger, ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True),
    _story(primary_key=True),
    _reader(),
    Column("position", Integer, nullable=False),
    Column("score", Numeric(10, 4), nullable=False),
    _json("reasons", "{}"),  # the terms of the score, for /why
    # False when the delivery failed or is in doubt: the story may be chosen again.
    _flag("seen", default=True),
    Column("opened_at", Timestamp),  # when its card was first opened
    Index("ix_digest_stories_seen", "chat_id", "story_id"),
)

# What a person's plain words are about, until they fall silent or turn to another story.
conversations = Table(
    "conversations",
    metadata,
    _reader(),
    Column("user_id", BigInteger, nullable=False),
    _story(),
    _count("turns"),
    _now("last_at"),
    PrimaryKeyConstraint("chat_id", "user_id"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _reader(),
    # null while the person is asked which story is meant
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE")),
    Column("user_id", BigInteger, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text),  # plain text
    _json("sources", "[]"),  # what it rests on: "article" or comment ids
    Column("method", Text),  # llm or extractive
    Column("state", Text, nullable=False, server_default="pending"),
    Column("reply_to_message_id", BigInteger),
    _count("attempts"),
    _now("asked_at"),
    Column("claimed_until", Timestamp),
    Column("answered_at", Timestamp),
    CheckConstraint("state IN ('open', 'pending', 'answered')", name="state"),
    Index("ix_questions_pending", "asked_at", postgresql_where=text("state = 'pending'")),
    Index(None, "chat_id", "story_id", "asked_at"),
    Index(None, "user_id", "asked_at"),
)

# --- Telegram ----------------------------------------------------------------------------------

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger, nullable=False),  # what order is kept within; 0: no chat
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    _count("attempts"),
    Column("error", Text),
    _now("received_at"),
    _now("due_at"),
    Column("handled_at", Timestamp),
    CheckConstraint("state IN ('pending', 'done', 'parked')", name="state"),
    Index("ix_inbox_pending", "chat_id", "update_id", postgresql_where=text("state = 'pending'")),
    Index("ix_inbox_parked", "update_id", postgresql_where=text("state = 'parked'")),
    Index(None, "received_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # makes a second enqueue harmless
    Column("chat_id", BigInteger, nullable=False),
    Column("method", Text, nullable=False),  # of the Bot API
    Column("parameters", JSONB, nullable=False),
    Column("priority", SmallInteger, nullable=False),  # 0 answers somebody who waits, 2 is bulk
    Column("repeatable", Boolean, nullable=False),  # may be sent once more when in doubt
    Column("state", Text, nullable=False, server_default="pending"),
    _count("attempts"),
    _count("doubts"),  # how often it was sent without its end becoming known
    Column("error", Text),
    Column("digest_id", BigInteger, ForeignKey("digests.id", ondelete="CASCADE")),
    Column("story_id", BigInteger),  # the one story that a message is about, for replies to it
    _now("created_at"),
    _now("due_at"),
    Column("expires_at", Timestamp),  # not worth sending after this
    Column("sending_at", Timestamp),
    Column("sent_at", Timestamp),
    Column("message_id", BigInteger),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'uncertain', 'failed')", name="state"),
    Index("ix_outbox_pending", "priority", "id", postgresql_where=text("state = 'pending'")),
    Index("ix_outbox_sending", "id", postgresql_where=text("state = 'sending'")),
    Index("ix_outbox_uncertain", "id", postgresql_where=text("state = 'uncertain'")),
    Index(
        "ix_outbox_chat_waiting",
        "chat_id",
        "priority",
        "id",
        postgresql_where=text("state IN ('pending', 'sending')"),
    ),
    # Partial, so that it is never taken for one on the chat's waiting messages.
    Index(
        "ix_outbox_message",
        "chat_id",
        "message_id",
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index(None, "created_at"),
    Index("ix_outbox_digest_id", "digest_id"),
)

bot_profile = Table(
    "bot_profile",
    metadata,
    Column("call", Text, primary_key=True),  # a method of the Bot API, language, scope and bot
    Column("fingerprint", Text, nullable=False),  # of what Telegram was told last
    _now("told_at"),
)

# --- The operator ------------------------------------------------------------------------------

alerts = Table(
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),  # what is wrong
    Column("detail", Text, nullable=False),  # Telegram's HTML, in the operator's language
    _count("degree", 1),  # how bad it is, told again when it gets worse; 0: cannot be watched
    _count("told_degree"),
    _now("since"),
    Column("told_at", Timestamp),  # null: not for long enough yet
    Column("quiet_since", Timestamp),  # since when it has not been seen; over after a while
)

# Every process of the app that ran in the last days, and what it last knew of itself.
instances = Table(
    "instances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("commit", Text, nullable=False),
    Column("started_at", Timestamp, nullable=False),
    _now("seen_at"),
    _flag("leads"),
    Column("polled_at", Timestamp),
    _json("state", "{}"),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("html", Text, nullable=False),
    Column("language", Text),  # null: readers of every language
    Column("state", Text, nullable=False, server_default="draft"),
    _now("made_at"),
    Column("confirmed_at", Timestamp),
    Column("after_chat_id", BigInteger),  # readers up to this one have theirs in the outbox
    _count("enqueued"),
    Column("message_id", BigInteger),  # where its progress is shown
    Column("shown_at", Timestamp),
    CheckConstraint("state IN ('draft', 'cancelled', 'sending', 'done')", name="state"),
    Index("ix_broadcasts_sending", "id", postgresql_where=text("state = 'sending'")),
)

host_reports = Table(
    "host_reports",
    metadata,
    # backup, drill: what went well last; backup_failure, drill_failure: what did not since. Written
    # by the host's timers.
    Column("kind", Text, primary_key=True),
    Column("at", Timestamp, nullable=False),
    _json("detail", "{}"),
)
