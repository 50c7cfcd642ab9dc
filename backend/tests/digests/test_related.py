"""Earlier stories on a card: those about the same subject that the reader has seen."""

from __future__ import annotations

from app.database.connection import Pool
from app.digests.related import MAX_RELATED, nearest, related_stories
from app.digests.sections import DigestSection
from app.digests.select import SelectedStory
from app.digests.store import NewDigest, add_digests
from tests.digests.stories import NOW, add_reader, add_stories, candidate, past_story

OTHERS = [
    "Emacs appearances in pop culture",
    "GIMP Development Update",
    "Why Switzerland has 25 gbit internet",
    "Electric motors with no rare earths",
    "A walking tour of Seattle",
    "The strongest El Niño ever",
]


async def seen(pool: Pool, chat_id: int, *stories: object, kind: str = "asked") -> None:
    choices = tuple(SelectedStory(one, {}) for one in stories)  # type: ignore[arg-type]
    digest = NewDigest(chat_id, kind, NOW.date(), [DigestSection(None, choices)])
    async with pool.acquire() as connection:
        await add_digests(connection, [digest])


def titles(title: str, *earlier: str) -> list[str]:
    known = [(past_story(one), ()) for one in (*earlier, *OTHERS)]
    return [one.title for one in nearest(title, (), known)]


def test_stories_with_shared_rare_words_are_related_nearest_first() -> None:
    earlier = ["DeepSeek V4 Flash on a single MI300X", "DeepSeek V4 is out", "A single malt"]
    assert titles("DeepSeek V4 Flash update", *earlier) == earlier[:2]


def test_one_shared_word_is_not_enough() -> None:
    assert titles("Claude Science", "US science is in chaos") == []
    assert titles("A digital museum", "The museum of jokes") == []


def test_topics_count_too() -> None:
    topics = ("asahi linux", "apple silicon")
    known = [(past_story(one), ()) for one in OTHERS]
    fedora = past_story("Fedora on a laptop")
    assert nearest("Progress", topics, [*known, (fedora, topics)]) == [fedora]


def test_the_number_of_related_stories_is_limited() -> None:
    many = [f"Asahi Linux progress report {n}" for n in range(4)]
    assert len(titles("Asahi Linux progress report 10", *many)) == MAX_RELATED


async def test_only_what_this_reader_saw_before_is_named(database: Pool) -> None:
    await add_reader(database, 1)
    await add_reader(database, 2)
    report = [candidate(f"Asahi Linux progress report {n}", points=n) for n in range(6)]
    others = [candidate(title) for title in OTHERS]
    await add_stories(database, *report, *others)
    await seen(database, 1, report[0], *others)
    await seen(database, 2, report[1])
    await seen(database, 1, report[2], report[3])
    await seen(database, 1, report[4])
    async with database.acquire() as connection:
        related = await related_stories(connection, 1, report[2])
        assert [one.id for one in related] == [report[0].id]
        last = await related_stories(connection, 1, report[5])
        assert {one.id for one in last} <= {report[n].id for n in (0, 2, 3, 4)}
        assert len(last) == MAX_RELATED
        await connection.execute(
            "UPDATE stories SET duplicate_of = $1 WHERE id = $2", report[5].id, report[0].id
        )
        again = await related_stories(connection, 1, report[5])
        assert report[0].id not in {one.id for one in again}


async def test_a_story_that_was_not_delivered_was_not_seen(database: Pool) -> None:
    await add_reader(database, 1)
    report = [candidate(f"Asahi Linux progress report {n}") for n in range(2)]
    await add_stories(database, *report, *(candidate(title) for title in OTHERS))
    await seen(database, 1, report[0])
    await database.execute("UPDATE digest_stories SET seen = FALSE")
    async with database.acquire() as connection:
        assert await related_stories(connection, 1, report[1]) == []
