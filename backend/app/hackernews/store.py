"""The SQL of `stories`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from operator import attrgetter

from app.database.connection import Connection, Pool
from app.hackernews.items import Story

FOLLOWED = timedelta(hours=48)
# A story's age counts from here: a rise restarts it.
LIVELY_SINCE = "coalesce(stories.risen_at, stories.first_seen_at)"
FRONT_PAGE = 30
# A story that returns to the front page after this time has risen.
AWAY = timedelta(hours=12)
# Below this, doubled points are not a rise.
MIN_RISEN_POINTS = 20
# Shorter than digests are kept, so that a story is not sent to a reader twice.
LAST_RISE = timedelta(days=365)
# The story whose discussion is shown: the original, if it is of about the same time.
THREAD = """
    coalesce((
        SELECT original.id FROM stories AS original
        WHERE original.id = stories.duplicate_of AND NOT original.dead
          AND original.comment_count > stories.comment_count
          AND (coalesce(original.risen_at, original.first_seen_at)
                   > stories.first_seen_at - interval '48 hours'
               OR EXISTS (SELECT FROM same_stories
                          WHERE story_id = stories.id AND target_id = original.id AND moved))
    ), stories.id)
"""
_RISES = f"""
    NOT excluded.dead AND stories.first_seen_at > now() - $14::interval
    AND (stories.dead  -- revived
         OR excluded.points >= greatest({MIN_RISEN_POINTS},
                                        2 * coalesce(stories.risen_points, stories.points))
         OR excluded.front_page_at IS NOT NULL
            AND greatest(stories.front_page_at, {LIVELY_SINCE}) < now() - $15::interval)
"""
_SAME_PAGE = "excluded.dead OR excluded.url IS NOT DISTINCT FROM stories.url"

# Stories that somebody wants to be kept up to date, the most important first.
Wanted = Callable[[], Awaitable[list[int]]]


async def no_stories() -> list[int]:
    return []


async def unknown_stories(connection: Connection | Pool, story_ids: Sequence[int]) -> list[int]:
    """The ids that are not stored yet, in the given order."""
    rows = await connection.fetch("SELECT id FROM stories WHERE id = ANY($1::bigint[])", story_ids)
    known = {row["id"] for row in rows}
    return [story_id for story_id in story_ids if story_id not in known]


async def claim_due(connection: Connection | Pool, listed: Sequence[int], limit: int) -> list[int]:
    """Claim stories whose points and comments are due for a refresh.

    A story is followed for 48 hours after it was first seen or rose, and while it is `listed`:
    every 10 minutes in its first 6 hours, then every 30 minutes, and every hour if it is on no
    list. Claiming counts as the refresh, so that instances share the work and a broken item is not
    retried at once.
    """
    rows = await connection.fetch(
        f"""
        UPDATE stories SET refreshed_at = now()
        WHERE id IN (
            SELECT id
            FROM stories,
                 LATERAL (SELECT now() - {LIVELY_SINCE} AS age,
                                 id = ANY($1::bigint[]) AS listed) AS this
            WHERE ({LIVELY_SINCE} > now() - $2::interval OR id = ANY($1::bigint[]))
              AND refreshed_at <= now() - CASE
                  WHEN listed AND age < interval '6 hours' THEN interval '10 minutes'
                  WHEN listed THEN interval '30 minutes'
                  ELSE interval '1 hour' END
            ORDER BY refreshed_at
            LIMIT $3
            FOR UPDATE OF stories SKIP LOCKED
        )
        RETURNING id
        """,
        listed,
        FOLLOWED,
        limit,
    )
    return [row["id"] for row in rows]


async def save_stories(
    connection: Connection | Pool, stories: Iterable[Story], ranks: Mapping[int, int]
) -> None:
    """Insert new stories and update known ones; `ranks` are positions in topstories.

    A story rises when its points have doubled since it last rose or was first seen, when it returns
    to the front page after half a day (Hacker News gives some stories a second chance), or when it
    was dead and is alive again.
    """
    # The same order everywhere avoids deadlocks between instances.
    stories = sorted(stories, key=attrgetter("id"))
    await _keep_former_pages(connection, stories)
    await connection.executemany(
        f"""
        INSERT INTO stories (id, kind, title, url, canonical_url, site, author, text, points,
                             comment_count, dead, posted_at, front_page_rank, front_page_at,
                             article_state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                CASE WHEN $13::int <= {FRONT_PAGE} THEN now() END,
                CASE WHEN $4::text IS NULL THEN 'none' ELSE 'pending' END)
        ON CONFLICT (id) DO UPDATE SET
            kind = excluded.kind,
            title = CASE WHEN excluded.dead THEN stories.title ELSE excluded.title END,
            text = coalesce(excluded.text, stories.text),
            -- A dead story hides its numbers. The comment count falls when comments are moved.
            points = CASE WHEN excluded.dead THEN stories.points ELSE excluded.points END,
            comment_count =
                CASE WHEN excluded.dead THEN stories.comment_count ELSE excluded.comment_count END,
            dead = excluded.dead,
            refreshed_at = now(),
            front_page_rank = least(stories.front_page_rank, excluded.front_page_rank),
            front_page_at = coalesce(excluded.front_page_at, stories.front_page_at),
            risen_at = CASE WHEN {_RISES} THEN now() ELSE stories.risen_at END,
            risen_points = CASE
                WHEN {_RISES} THEN excluded.points
                ELSE coalesce(stories.risen_points, stories.points) END,
            -- Moderators may replace a link; the new page must then be read.
            url = CASE WHEN excluded.dead THEN stories.url ELSE excluded.url END,
            canonical_url =
                CASE WHEN excluded.dead THEN stories.canonical_url ELSE excluded.canonical_url END,
            site = CASE WHEN excluded.dead THEN stories.site ELSE excluded.site END,
            article_state = CASE
                WHEN {_SAME_PAGE} THEN stories.article_state ELSE excluded.article_state END,
            article_reason = CASE WHEN {_SAME_PAGE} THEN stories.article_reason END,
            article_words = CASE WHEN {_SAME_PAGE} THEN stories.article_words END,
            article_fingerprint = CASE WHEN {_SAME_PAGE} THEN stories.article_fingerprint END,
            article_attempts = CASE WHEN {_SAME_PAGE} THEN stories.article_attempts ELSE 0 END,
            article_due_at = CASE WHEN {_SAME_PAGE} THEN stories.article_due_at ELSE now() END,
            article_claimed_until = CASE WHEN {_SAME_PAGE} THEN stories.article_claimed_until END
        """,
        [
            (
                story.id,
                story.kind,
                story.title,
                story.url,
                story.canonical_url,
                story.site,
                story.author,
                story.text,
                story.points,
                story.comment_count,
                story.dead,
                story.posted_at,
                ranks.get(story.id),
                LAST_RISE,
                AWAY,
            )
            for story in stories
        ],
    )


async def _keep_former_pages(connection: Connection | Pool, stories: Sequence[Story]) -> None:
    """Store the pages that these stories linked to before: their readers have seen those too."""
    living = [story for story in stories if not story.dead]
    await connection.execute(
        """
        INSERT INTO story_pages (story_id, canonical_url)
        SELECT stories.id, stories.canonical_url
        FROM unnest($1::bigint[], $2::text[], $3::text[]) AS now (id, url, canonical_url)
             JOIN stories ON stories.id = now.id
        WHERE stories.url IS DISTINCT FROM now.url
          AND stories.canonical_url IS DISTINCT FROM now.canonical_url
          AND stories.canonical_url IS NOT NULL
        ON CONFLICT DO NOTHING
        """,
        [story.id for story in living],
        [story.url for story in living],
        [story.canonical_url for story in living],
    )


async def best_of_the_day(connection: Connection | Pool, count: int) -> list[int]:
    """The stories worth reading and summarising now, best first.

    They are the `count` stories with the most points among those that were first seen or last rose
    within 24 hours, whenever they were posted. Stories in their second day are added if they have
    as many points as the last of these.
    """
    rows = await connection.fetch(
        f"""
        WITH followed AS (
          SELECT id, points, front_page_rank, {LIVELY_SINCE} > now() - interval '24 hours' AS new
          FROM stories
          WHERE {LIVELY_SINCE} > now() - interval '48 hours'
            AND NOT dead AND kind <> 'job'
            -- an original that is no longer followed hides no duplicate
            AND NOT EXISTS (SELECT FROM stories AS original
                            WHERE original.id = stories.duplicate_of
                              AND coalesce(original.risen_at, original.first_seen_at)
                                  > now() - interval '48 hours')),
        day AS (
          SELECT * FROM followed WHERE new
          ORDER BY points DESC, front_page_rank NULLS LAST, id LIMIT $1),
        risen AS (
          SELECT * FROM followed
          WHERE NOT new AND points >= (SELECT min(points) FROM day))
        SELECT id FROM (SELECT * FROM day UNION ALL SELECT * FROM risen) AS best
        ORDER BY points DESC, front_page_rank NULLS LAST, id
        """,
        count,
    )
    return [row["id"] for row in rows]
