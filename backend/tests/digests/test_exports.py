"""The file of the day's best stories: complete, harmless, and not rewritten without changes."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.database.connection import Pool
from app.digests.candidates import Discussion, DiscussionPoint, Summary
from app.digests.exported_story import exported_story
from app.digests.exports import Exporter, write_day
from tests.digests.stories import NOW, add_stories, candidate
from tests.digests.test_compose import HOSTILE

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 11, 23)


def story(title: str = "Cheese matters", **changes: object) -> dict[str, object]:
    talk = Discussion(
        "They agree.",
        (DiscussionPoint("It is good.", (11,)),),
        (DiscussionPoint("Or not?", (12,)),),
    )
    summary = Summary("All about cheese.", ("It is yellow.",), False, "article", None)
    values = {"summaries": {"basic": summary}, "discussion": talk} | changes
    return exported_story(candidate(title, **values))


def exported(folder: Path) -> list[dict[str, str]]:
    """The stories of the only file in a folder."""
    [path] = folder.iterdir()
    stories: list[dict[str, str]] = json.loads(path.read_text("utf-8"))["stories"]
    return stories


def test_a_day_is_a_file(tmp_path: Path) -> None:
    told = story(url="https://cheese.example/?a=1&b=2")
    assert write_day(tmp_path, DAY, [told], NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["2026-11-23.json"]
    record = json.loads((tmp_path / "2026-11-23.json").read_text("utf-8"))
    assert record == {"day": "2026-11-23", "updated": NOW.isoformat(), "stories": [told]}
    assert told["url"] == "https://cheese.example/?a=1&b=2"
    assert told["disagreements"] == [
        {"text": "Or not?", "comments": ["https://news.ycombinator.com/item?id=12"]}
    ]


async def test_a_story_is_updated_when_its_summary_is(database: Pool, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    seen, made = now - timedelta(hours=2), now - timedelta(hours=1)
    told = candidate("Cheese matters", first_seen_at=seen, sentences="It does.")
    exporter = Exporter(database, tmp_path)
    await add_stories(database, told)

    async def times() -> list[datetime]:
        await exporter.step()
        [one] = exported(tmp_path)
        return [datetime.fromisoformat(one[name]) for name in ("first_seen_at", "updated")]

    assert await times() == [seen, seen]
    await database.execute("UPDATE summaries SET made_at = $1", made)
    assert await times() == [seen, made]
    await database.execute(
        "INSERT INTO discussions (story_id, state, line, made_at) VALUES ($1, 'ready', 'Yes.', $2)",
        told.id,
        now,
    )
    assert await times() == [seen, now]


@pytest.mark.parametrize("words", HOSTILE)
def test_only_the_addresses_of_the_web_are_exported(words: str) -> None:
    told = story(words, url=f"javascript:{words}")
    assert str(told["url"]).startswith("https://news.ycombinator.com/")


def test_unchanged_stories_leave_the_files_alone(tmp_path: Path) -> None:
    told = story()
    assert write_day(tmp_path, DAY, [told], NOW)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert not write_day(tmp_path, DAY, [told], NOW + timedelta(hours=1))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert write_day(tmp_path, DAY, [told | {"points": 101}], NOW)


def test_a_damaged_record_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23.json").write_text("[1", "utf-8")
    assert write_day(tmp_path, DAY, [story()], NOW)


def test_exported_files_are_world_readable(tmp_path: Path) -> None:
    write_day(tmp_path, DAY, [story()], NOW)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o644}


async def test_the_best_of_the_last_day_is_exported(database: Pool, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    new = candidate("Cheese matters", first_seen_at=now - timedelta(hours=2))
    old = candidate("Old wood", first_seen_at=now - timedelta(hours=30))
    exporter = Exporter(database, tmp_path / "exports")
    assert await exporter.step() == 0
    assert not (tmp_path / "exports").exists()
    await add_stories(database, new, old)
    await exporter.step()
    titles = [one["title"] for one in exported(tmp_path / "exports")]
    assert titles == ["Cheese matters"]


async def test_an_unwritable_folder_does_not_stop_the_app(database: Pool, tmp_path: Path) -> None:
    await add_stories(database, candidate(first_seen_at=datetime.now(UTC)))
    (tmp_path / "exports").write_text("not a folder", "utf-8")
    assert await Exporter(database, tmp_path / "exports").step() == 0


def test_an_unread_page_is_marked() -> None:
    summary = Summary("From the discussion.", (), False, "discussion", None)
    unread = story(summaries={"basic": summary}, article_reason="paywall")
    assert unread["unread"] == "Page not read: paywall."
    assert story()["unread"] == ""


def test_the_documentation_names_every_field() -> None:
    documentation = (ROOT / "docs" / "reading.md").read_text("utf-8")
    assert [name for name in story() if f"`{name}`" not in documentation] == []
