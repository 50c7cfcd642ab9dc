"""News about stories that readers follow: a discussion that has doubled, a duplicate, a follow-up.

Each is sent once, within the reader's number of alerts per day, and stored as an alert with a
single story: it counts as one, and is sent again if its delivery failed.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.database.connection import Connection
from app.digests import store
from app.digests.candidates import DAILY_AGE, Candidate, load_candidates
from app.digests.events import ALIKE, MIN_IN_COMMON, word_vectors
from app.hackernews.store import THREAD
from app.readers import due
from app.readers.mutes import is_on_site, mutable_addresses
from app.readers.store import Reader
from app.readers.tastes import Taste, load_tastes
from app.text.phrases import words_of

# The least number of new comments; four instead of two are not news.
MIN_NEW_COMMENTS = 10
MAX_READERS = 100
# The most follow-ups of a story; one new story may follow up on several.
MAX_FOLLOW_UPS = 3

NewsKind = Literal["grown", "again", "further"]


@dataclass(frozen=True, slots=True)
class FollowNews:
    """Something new about a followed story.

    Attributes:
        kind: `grown`: twice as many comments; `again`: submitted once more; `further`: a new story
            about the same.
        story_id: the followed story.
        followed_title: its title.
        before: the number of comments when the reader followed it.
        id: the story to show; the followed one if its discussion has grown.
        comment_count: the number of its comments now.
    """

    chat_id: int
    kind: NewsKind
    story_id: int
    followed_title: str
    before: int
    id: int
    title: str
    url: str | None
    site: str | None
    points: int
    comment_count: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A followed story, with the texts that show its subject."""

    id: int
    title: str
    topics: tuple[str, ...]


_NEWS = """
    chat_id, followed_stories.story_id, stories.title AS followed_title,
    followed_stories.comment_count AS before, other.id, other.title, other.url, other.site,
    other.points, other.comment_count
"""
_FOLLOWING = """
    followed_stories JOIN readers USING (chat_id) JOIN stories ON stories.id = story_id
"""
_REACHABLE = """
    alerts_per_day > 0 AND unreachable_at IS NULL AND refusing_since IS NULL AND paused_at IS NULL
    AND ($1::bigint[] IS NULL OR chat_id = ANY($1))
"""
_NOT_SEEN = """
    NOT EXISTS (SELECT FROM digest_stories
                WHERE digest_stories.chat_id = followed_stories.chat_id
                  AND digest_stories.story_id = other.id AND seen)
"""


async def make_follow_news(
    connection: Connection, further: Mapping[int, Sequence[Candidate]], now: datetime
) -> list[tuple[Reader, int, FollowNews]]:
    """Store due news, each as a digest, within the reader's remaining alerts of the day. Returns
    them with the ids of the digests.

    Args:
        further: new stories similar to a followed one, by its id, from `find_follow_ups`.
    """
    found = await _find(connection, further, None)
    chat_ids = list(dict.fromkeys(news.chat_id for news in found))[:MAX_READERS]
    readers = {one.chat_id: one for one in await due.lock_for_alerts(connection, chat_ids)}
    if not readers:
        return []
    days = {chat_id: due.digest_day(reader, "alert", now) for chat_id, reader in readers.items()}
    told = Counter(await store.count_alerts(connection, days))
    made = []
    # Checked again under the lock: another instance may have sent them meanwhile.
    for news in await _find(connection, further, list(readers)):
        reader = readers[news.chat_id]
        if told[news.chat_id] >= reader.alerts_per_day:
            continue
        told[news.chat_id] += 1
        made.append((reader, await _store(connection, news, days[news.chat_id]), news))
    return made


async def find_follow_ups(
    connection: Connection, now: datetime
) -> Mapping[int, Sequence[Candidate]]:
    """New stories about the same as a followed one, by its id, the most similar first."""
    rows = await connection.fetch(
        """
        SELECT id, title, coalesce(topics, '[]') AS topics
        FROM (SELECT DISTINCT story_id FROM followed_stories) AS followed
             JOIN stories ON stories.id = followed.story_id
             LEFT JOIN summaries ON summaries.story_id = stories.id AND style = 'basic'
        """
    )
    if not rows:
        return {}
    followed = [Followed(row["id"], row["title"], tuple(row["topics"])) for row in rows]
    candidates = await load_candidates(connection, now, DAILY_AGE)
    # In a thread, so that it does not block other readers.
    return await asyncio.to_thread(follow_ups, followed, candidates)


def follow_ups(
    followed: Sequence[Followed], candidates: Sequence[Candidate]
) -> dict[int, list[Candidate]]:
    """For each followed story the most similar candidates, without the story itself and other
    submissions of its page.
    """
    stories: list[Followed | Candidate] = [*followed, *candidates]
    titles = [words_of([one.title]).distinct() for one in stories]
    texts = [words_of(one.topics).distinct() for one in stories]
    vectors = word_vectors(titles, texts)
    places: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, vector in enumerate(vectors[len(followed) :]):
        for word, weight in vector.items():
            places[word].append((place, weight))
    found = {}
    for story, vector in zip(followed, vectors, strict=False):
        likeness: defaultdict[int, float] = defaultdict(float)
        in_common: Counter[int] = Counter()
        for word, weight in vector.items():
            for place, other in places[word]:
                likeness[place] += weight * other
                in_common[place] += 1
        alike = [
            candidates[place]
            for place in sorted(likeness, key=likeness.__getitem__, reverse=True)
            if likeness[place] >= ALIKE
            and in_common[place] >= MIN_IN_COMMON
            and story.id not in (candidates[place].id, *candidates[place].duplicates)
        ]
        if alike:
            found[story.id] = alike[:MAX_FOLLOW_UPS]
    return found


async def _find(
    connection: Connection, further: Mapping[int, Sequence[Candidate]], chat_ids: list[int] | None
) -> list[FollowNews]:
    """The unsent news for these chats, or for all (None), regardless of the limit per day."""
    found = await _grown_discussions(connection, chat_ids)
    found += await _submitted_again(connection, chat_ids)
    found += await _further(connection, further, chat_ids)
    # Two followed stories may have the same follow-up.
    return list({(news.chat_id, news.id): news for news in reversed(found)}.values())[::-1]


async def _grown_discussions(
    connection: Connection, chat_ids: list[int] | None
) -> list[FollowNews]:
    rows = await connection.fetch(
        f"""
        SELECT {_NEWS.replace("other.comment_count", "thread.comment_count")}
        FROM {_FOLLOWING} JOIN stories AS other ON other.id = stories.id
             JOIN stories AS thread ON thread.id = {THREAD}
        WHERE {_REACHABLE}
          AND thread.comment_count >= greatest(2 * followed_stories.comment_count,
                                               followed_stories.comment_count + $2)
          AND (told_in IS NULL
               OR EXISTS (SELECT FROM digest_stories
                          WHERE digest_id = told_in AND NOT seen
                            AND digest_stories.story_id = followed_stories.story_id))
        ORDER BY chat_id, followed_at
        """,
        chat_ids,
        MIN_NEW_COMMENTS,
    )
    return [FollowNews(kind="grown", **row) for row in rows]


async def _submitted_again(connection: Connection, chat_ids: list[int] | None) -> list[FollowNews]:
    rows = await connection.fetch(
        f"""
        SELECT {_NEWS}
        FROM {_FOLLOWING} JOIN stories AS other ON other.id IN (
            SELECT id FROM stories AS copy WHERE copy.duplicate_of = followed_stories.story_id
            UNION SELECT stories.duplicate_of)
        WHERE {_REACHABLE} AND other.first_seen_at > followed_at AND NOT other.dead
          AND {_NOT_SEEN}
        ORDER BY chat_id, other.id
        """,
        chat_ids,
    )
    return [FollowNews(kind="again", **row) for row in rows]


async def _further(
    connection: Connection, further: Mapping[int, Sequence[Candidate]], chat_ids: list[int] | None
) -> list[FollowNews]:
    stories = {one.id: one for alike in further.values() for one in alike}
    pairs = [(story_id, one.id) for story_id, alike in further.items() for one in alike]
    rows = await connection.fetch(
        f"""
        SELECT {_NEWS}
        FROM {_FOLLOWING}
             JOIN unnest($2::bigint[], $3::bigint[]) AS pair (story_id, other_id)
               ON pair.story_id = followed_stories.story_id
             JOIN stories AS other ON other.id = pair.other_id
        WHERE {_REACHABLE} AND other.first_seen_at > followed_at AND NOT other.dead
          AND {_NOT_SEEN}
          AND NOT EXISTS (SELECT FROM followed_stories AS own
                          WHERE own.chat_id = followed_stories.chat_id AND own.story_id = other.id)
        ORDER BY chat_id, other.id
        """,
        chat_ids,
        [story_id for story_id, _ in pairs],
        [other_id for _, other_id in pairs],
    )
    tastes = await load_tastes(connection, list({row["chat_id"] for row in rows}))
    return [
        FollowNews(kind="further", **row)
        for row in rows
        if not _is_muted(stories[row["id"]], tastes[row["chat_id"]])
    ]


def _is_muted(story: Candidate, taste: Taste) -> bool:
    shown = [story.title, *story.topics, story.site or ""]
    for summary in story.summaries.values():
        shown += [summary.sentences, *summary.key_points]
    words, known = words_of(shown), mutable_addresses(story.url, story.site)
    return any(map(words.speak_of, taste.muted_words)) or any(
        is_on_site(address, site) for address in known for site in taste.muted_sites
    )


async def _store(connection: Connection, news: FollowNews, day: date) -> int:
    """Store the news as a digest; returns its id."""
    digest_id: int = await connection.fetchval(
        "INSERT INTO digests (chat_id, kind, local_day) VALUES ($1, 'alert', $2) RETURNING id",
        news.chat_id,
        day,
    )
    await connection.execute(
        """
        INSERT INTO digest_stories (digest_id, chat_id, story_id, position, score)
        VALUES ($1, $2, $3, 1, 0)
        """,
        digest_id,
        news.chat_id,
        news.id,
    )
    if news.kind == "grown":
        await connection.execute(
            """
            UPDATE followed_stories SET told_in = $3 WHERE chat_id = $1 AND story_id = $2
            """,
            news.chat_id,
            news.story_id,
            digest_id,
        )
    return digest_id
