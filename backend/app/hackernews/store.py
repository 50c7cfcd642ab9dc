"""The SQL of `stories`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from operator import attrgetter

from app.database.connection import Connection, Pool
from app.hackernews.items import Story

FOLLOWED = timedelta(hours=48)
_SAME_PAGE = "excluded.dead OR excluded.url IS NOT DISTINCT FROM stories.url"


async def unknown(connection: Connection | Pool, story_ids: Sequence[int]) -> list[int]:
    """Those of the ids that are not stored yet, in their order."""
    rows = await connection.fetch("SELECT id FROM stories WHERE id = ANY($1::bigint[])", story_ids)
    known = {row["id"] for row in rows}
    return [story_id for story_id in story_ids if story_id not in known]


async def claim_due(connection: Connection | Pool, listed: Sequence[int], limit: int) -> list[int]:
    """Take stories whose points and comments should be asked for again.

    A story is followed for 48 hours from when it was first seen, and as long as it is `listed`:
    every 10 minutes in its first 6 hours, then every 30 minutes, and every hour when it is on no
    list. Taking one counts as the refresh, so that two instances share the work and a broken item
    does not come up again at once.
    """
    rows = await connection.fetch(
        """
        UPDATE stories SET refreshed_at = now()
        WHERE id IN (
            SELECT id
            FROM stories,
                 LATERAL (SELECT now() - first_seen_at AS age,
                                 id = ANY($1::bigint[]) AS listed) AS this
            WHERE (first_seen_at > now() - $2::interval OR id = ANY($1::bigint[]))
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
    """Insert new stories and bring known ones up to date; `ranks` are places in topstories."""
    await connection.executemany(
        f"""
        INSERT INTO stories (id, kind, title, url, canonical_url, site, author, text, points,
                             comment_count, dead, posted_at, front_page_rank, article_state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                CASE WHEN $4::text IS NULL THEN 'none' ELSE 'pending' END)
        ON CONFLICT (id) DO UPDATE SET
            kind = excluded.kind,
            title = CASE WHEN excluded.dead THEN stories.title ELSE excluded.title END,
            text = coalesce(excluded.text, stories.text),
            -- A dead story hides its numbers.
            points = CASE WHEN excluded.dead THEN stories.points ELSE excluded.points END,
            comment_count = greatest(stories.comment_count, excluded.comment_count),
            dead = excluded.dead,
            refreshed_at = now(),
            front_page_rank = least(stories.front_page_rank, excluded.front_page_rank),
            -- Moderators replace links by better ones: then there is another page to read.
            url = CASE WHEN excluded.dead THEN stories.url ELSE excluded.url END,
            canonical_url =
                CASE WHEN excluded.dead THEN stories.canonical_url ELSE excluded.canonical_url END,
            site = CASE WHEN excluded.dead THEN stories.site ELSE excluded.site END,
            article_state = CASE
                WHEN {_SAME_PAGE} THEN stories.article_state ELSE excluded.article_state END,
            article_reason = CASE WHEN {_SAME_PAGE} THEN stories.article_reason END,
            article_words = CASE WHEN {_SAME_PAGE} THEN stories.article_words END,
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
            )
            # In one order everywhere, or two instances could wait for each other.
            for story in sorted(stories, key=attrgetter("id"))
        ],
    )


async def best_of_the_day(connection: Connection | Pool, count: int) -> list[int]:
    """The stories worth reading and summarising now, the best first.

    They are the `count` best of the last day by points, where a story's day counts from when it was
    first seen: a late riser has its day too, however long ago it was posted. One that rises only on
    its second day joins them once it has as many points as the least of them.
    """
    rows = await connection.fetch(
        """
        WITH followed AS (
          SELECT id, points, front_page_rank, first_seen_at > now() - interval '24 hours' AS new
          FROM stories
          WHERE first_seen_at > now() - interval '48 hours'
            AND NOT dead AND kind <> 'job'
            -- one that is followed no longer hides nothing
            AND NOT EXISTS (SELECT FROM stories AS original
                            WHERE original.id = stories.duplicate_of
                              AND original.first_seen_at > now() - interval '48 hours')),
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
