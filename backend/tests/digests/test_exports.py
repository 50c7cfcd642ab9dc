"""The day's digest as files: whole, harmless, the same in all three forms."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.database.connection import Pool
from app.digests.candidates import Discussion, Point, Summary
from app.digests.exports import Exporter, write_day
from app.digests.pages import story_json
from tests.digests.stories import NOW, add_stories, candidate
from tests.digests.test_compose import HOSTILE

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 11, 23)
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
FILES = {"2026-11-23.html", "2026-11-23.json", "index.html", "feed.xml"}
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """The elements, links and text of a page whose elements are all closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def story(title: str = "Cheese matters", **changes: object) -> dict[str, object]:
    talk = Discussion("They agree.", (Point("It is good.", (11,)),), (Point("Or not?", (12,)),))
    summary = Summary("All about cheese.", ("It is yellow.",), False, "article", None)
    values = {"summaries": {"basic": summary}, "discussion": talk} | changes
    return story_json(candidate(title, **values))


def test_the_three_forms_tell_the_same(tmp_path: Path) -> None:
    told = story(url="https://cheese.example/?a=1&b=2")
    assert write_day(tmp_path, DAY, [told], NOW)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    page = Page((tmp_path / "index.html").read_text("utf-8"))
    entry = ElementTree.parse(tmp_path / "feed.xml").find("atom:entry", ATOM)
    assert entry is not None
    record = json.loads((tmp_path / "2026-11-23.json").read_text("utf-8"))
    assert record == {"day": "2026-11-23", "updated": NOW.isoformat(), "stories": [told]}
    for words in ("Cheese matters", "All about cheese.", "They agree.", "It is good.", "Or not?"):
        assert words in page.text
    assert "Monday, 23 November 2026" in page.text
    for link in ("https://cheese.example/?a=1&b=2", told["discussion_url"], "feed.xml"):
        assert link in page.links
    assert entry.findtext("atom:title", "", ATOM) == "Cheese matters"
    assert "All about cheese." in entry.findtext("atom:summary", "", ATOM)
    links = [link.get("href") for link in entry.findall("atom:link", ATOM)]
    assert links == [told["url"], told["discussion_url"]]


def test_the_feed_has_what_rfc_4287_asks_for(tmp_path: Path) -> None:
    write_day(tmp_path, DAY, [story(), story("Wood matters")], NOW)
    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()
    for place in (feed, *feed.findall("atom:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert place.findtext(f"atom:{name}", "", ATOM)
        assert datetime.fromisoformat(place.findtext("atom:updated", "", ATOM)).tzinfo
    ids = [entry.findtext("atom:id", "", ATOM) for entry in feed.findall("atom:entry", ATOM)]
    assert len(set(ids)) == 2
    assert feed.findtext("atom:author/atom:name", "", ATOM)


async def test_an_entry_is_updated_when_its_summary_is(database: Pool, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    seen, made = now - timedelta(hours=2), now - timedelta(hours=1)
    told = candidate("Cheese matters", first_seen_at=seen, sentences="It does.")
    exporter = Exporter(database, tmp_path)
    await add_stories(database, told)

    async def times() -> list[datetime]:
        await exporter.step()
        entry = ElementTree.parse(tmp_path / "feed.xml").find("atom:entry", ATOM)
        assert entry is not None
        names = ("published", "updated")
        return [datetime.fromisoformat(entry.findtext(f"atom:{n}", "", ATOM)) for n in names]

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
def test_words_of_strangers_stay_words(tmp_path: Path, words: str) -> None:
    talk = Discussion(words, (Point(words, (1,)),), (Point(words, (2,)),))
    summary = Summary(words, (words,), True, "none", None)
    told = story(
        words, site=words, url=f"javascript:{words}", discussion=talk, summaries={"basic": summary}
    )
    write_day(tmp_path, DAY, [told], NOW)
    page = Page((tmp_path / "index.html").read_text("utf-8"))
    assert "script" not in page.elements
    assert all(
        link.startswith("https://news.") or link in FILES | {"feed.xml"} for link in page.links
    )
    ElementTree.parse(tmp_path / "feed.xml")


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


def test_everybody_may_read_them(tmp_path: Path) -> None:
    write_day(tmp_path, DAY, [story()], NOW)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o644}


def test_earlier_days_are_linked(tmp_path: Path) -> None:
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        write_day(tmp_path, day, [story()], NOW)
    links = Page((tmp_path / "index.html").read_text("utf-8")).links
    assert [link for link in links if link.startswith("2026") and link.endswith("html")] == [
        "2026-11-23.html",
        "2026-11-22.html",
    ]


async def test_the_best_of_the_last_day_is_exported(database: Pool, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    new = candidate("Cheese matters", first_seen_at=now - timedelta(hours=2))
    old = candidate("Old wood", first_seen_at=now - timedelta(hours=30))
    exporter = Exporter(database, tmp_path / "exports")
    assert await exporter.step() == 0
    assert not (tmp_path / "exports").exists()
    await add_stories(database, new, old)
    await exporter.step()
    text = Page((tmp_path / "exports" / "index.html").read_text("utf-8")).text
    assert "Cheese matters" in text
    assert "Old wood" not in text


async def test_a_folder_that_cannot_be_written_stops_nothing(
    database: Pool, tmp_path: Path
) -> None:
    await add_stories(database, candidate(first_seen_at=datetime.now(UTC)))
    (tmp_path / "exports").write_text("not a folder", "utf-8")
    assert await Exporter(database, tmp_path / "exports").step() == 0


def test_a_page_that_was_not_read_is_owned_up_to(tmp_path: Path) -> None:
    summary = Summary("From the discussion.", (), False, "discussion", None)
    unread = story(summaries={"basic": summary}, article_reason="paywall")
    assert unread["unread"] == "Page not read: paywall."
    assert story()["unread"] == ""
    write_day(tmp_path, DAY, [unread], NOW)
    assert "Page not read: paywall." in Page((tmp_path / "index.html").read_text()).text


def test_the_documentation_names_every_field() -> None:
    documentation = (ROOT / "docs" / "reading.md").read_text("utf-8")
    assert [name for name in story() if f"`{name}`" not in documentation] == []
