"""The stories that can be chosen now: summarised, alive, and no other's duplicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Connection
from app.hackernews.store import best_of_the_day

# Stories are followed for two days; the week's best are kept for the weekly digest.
DAILY_AGE = timedelta(hours=48)
WEEKLY_AGE = timedelta(days=7)
MOST = 400
# With fewer to choose from, the first digest after a start would be what was summarised first.
ENOUGH = 20
# By then a story is summarised or will not be before long.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said about a story, in plain text."""

    sentences: str
    key_points: tuple[str, ...]
    extractive: bool
    basis: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """Something that commenters say, and the comments that it rests on."""

    text: str
    comment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Discussion:
    """What a story's comments come to, in plain text."""

    line: str | None
    agreements: tuple[Point, ...]
    disagreements: tuple[Point, ...]
    extractive: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story with everything that choosing and composing need."""

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
    # Submissions of the same story that stand behind this one.
    duplicates: tuple[int, ...] = ()
    # When what is said of it in the basic style was last made; None where that is not known.
    told_at: datetime | None = None

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing to tell of the story but its title."""
        basic = self.summary("basic")
        return not (basic and basic.sentences) and not (self.discussion and self.discussion.line)

    def summary(self, style: str) -> Summary | None:
        """The summary in a style, or the basic one where that style is not there."""
        return self.summaries.get(style) or self.summaries.get("basic")


_SELECT = """
    SELECT stories.id, kind, title, url, site, points, stories.comment_count, first_seen_at,
           article_words, article_reason, duplicate_of,
           jsonb_object_agg(summaries.style, jsonb_build_object(
             'sentences', coalesce(summaries.sentences, ''), 'key_points', summaries.key_points,
             'method', summaries.method, 'basis', summaries.basis, 'reason', summaries.reason,
             'topics', summaries.topics)) AS summaries,
           greatest(first_seen_at, max(summaries.made_at) FILTER (WHERE summaries.style = 'basic'),
                    discussions.made_at) AS told_at,
           discussions.line, discussions.agreements, discussions.disagreements,
           discussions.method AS discussion_method
    FROM stories
    JOIN summaries ON summaries.story_id = stories.id AND summaries.state = 'ready'
    LEFT JOIN discussions ON discussions.story_id = stories.id AND discussions.state = 'ready'
"""
_GROUP = "GROUP BY stories.id, discussions.story_id"


async def load_candidates(connection: Connection, now: datetime, age: timedelta) -> list[Candidate]:
    """The best stories first seen in the time before `now`, so late risers too, best first.

    Of several submissions of one story it is the original, or where that is older the most
    discussed of the others.
    """
    rows = await connection.fetch(
        f"""
        {_SELECT}
        WHERE stories.id IN (
          SELECT DISTINCT ON (coalesce(duplicate_of, id)) id
          FROM stories WHERE first_seen_at > $1 AND NOT dead
          ORDER BY coalesce(duplicate_of, id), duplicate_of IS NOT NULL,
                   comment_count DESC, points DESC, id)
        {_GROUP}
        ORDER BY points DESC, stories.id LIMIT $2
        """,
        now - age,
        MOST,
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
    """One story, however old; None when it is unknown or not summarised."""
    row = await connection.fetchrow(f"{_SELECT} WHERE stories.id = $1 {_GROUP}", story_id)
    return None if row is None else _candidate(row)


async def enough_ready(connection: Connection, stories_per_day: int) -> bool:
    """Whether so many of the day's best stories are summarised that there is a choice.

    Fewer are enough when no others are to come soon, or one stubborn page would hold everybody up.
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
    return bool(ready >= ENOUGH or (ready and not coming))


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
        discussion=_discussion(row),
        duplicates=tuple(duplicates or ()),
        told_at=row["told_at"],
    )


def _discussion(row: Any) -> Discussion | None:
    agreements, disagreements = _points(row["agreements"]), _points(row["disagreements"])
    if not row["line"] and not agreements and not disagreements:
        return None
    extractive = row["discussion_method"] == "extractive"
    return Discussion(row["line"], agreements, disagreements, extractive)


def _points(points: list[dict[str, Any]] | None) -> tuple[Point, ...]:
    return tuple(Point(one["text"], tuple(one["comment_ids"])) for one in points or [])
