"""Loads the stories that can be chosen: alive, summarised, and not duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Connection
from app.hackernews.store import LIVELY_SINCE, THREAD, best_of_the_day
from app.languages import ENGLISH
from app.summaries.translation_store import DISCUSSION

# A translation's texts; None for one that cannot be shown.
Texts = tuple[str | None, ...]

# Stories are followed for two days; the week's best remain for the weekly digest.
DAILY_AGE = timedelta(hours=48)
WEEKLY_AGE = timedelta(days=7)
MAX_CANDIDATES = 400
# What is made of a story for one reader is kept for the others, of this many stories.
REMEMBERED_STORIES = 512
# With fewer candidates, the first digest after a start would hold whatever was summarised first.
MIN_CANDIDATES = 20
# After this time a story is summarised, or will not be soon.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of a story, in plain text."""

    sentences: str
    key_points: tuple[str, ...]
    extractive: bool
    basis: str
    reason: str | None
    # The key points in English, where the others are in another language.
    english_points: tuple[str, ...] = ()

    @property
    def points_to_match(self) -> tuple[str, ...]:
        """The key points in English, in which interests are matched."""
        return self.english_points or self.key_points


@dataclass(frozen=True, slots=True)
class DiscussionPoint:
    """A statement of commenters, and the ids of the comments that support it."""

    text: str
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Discussion:
    """A summary of a story's comments, in plain text."""

    line: str | None
    agreements: tuple[DiscussionPoint, ...]
    disagreements: tuple[DiscussionPoint, ...]
    extractive: bool = False
    voices: tuple[DiscussionPoint, ...] = ()  # quoted comments, where no model summarises
    # When the summary was made, and the comment count then.
    made_at: datetime | None = None
    comment_count: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A story with all data for choosing and composing. It equals only itself: the same story is
    another candidate when it is loaded again.
    """

    id: int
    kind: str
    title: str
    url: str | None
    site: str | None
    points: int
    comment_count: int
    first_seen_at: datetime
    article_words: int | None
    article_reason: str | None
    topics: tuple[str, ...]
    summaries: Mapping[str, Summary]  # by style
    discussion: Discussion | None
    # Ids of the submissions that are duplicates of this one.
    duplicates: tuple[int, ...] = ()
    # When the summary in the basic style was last made; None: unknown.
    told_at: datetime | None = None
    # Whether the first attempt to read the page has not ended yet.
    being_read: bool = False
    risen_at: datetime | None = None
    # The story on whose page it is discussed, if that is another one.
    thread_id: int | None = None
    # The https address of its page's picture.
    picture: str | None = None
    # Translated texts by part (a style or DISCUSSION) and language, as many as in English.
    translations: Mapping[tuple[str, str], Texts] = field(default_factory=dict)

    @property
    def lively_since(self) -> datetime:
        """When its age starts to count: when it was first seen or last rose."""
        return self.risen_at or self.first_seen_at

    @property
    def discussion_id(self) -> int:
        """The story on whose page it is discussed."""
        return self.thread_id or self.id

    @property
    def is_partial(self) -> bool:
        """Whether only the beginning of its page was read."""
        return self.article_reason == "partial"

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known of the story but its title."""
        basic = self.summary("basic")
        return not (basic and basic.sentences) and not (self.discussion and self.discussion.line)

    def summary(self, style: str, language: str = ENGLISH) -> Summary | None:
        """The summary in a style and language; if there is none, in the basic style, or in English.

        An excerpt stays in the language of its author.
        """
        for known in style, "basic":
            if (texts := self.translations.get((known, language))) and known in self.summaries:
                return _summary_in(texts, self.summaries[known])
        return self.summaries.get(style) or self.summaries.get("basic")

    def is_untranslated(self, style: str, language: str) -> bool:
        """Whether the model's summary in a style is shown in English to readers of `language`."""
        summary = self.summaries.get(style) or self.summaries.get("basic")
        written = summary is not None and bool(summary.sentences) and not summary.extractive
        return (
            written
            and language != ENGLISH
            and not any((known, language) in self.translations for known in (style, "basic"))
        )

    def discussion_in(self, language: str) -> Discussion | None:
        """The summary of the comments in `language`; if there is none, in English."""
        texts = self.translations.get((DISCUSSION, language))
        if self.discussion is None or not texts:
            return self.discussion
        return _discussion_in(texts, self.discussion)


def _summary_in(texts: Texts, english: Summary) -> Summary:
    pairs = [
        (text, point) for text, point in zip(texts[1:], english.key_points, strict=True) if text
    ]
    return replace(
        english,
        sentences=texts[0] or english.sentences,
        key_points=tuple(text for text, _ in pairs),
        english_points=tuple(point for _, point in pairs),
    )


def _discussion_in(texts: Texts, english: Discussion) -> Discussion:
    agreed = len(english.agreements) + 1
    return replace(
        english,
        line=texts[0] or english.line,
        agreements=_points_in(texts[1:agreed], english.agreements),
        disagreements=_points_in(texts[agreed:], english.disagreements),
    )


def _points_in(texts: Texts, points: tuple[DiscussionPoint, ...]) -> tuple[DiscussionPoint, ...]:
    return tuple(
        DiscussionPoint(text, point.comment_ids)
        for text, point in zip(texts, points, strict=True)
        if text
    )


# The discussion is that of the story's thread, or the story's own if that has none.
_SELECT = f"""
    SELECT stories.id, kind, title, url, site, points, first_seen_at, risen_at,
           thread.id AS thread_id, coalesce(thread.comment_count, stories.comment_count)
             AS comment_count,
           article_words, article_reason, duplicate_of,
           CASE WHEN stories.article_state = 'read' THEN article_picture END AS picture,
           stories.article_state = 'pending' AND article_reason IS NULL AS being_read,
           jsonb_object_agg(summaries.style, jsonb_build_object(
             'sentences', coalesce(summaries.sentences, ''), 'key_points', summaries.key_points,
             'method', summaries.method, 'basis', summaries.basis, 'reason', summaries.reason,
             'topics', summaries.topics)) AS summaries,
           greatest(first_seen_at, max(summaries.made_at) FILTER (WHERE summaries.style = 'basic'),
                    discussions.made_at) AS told_at,
           discussions.line, discussions.agreements, discussions.disagreements,
           discussions.voices, discussions.shown_at AS discussed_at,
           coalesce(discussions.shown_comment_count, 0) AS discussed_comments,
           discussions.method AS discussion_method,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(part, language, originals, texts)), '[]')
            FROM translations WHERE translations.state = 'ready'
              AND translations.story_id = CASE part WHEN 'discussion' THEN discussions.story_id
                                                    ELSE stories.id END) AS translations
    FROM stories
    JOIN summaries ON summaries.story_id = stories.id AND summaries.state = 'ready'
    LEFT JOIN LATERAL (
        SELECT id, comment_count FROM stories AS other
        WHERE other.id = {THREAD} AND other.id <> stories.id
    ) AS thread ON TRUE
    LEFT JOIN LATERAL (
        SELECT * FROM discussions
        WHERE story_id IN (stories.id, thread.id) AND state = 'ready'
        ORDER BY story_id IS NOT DISTINCT FROM thread.id DESC LIMIT 1
    ) AS discussions ON TRUE
"""
_GROUP = """
    GROUP BY stories.id, thread.id, thread.comment_count, discussions.made_at, discussions.line,
             discussions.agreements, discussions.disagreements, discussions.voices,
             discussions.method, discussions.shown_at, discussions.shown_comment_count,
             discussions.story_id
"""


async def load_candidates(connection: Connection, now: datetime, age: timedelta) -> list[Candidate]:
    """The best stories that were first seen or rose within `age` before `now`, best first.

    Each group of duplicates is represented by its original; if that is too old, dead or not
    summarised yet, by the most discussed of the others.
    """
    rows = await connection.fetch(
        f"""
        {_SELECT}
        WHERE stories.id IN (
          SELECT DISTINCT ON (coalesce(duplicate_of, id)) id
          FROM stories
          WHERE {LIVELY_SINCE} > $1 AND NOT dead
            AND EXISTS (SELECT FROM summaries WHERE story_id = stories.id AND state = 'ready')
          ORDER BY coalesce(duplicate_of, id), duplicate_of IS NOT NULL,
                   comment_count DESC, points DESC, id)
        {_GROUP}
        ORDER BY points DESC, stories.id LIMIT $2
        """,
        now - age,
        MAX_CANDIDATES,
    )
    originals = {row["id"]: row["duplicate_of"] or row["id"] for row in rows}
    submissions: dict[int, list[int]] = {original: [] for original in originals.values()}
    for row in await connection.fetch(
        """
        SELECT id, coalesce(duplicate_of, id) AS original FROM stories
        WHERE id = ANY($1) OR duplicate_of = ANY($1)
        """,
        list(submissions),
    ):
        submissions[row["original"]].append(row["id"])
    return [
        _candidate(row, [one for one in submissions[originals[row["id"]]] if one != row["id"]])
        for row in rows
    ]


async def load_story(connection: Connection, story_id: int) -> Candidate | None:
    """One story of any age; None if it is unknown or not summarised."""
    row = await connection.fetchrow(f"{_SELECT} WHERE stories.id = $1 {_GROUP}", story_id)
    return None if row is None else _candidate(row)


async def has_enough_candidates(connection: Connection, stories_per_day: int) -> bool:
    """Whether enough of the day's best stories are summarised to choose from.

    Fewer are enough if no others are expected soon, so that one slow page does not delay everybody.
    """
    best = await best_of_the_day(connection, stories_per_day)
    row: Any = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE ready) AS ready,
               count(*) FILTER (WHERE NOT ready AND first_seen_at > now() - $2::interval) AS coming
        FROM (SELECT first_seen_at, EXISTS (SELECT FROM summaries
                                            WHERE story_id = id AND state = 'ready') AS ready
              FROM stories WHERE id = ANY($1)) AS best
        """,
        best,
        PATIENCE,
    )
    ready, coming = row["ready"], row["coming"]
    return bool(ready >= MIN_CANDIDATES or (ready and not coming))


def _candidate(row: Any, duplicates: list[int] | None = None) -> Candidate:
    summaries = {
        style: Summary(
            sentences=made["sentences"],
            key_points=tuple(made["key_points"]),
            extractive=made["method"] != "llm",
            basis=made["basis"] or "none",
            reason=made["reason"],
        )
        for style, made in row["summaries"].items()
    }
    topics = {topic: None for made in row["summaries"].values() for topic in made["topics"]}
    discussion = _discussion(row)
    return Candidate(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        url=row["url"],
        site=row["site"],
        points=row["points"],
        comment_count=row["comment_count"],
        first_seen_at=row["first_seen_at"],
        article_words=row["article_words"],
        article_reason=row["article_reason"],
        topics=tuple(topics),
        summaries=summaries,
        discussion=discussion,
        duplicates=tuple(duplicates or ()),
        told_at=row["told_at"],
        being_read=row["being_read"],
        risen_at=row["risen_at"],
        thread_id=row["thread_id"],
        picture=row["picture"],
        translations=_translations(row["translations"], summaries, discussion),
    )


def _translations(
    rows: Sequence[Any], summaries: Mapping[str, Summary], discussion: Discussion | None
) -> dict[tuple[str, str], Texts]:
    """The translations of the current English texts."""
    present = {style: [one.sentences, *one.key_points] for style, one in summaries.items()}
    if discussion is not None:
        points = (*discussion.agreements, *discussion.disagreements)
        present[DISCUSSION] = [discussion.line or "", *(point.text for point in points)]
    return {
        (part, language): tuple(texts)
        for part, language, originals, texts in rows
        if originals == present.get(part)
    }


def _discussion(row: Any) -> Discussion | None:
    agreements, disagreements = _points(row["agreements"]), _points(row["disagreements"])
    if not row["line"] and not agreements and not disagreements:
        return None
    extractive = row["discussion_method"] == "extractive"
    voices = _points(row["voices"])
    return Discussion(
        row["line"],
        agreements,
        disagreements,
        extractive,
        voices,
        row["discussed_at"],
        row["discussed_comments"],
    )


def _points(points: list[dict[str, Any]] | None) -> tuple[DiscussionPoint, ...]:
    return tuple(DiscussionPoint(one["text"], tuple(one["comment_ids"])) for one in points or [])
