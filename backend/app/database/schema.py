"""Every table, declared for Alembic. The SQL that uses a table is in its package's `store.py`.

Only migrations and their tests import this module. At run time the app uses plain SQL through
asyncpg: importing SQLAlchemy would more than double the time to the first answer.

Conventions: times are `timestamptz`; a `claimed_until` in the future means that a process is
working on the row; `due_at` is the earliest time of the next attempt; ids from Telegram and Hacker
News are `bigint` (Telegram's have up to 52 bits).
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
    Column("canonical_url", Text),  # the same for all submissions of one page
    Column("site", Text),
    Column("author", Text),
    Column("text", Text),  # HN's own HTML
    _count("points"),
    _count("comment_count"),
    Column("front_page_rank", Integer),  # the best rank seen in topstories, from 1
    _flag("dead"),
    Column("duplicate_of", BigInteger, ForeignKey("stories.id", ondelete="SET NULL")),
    Column("posted_at", Timestamp, nullable=False),
    _now("first_seen_at"),
    # When its points last doubled, it returned to the front page or it was revived, and its points
    # then; null: never since it was first seen.
    Column("risen_at", Timestamp),
    Column("risen_points", Integer),
    Column("front_page_at", Timestamp),  # when it was last seen on the front page
    _now("refreshed_at"),
    Column("discussion_fetched_at", Timestamp),
    # The state of reading the linked page; the text itself is in RocksDB.
    Column("article_state", Text, nullable=False, server_default="pending"),
    Column("article_reason", Text),  # why there is no text, a reason code
    Column("article_words", Integer),
    Column("article_picture", Text),  # the https address of the page's picture
    Column("article_fingerprint", BigInteger),  # of the text, to recognise the text elsewhere
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
    Index("ix_stories_lively_since", text("coalesce(risen_at, first_seen_at)")),
    Index(
        "ix_stories_fingerprint",
        "article_fingerprint",
        postgresql_where=text("article_fingerprint IS NOT NULL"),
    ),
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

# Other addresses of a story's page: former links, and the canonical address that the page gives.
story_pages = Table(
    "story_pages",
    metadata,
    _story(),
    Column("canonical_url", Text, nullable=False),
    PrimaryKeyConstraint("story_id", "canonical_url"),
    Index(None, "canonical_url"),
)

# What the model says of a story's text, by the text's fingerprint; not all of it is believed, see
# app/articles/judgements.py.
page_judgements = Table(
    "page_judgements",
    metadata,
    _story(primary_key=True),
    Column("fingerprint", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # article, partial, paywall, …, other
    Column("model", Text, nullable=False),
    Column("certain", Boolean, nullable=False),  # whether it is an article whatever the model says
    _now("judged_at"),
    Index(None, "judged_at"),
)

# Pairs of the same story, according to commenters or because a discussion was moved.
same_stories = Table(
    "same_stories",
    metadata,
    _story(),
    Column("target_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    _flag("moved"),  # the first story's discussion is now at the second
    PrimaryKeyConstraint("story_id", "target_id"),
    Index(None, "target_id"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _story(),
    Column("parent_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),  # depth-first order on the page, from 0
    Column("depth", Integer, nullable=False),  # 0: a top-level comment
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
    Column("basis", Text),  # article, hn_text, discussion, none: what the summary was made from
    Column("model", Text),
    Column("article_state", Text),  # the story's state when this was made
    Column("reason", Text),  # why there is no better summary, a reason code
    _count("attempts"),
    Column("due_at", Timestamp),  # when to make or improve it; null: it is final
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
    Column("line", Text),  # the discussion in one sentence, plain text
    _json("agreements", "[]"),  # [{"text": …, "comment_ids": [..]}]
    _json("disagreements", "[]"),
    _json("voices", "[]"),  # the same for quoted comments, where no model summarises
    Column("method", Text),
    Column("model", Text),
    Column("reason", Text),  # as in summaries
    _count("comment_count"),  # the story's count at the last attempt
    # When the shown summary was made, and the story's comment count then.
    Column("shown_at", Timestamp),
    Column("shown_comment_count", Integer),
    _count("attempts"),
    Column("due_at", Timestamp),  # as in summaries
    Column("claimed_until", Timestamp),
    Column("made_at", Timestamp),
    CheckConstraint("state IN ('pending', 'ready')", name="state"),
)

# Summaries and discussions in other languages than English, where a model has written them.
translations = Table(
    "translations",
    metadata,
    _story(primary_key=True),
    Column("part", Text, primary_key=True),  # the style of a summary, or discussion
    Column("language", Text, primary_key=True),
    Column("state", Text, nullable=False, server_default="pending"),
    _json("originals", "[]"),  # the English texts that were translated; with others it is stale
    _json("texts", "[]"),  # as many; null where one cannot be shown
    Column("model", Text),
    Column("reason", Text),
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
    Column("purpose", Text, nullable=False),  # summary, discussion, translation, lede, question
    Column("story_id", BigInteger),
    Column("payer", Text),  # the person who asked the question, as in question_counts
    Column("model", Text, nullable=False),
    _count("prompt_tokens"),
    _count("completion_tokens"),
    Column("cost_usd", Numeric(12, 6), nullable=False, server_default=text("0")),
    Column("expected_usd", Numeric(12, 6)),  # the cost if the actual one stays unknown
    Column("latency_ms", Integer),
    # Reserved before the call, so that budgets hold across processes and crashes.
    Column("outcome", Text, nullable=False, server_default="reserved"),
    Index(None, "at"),
)

# Two sentences by the model about a day, for all readers of a language.
ledes = Table(
    "ledes",
    metadata,
    Column("day", Date, nullable=False),  # in UTC
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("text", Text),
    _json("story_ids", "[]"),  # the stories that it mentions
    Column("model", Text),
    Column("reason", Text),  # why there is none, a reason code
    _count("attempts"),
    Column("due_at", Timestamp),  # when to make it; null: it is made, or will not be
    Column("claimed_until", Timestamp),
    Column("made_at", Timestamp),
    PrimaryKeyConstraint("day", "language"),
    CheckConstraint("state IN ('pending', 'ready')", name="state"),
)

# Users of Hacker News whose replies readers receive.
hn_users = Table(
    "hn_users",
    metadata,
    Column("name", Text, primary_key=True),
    # Replies with a greater number are new; null: nobody has looked yet.
    Column("after_id", BigInteger),
    # Submissions up to this number are too old to be answered.
    Column("closed_id", BigInteger, nullable=False, server_default=text("0")),
    _flag("unknown"),  # Hacker News has no such user
    _now("due_at"),
    Column("claimed_until", Timestamp),
    Index(None, "due_at"),
)

# Comments below what they have posted, as far as they were looked at.
hn_replies = Table(
    "hn_replies",
    metadata,
    Column("comment_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "name", Text, ForeignKey("hn_users.name", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("author", Text),
    Column("about", Text),  # what it answers: a story's title, or how a comment begins
    Column("text", Text),  # plain; null: it is not to be told, such as one's own
    Column("posted_at", Timestamp),
    _now("found_at"),
    Index(None, "found_at"),
)

# --- Readers -----------------------------------------------------------------------------------

readers = Table(
    "readers",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # private, group, supergroup, channel
    Column("name", Text),
    Column("language", Text, nullable=False, server_default="en"),
    Column("summary_language", Text),  # null: that of the interface
    Column("timezone", Text, nullable=False, server_default="UTC"),
    Column("digest_time", Time, nullable=False, server_default=text("'08:00'")),
    # ISO weekdays on which a digest is sent, 1: Monday
    Column(
        "digest_days",
        ARRAY(SmallInteger),
        nullable=False,
        server_default=text("'{1,2,3,4,5,6,7}'::smallint[]"),
    ),
    _count("story_count", 7),
    Column("style", Text, nullable=False, server_default="basic"),
    Column("look", Text, nullable=False, server_default="classic"),  # or rich
    _flag("pictures"),  # in the rich look
    Column("look_offered_at", Timestamp),  # when the rich one was offered, which is once
    _count("minimum_points", 0),
    Column("weekly_day", SmallInteger),  # ISO weekday of the weekly digest; null: no weekly digest
    Column("weekly_time", Time),  # null: that of the daily digest
    _count("alert_points", 0),  # 0: no alerts by score
    _count("alerts_per_day", 3),
    Column("onboarding", Text),  # the first setup question that is still open
    Column("awaiting", Text),  # the setting whose value may be typed now
    Column("thread_id", BigInteger),  # the forum topic that receives the digests
    _flag("memory_paused"),
    _now("created_at"),
    Column("paused_at", Timestamp),
    Column("unreachable_at", Timestamp),  # blocked, kicked or deleted: nothing is sent
    Column("unreachable_reason", Text),
    # The chat accepts no messages for now, for example a muted group; later digests are tried.
    Column("refusing_since", Timestamp),
    Column("refusing_reason", Text),
    Column("next_digest_at", Timestamp),
    Column("next_weekly_at", Timestamp),
    # The dates, in the reader's zone, of the last digests: one of each kind per date.
    Column("last_digest_on", Date),
    Column("last_weekly_on", Date),
    # When the last daily digest was due: after a change of zone its date may differ.
    Column("last_digest_due_at", Timestamp),
    Column("digest_wanted_at", Timestamp),  # requested before there was anything to send
    Column("digest_wanted_in", BigInteger),  # the forum topic of that request
    Column("added_by", BigInteger),  # the person who added the bot to this group or channel
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
    Column("reason", Text),  # what a learned interest was learned from
    _flag("alert"),  # send a story at once when it matches
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
    Column("user_id", BigInteger, nullable=False),  # the member of a group
    Column("opinion", SmallInteger, nullable=False),  # 1 or -1
    _now("given_at"),
    # False: given while learning was paused, or forgotten since; nothing is learned from it.
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

# Stories that readers follow: they receive news about them.
followed_stories = Table(
    "followed_stories",
    metadata,
    _reader(),
    _story(),
    _now("followed_at"),
    _count("comment_count"),  # how many there were then
    # The digest, of the kind alert, that told of the discussion's growth.
    Column("told_in", BigInteger),
    PrimaryKeyConstraint("chat_id", "story_id"),
    Index(None, "story_id"),
    Index(None, "followed_at"),
)

# The users of Hacker News that readers have named, to receive their replies.
hn_names = Table(
    "hn_names",
    metadata,
    Column(
        "chat_id",
        BigInteger,
        ForeignKey("readers.chat_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", Text, nullable=False),
    _now("since"),
    Index(None, "name"),
)

# The replies that a reader was told of, or is about to be.
told_replies = Table(
    "told_replies",
    metadata,
    _reader(),
    Column("comment_id", BigInteger, nullable=False),
    Column("told_on", Date, nullable=False),  # the reader's own date
    _now("told_at"),  # of one message the same
    PrimaryKeyConstraint("chat_id", "comment_id"),
    Index(None, "told_at"),
)

# --- Digests -----------------------------------------------------------------------------------

digests = Table(
    "digests",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _reader(),
    Column("kind", Text, nullable=False),  # daily, weekly, asked, alert
    Column("local_day", Date, nullable=False),  # in the reader's zone
    _now("created_at"),
    # At most one scheduled digest of each kind per day; requested ones are unlimited.
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
    # False if the delivery failed or is in doubt; the story may then be chosen again.
    _flag("seen", default=True),
    Column("opened_at", Timestamp),  # when its card was first opened
    Index("ix_digest_stories_seen", "chat_id", "story_id"),
)

# The story that a person's typed questions are about, until they stop or turn to another story.
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
    # null while the person is asked to choose the story
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE")),
    Column("user_id", BigInteger, nullable=False),
    Column("payer", Text),  # the person whose allowance it counts against, as in question_counts
    Column("question", Text, nullable=False),
    Column("answer", Text),  # plain text
    _json("sources", "[]"),  # the sources of the answer: "article" or comment ids
    Column("method", Text),  # llm or extractive
    Column("state", Text, nullable=False, server_default="pending"),
    Column("reply_to_message_id", BigInteger),
    Column("topic_id", BigInteger),  # the topic of the channel's direct messages where it was asked
    _count("attempts"),
    _now("asked_at"),
    Column("claimed_until", Timestamp),
    Column("answered_at", Timestamp),
    Column("stopped_at", Timestamp),  # the reader wanted no more of the answer
    CheckConstraint("state IN ('open', 'pending', 'answered')", name="state"),
    Index("ix_questions_pending", "asked_at", postgresql_where=text("state = 'pending'")),
    Index(None, "chat_id", "story_id", "asked_at"),
    Index(None, "user_id", "asked_at"),
)

# Questions per person and day, under keyed hashes of the person; they survive a deletion.
question_counts = Table(
    "question_counts",
    metadata,
    Column("payer", Text, primary_key=True),
    _count("asked"),
    _now("at"),
)

# Files that readers requested; a separate process makes each of them.
data_exports = Table(
    "data_exports",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _reader(),  # whose data it is
    Column("user_id", BigInteger, nullable=False),  # the person who requested it and receives it
    Column("kind", Text, nullable=False),  # data, markdown, bookmarks
    Column("state", Text, nullable=False, server_default="pending"),
    Column("file", Text),  # the name of the file that is ready to be sent
    _count("attempts"),
    _now("asked_at"),
    Column("claimed_until", Timestamp),
    CheckConstraint("state IN ('pending', 'made', 'failed')", name="state"),
    Index("ix_data_exports_pending", "id", postgresql_where=text("state = 'pending'")),
    Index(None, "chat_id", "kind", "asked_at"),
    Index(None, "user_id"),
)

# Persons whose deletion is not finished: the queues may still hold data of theirs.
erasures = Table(
    "erasures",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _now("asked_at"),
)

# --- Telegram ----------------------------------------------------------------------------------

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger, nullable=False),  # order is kept within a chat; 0: no chat
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    _count("attempts"),
    Column("error", Text),
    _now("received_at"),
    _now("due_at"),
    Column("handled_at", Timestamp),
    # When it was answered with a notice of maintenance, after which it is handled.
    Column("held_at", Timestamp),
    CheckConstraint("state IN ('pending', 'done', 'parked')", name="state"),
    Index("ix_inbox_pending", "chat_id", "update_id", postgresql_where=text("state = 'pending'")),
    # A pending update is ready or postponed; see app/telegram/receive/claims.py.
    Index(
        "ix_inbox_ready",
        "chat_id",
        "update_id",
        postgresql_where=text("state = 'pending' AND due_at <= received_at"),
    ),
    Index(
        "ix_inbox_put_off",
        "due_at",
        postgresql_where=text("state = 'pending' AND due_at > received_at"),
    ),
    Index(
        "ix_inbox_not_held",
        "update_id",
        postgresql_where=text("state = 'pending' AND held_at IS NULL"),
    ),
    Index("ix_inbox_parked", "update_id", postgresql_where=text("state = 'parked'")),
    Index(None, "received_at"),
)

# The maintenance that is on, or the last one; see app/telegram/receive/maintenance.py.
maintenance = Table(
    "maintenance",
    metadata,
    Column("only_row", Boolean, primary_key=True, server_default=text("true")),
    _now("since"),
    Column("until", Timestamp),  # null: until somebody ends it
    Column("ended_at", Timestamp),
    Column("set_by", Text, nullable=False),
    CheckConstraint("only_row", name="only_row"),
)

# When each chat last had a notice of maintenance.
maintenance_notices = Table(
    "maintenance_notices",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    _now("told_at"),
)

# Attempts to handle updates that have begun; see app/telegram/receive/attempts.py.
inbox_attempts = Table(
    "inbox_attempts",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    _count("alone"),  # attempts without other updates beside it
    _now("begun_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # a second insert of it has no effect
    Column("chat_id", BigInteger, nullable=False),
    Column("method", Text, nullable=False),  # a method of the Bot API
    Column("parameters", JSONB, nullable=False),
    # Calls to make instead if Telegram refuses this one: `calls`, a list of methods and parameters,
    # and `then`, the same for the case that the first of them is refused as well.
    Column("fallback", JSONB),
    Column("priority", SmallInteger, nullable=False),  # 0 replies to a person who waits, 2 is bulk
    # Only the previous release reads it: the message may be repeated when in doubt.
    Column("repeatable", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    # Of a pending message: the process that will send it; it must begin before the lease ends.
    Column("claimed_by", Text),
    Column("claimed_until", Timestamp),
    # It waits for an earlier message of its chat; the triggers of migration 0007 clear this.
    _flag("blocked"),
    _count("attempts"),
    _count("doubts"),  # how often it was sent without a known outcome
    Column("doubt_since", Timestamp),  # when that happened first
    Column("known_message_id", BigInteger),  # the greatest message id known when it was first sent
    Column("error", Text),
    Column("digest_id", BigInteger, ForeignKey("digests.id", ondelete="CASCADE")),
    Column("story_id", BigInteger),  # the story that the message is about, to resolve replies to it
    _now("created_at"),
    _now("due_at"),
    Column("expires_at", Timestamp),  # it is not sent after this time
    Column("sending_at", Timestamp),
    Column("sent_at", Timestamp),
    Column("message_id", BigInteger),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'uncertain', 'failed')", name="state"),
    # For the previous release only.
    Index("ix_outbox_pending", "priority", "id", postgresql_where=text("state = 'pending'")),
    # Of another type than the index above: without statistics on blocked messages, the planner
    # would otherwise choose the wrong one.
    Index(
        "ix_outbox_claimable",
        text("(priority::integer)"),
        "id",
        postgresql_where=text("state = 'pending' AND NOT blocked"),
    ),
    Index(
        "ix_outbox_doubt_since",
        "doubt_since",
        postgresql_where=text("doubt_since IS NOT NULL"),
    ),
    Index("ix_outbox_sending", "id", postgresql_where=text("state = 'sending'")),
    Index("ix_outbox_uncertain", "id", postgresql_where=text("state = 'uncertain'")),
    Index(
        "ix_outbox_chat_waiting",
        "chat_id",
        "priority",
        "id",
        postgresql_where=text("state IN ('pending', 'sending')"),
    ),
    # Partial, so that the planner does not use it for a chat's waiting messages.
    Index(
        "ix_outbox_message",
        "chat_id",
        "message_id",
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index(
        "ix_outbox_account_message",
        "message_id",
        postgresql_where=text("message_id IS NOT NULL AND chat_id > -1000000000000"),
    ),
    Index(None, "created_at"),
    Index("ix_outbox_digest_id", "digest_id"),
)

bot_profile = Table(
    "bot_profile",
    metadata,
    Column("call", Text, primary_key=True),  # a method of the Bot API, language, scope and bot
    Column("fingerprint", Text, nullable=False),  # of the call that Telegram last accepted
    _now("told_at"),
)

# --- The operator ------------------------------------------------------------------------------

alerts = Table(
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),  # identifies the trouble
    Column("detail", Text, nullable=False),  # Telegram HTML in the operator's language
    _count("degree", 1),  # severity; an increase is reported again; 0: cannot be watched
    _count("told_degree"),
    _now("since"),
    Column("told_at", Timestamp),  # null: it has not lasted long enough yet
    Column("quiet_since", Timestamp),  # since when it has not been seen; over after a while
)

# Processes of the app in the last days, each with the last state that it reported.
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
    Column("after_chat_id", BigInteger),  # readers up to this chat id are already in the outbox
    _count("enqueued"),
    Column("message_id", BigInteger),  # the message that shows its progress
    Column("shown_at", Timestamp),
    CheckConstraint("state IN ('draft', 'cancelled', 'sending', 'done')", name="state"),
    Index("ix_broadcasts_sending", "id", postgresql_where=text("state = 'sending'")),
)

host_reports = Table(
    "host_reports",
    metadata,
    # backup, drill: the last success; backup_failure, drill_failure: a failure since. The host's
    # timers write them.
    Column("kind", Text, primary_key=True),
    Column("at", Timestamp, nullable=False),
    _json("detail", "{}"),
)
