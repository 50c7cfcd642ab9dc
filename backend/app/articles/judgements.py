"""What a language model says of texts that were read: whether they are the article.

It is asked with a text's summary, and may only correct the decision of `app.articles.assess` where
that is uncertain, and only while what it says of other texts is plausible.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from app.articles.assess.decide import PRICED
from app.articles.assess.outcomes import WALLS, PageOutcome
from app.articles.assess.results import reason_of_outcome
from app.articles.assess.topics import is_product, is_topic_of
from app.articles.reasons import PageUnreadableError, Reason, next_wait
from app.database.connection import Connection
from app.text.words import count_words

log = logging.getLogger(__name__)

# What a model may say besides the outcomes; it changes nothing.
OTHER = "other"
KINDS = (*PageOutcome, OTHER)
# Nearly all walls have fewer words, also those that the rules take for articles, and most articles
# have more (docs/trials/judgements.py).
MAX_UNCERTAIN_WORDS = 300
# A model is believed by its last judgements: once it knew this many certain articles, while it took
# hardly any of them for a wall, and not most of the uncertain ones for anything but an article.
REMEMBERED, MIN_CERTAIN = 60, 8
MAX_WRONG, MAX_DENIED = 0.05, 0.5
# Longer than a digest reaches back. A text that is read again later is also judged again, because
# its story was told without it.
ACTS_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Record:
    """A model's last judgements: the number of certain articles and of those called walls, and the
    number of uncertain ones and of those called anything but an article.
    """

    certain: int
    wrong: int
    uncertain: int
    denied: int

    @property
    def is_plausible(self) -> bool:
        return (
            self.certain >= MIN_CERTAIN
            and self.wrong <= MAX_WRONG * self.certain
            and self.denied <= MAX_DENIED * self.uncertain
        )


def kind_of(said: str, title: str) -> str:
    """The kind that a model means by what it says of the page of a story with this title.

    It is `OTHER` for anything unknown, and for what the title explains: a story about captchas
    speaks of captchas, and a product's own page has prices and a form to sign in.
    """
    named = said.strip().lower().replace(" ", "_").replace("-", "_")
    if named not in KINDS or named == OTHER:
        return OTHER
    kind = PageOutcome(named)
    explained = is_topic_of(kind, title) or (kind in PRICED and is_product(title))
    return OTHER if explained else kind


def is_certain(text: str) -> bool:
    """Whether a text that was read as an article is one, whatever a model says."""
    return count_words(text) >= MAX_UNCERTAIN_WORDS


async def record(
    connection: Connection, story_id: int, fingerprint: int, kind: str, model: str, *, certain: bool
) -> None:
    """Store what a model says of a story's text, instead of what was said of an earlier one."""
    await connection.execute(
        """
        INSERT INTO page_judgements (story_id, fingerprint, kind, model, certain)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (story_id) DO UPDATE SET
          fingerprint = $2, kind = $3, model = $4, certain = $5, judged_at = now()
        """,
        story_id,
        fingerprint,
        kind,
        model,
        certain,
    )


async def apply(connection: Connection, model: str) -> None:
    """Discard the texts that a model rightly denies to be articles; their pages are retried.

    Also applies to a text that was read again, and to what was said within `ACTS_FOR` before the
    model was plausible. What was said of a text does not apply to another one that replaced it.
    """
    rows = await connection.fetch(
        """
        SELECT story_id, judged.kind, fingerprint, article_attempts FROM page_judgements AS judged
        JOIN stories ON stories.id = story_id
        WHERE judged_at > now() - $4::interval
          AND model = $1 AND NOT certain AND judged.kind = ANY($2) AND article_state = 'read'
          AND article_fingerprint = fingerprint
          AND (judged.kind <> $3 OR article_reason IS NULL)
        """,
        model,
        [*WALLS, PageOutcome.PARTIAL],
        PageOutcome.PARTIAL,
        ACTS_FOR,
    )
    if not rows or not (await _record_of(connection, model)).is_plausible:
        return
    for story_id, kind, fingerprint, attempts in rows:
        log.info("The text of story %d is no article: the model says %s", story_id, kind)
        if kind == PageOutcome.PARTIAL:
            await _mark_as_partial(connection, story_id, fingerprint)
        else:
            await _reject(connection, story_id, fingerprint, PageOutcome(kind), attempts)


async def _record_of(connection: Connection, model: str) -> Record:
    row = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE certain),
               count(*) FILTER (WHERE certain AND kind = ANY($2)),
               count(*) FILTER (WHERE NOT certain),
               count(*) FILTER (WHERE NOT certain AND kind = ANY($3))
        FROM (SELECT certain, kind FROM page_judgements WHERE model = $1
              ORDER BY judged_at DESC LIMIT $4) AS last
        """,
        model,
        list(WALLS),
        [*WALLS, PageOutcome.PARTIAL],
        REMEMBERED,
    )
    assert row is not None
    return Record(*row)


async def _mark_as_partial(connection: Connection, story_id: int, fingerprint: int) -> None:
    await connection.execute(
        """
        UPDATE stories SET article_reason = $3, article_picture = NULL
        WHERE id = $1 AND article_fingerprint = $2 AND article_state = 'read'
        """,
        story_id,
        fingerprint,
        Reason.PARTIAL,
    )


async def _reject(
    connection: Connection, story_id: int, fingerprint: int, wall: PageOutcome, attempts: int
) -> None:
    reason = reason_of_outcome(wall)
    wait = next_wait(PageUnreadableError(reason), attempts)
    await connection.execute(
        """
        UPDATE stories
        SET article_state = CASE WHEN $4::interval IS NULL THEN 'unreadable' ELSE 'pending' END,
            article_reason = $3, article_words = NULL, article_picture = NULL,
            article_due_at = now() + coalesce($4::interval, interval '0')
        WHERE id = $1 AND article_fingerprint = $2 AND article_state = 'read'
        """,
        story_id,
        fingerprint,
        reason,
        wait,
    )
