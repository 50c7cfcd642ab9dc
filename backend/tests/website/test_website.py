"""The website: complete, harmless, bounded, and limited to its own files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest

from app.website.build import ForeignFolderError, build
from app.website.days import SiteDay, SiteStory, read_days
from app.website.place import Place
from tests.digests.test_compose import HOSTILE

BACKEND = Path(__file__).resolve().parents[2]
PLACE = Place("https://news.example.com/hn/")
DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
VOID = {"meta", "link", "br", "input"}
MAX_PAGE_BYTES = 100_000


class Page(HTMLParser):
    """The elements, links and text of a page whose elements are all closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.links: list[str] = []
        self.described: dict[str, str] = {}
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        values = {name: value or "" for name, value in attrs}
        self.links += [values[name] for name in ("href", "src") if name in values]
        if tag == "meta" and (name := values.get("property") or values.get("name")):
            self.described[name] = values["content"]
        assert not any(name.startswith("on") for name in values)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def story(number: int = 1, **changes: object) -> SiteStory:
    hn = f"https://news.ycombinator.com/item?id={number}"
    values = {
        "id": number,
        "title": f"Story {number} & more",
        "url": f"https://cheese.example/{number}?a=1&b=2",
        "discussion_url": hn,
        "site": "cheese.example",
        "points": 1200,
        "comments": 1,
        "first_seen_at": NOW - timedelta(hours=3),
        "updated": NOW,
        "summary": "All about cheese.",
        "key_points": ["It is yellow."],
        "discussion": "They agree.",
        "agreements": [{"text": "It is good.", "comments": [hn]}],
        "disagreements": [{"text": "Or not?", "comments": [hn]}],
    }
    return SiteStory.model_validate(values | changes)


def days(*counts: int) -> list[SiteDay]:
    """Days with so many stories each, newest first."""
    number = iter(range(1, 10_000))
    return [
        SiteDay(
            day=DAY - timedelta(days=back),
            updated=NOW,
            stories=[story(next(number)) for _ in range(n)],
        )
        for back, n in enumerate(counts)
    ]


def pages(folder: Path) -> Iterator[tuple[Path, Page]]:
    for path in sorted(folder.rglob("*.html")):
        yield path, Page(path.read_text("utf-8"))


def test_every_day_and_story_has_a_page(tmp_path: Path) -> None:
    built = build(PLACE, days(2, 1), tmp_path)
    names = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert names == {
        *("index.html", "archive.html", "archive-2026.html", "search.html"),
        *("day/2026-11-23.html", "day/2026-11-22.html", "search/2026-11.json"),
        *("story/1.html", "story/2.html", "story/3.html"),
        *("feed.xml", "feed.json", ".nojekyll", ".hnpal-website"),
    }
    assert built.files == built.written + 1 == len(names)
    front = Page((tmp_path / "index.html").read_text("utf-8"))
    for words in ("Story 1 & more", "All about cheese.", "1,200 points", "1 comment"):
        assert words in front.text
    assert "Monday, 23 November 2026" in front.text
    page = Page((tmp_path / "story/1.html").read_text("utf-8"))
    for words in ("It is yellow.", "It is good.", "Or not?", "They agree."):
        assert words in page.text


def test_no_link_of_the_website_is_dead(tmp_path: Path) -> None:
    build(PLACE, days(2, 1, 1), tmp_path)
    for path, page in pages(tmp_path):
        here = PLACE.address + path.relative_to(tmp_path).as_posix()
        for link in page.links:
            there = urljoin(here, link)
            if there.startswith(PLACE.address):
                name = there.removeprefix(PLACE.address) or "index.html"
                assert (tmp_path / name).is_file(), (path, link)


def test_pages_describe_themselves(tmp_path: Path) -> None:
    build(PLACE, days(1), tmp_path)
    for path, page in pages(tmp_path):
        name = path.relative_to(tmp_path).as_posix()
        assert page.described["og:url"] == PLACE.link(name)
        for wanted in ("description", "og:title", "og:description", "og:type", "og:site_name"):
            assert page.described[wanted], (name, wanted)
    page = Page((tmp_path / "story/1.html").read_text("utf-8"))
    assert page.described["og:type"] == "article"
    assert page.described["description"] == "All about cheese."


def test_the_atom_feed_has_what_rfc_4287_asks_for(tmp_path: Path) -> None:
    build(PLACE, days(2), tmp_path)
    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert feed.findtext("atom:author/atom:name", "", ATOM)
    entries = feed.findall("atom:entry", ATOM)
    for place in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert place.findtext(f"atom:{name}", "", ATOM)
        assert datetime.fromisoformat(place.findtext("atom:updated", "", ATOM)).tzinfo
        links = [link.get("href", "") for link in place.findall("atom:link", ATOM)]
        assert links and all(link.startswith("https://") for link in links)
    assert len({entry.findtext("atom:id", "", ATOM) for entry in entries}) == 2
    content = entries[0].findtext("atom:content", "", ATOM)
    assert "1,200 points · 1 comment" in content
    assert "<p>All about cheese.</p>" in content


def test_the_json_feed_matches_the_atom_feed(tmp_path: Path) -> None:
    build(PLACE, days(2), tmp_path)
    feed = json.loads((tmp_path / "feed.json").read_text("utf-8"))
    atom = ElementTree.parse(tmp_path / "feed.xml").getroot()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://news.example.com/hn/feed.json"
    assert feed["language"] == "en"
    told = [(item["id"], item["title"], item["content_html"]) for item in feed["items"]]
    names = ("id", "title", "content")
    assert told == [
        tuple(entry.findtext(f"atom:{name}", "", ATOM) for name in names)
        for entry in atom.findall("atom:entry", ATOM)
    ]


def test_each_installation_has_a_feed_of_its_own(tmp_path: Path) -> None:
    def ids(address: str) -> set[str]:
        build(Place(address), days(2), tmp_path)
        feed = ElementTree.parse(tmp_path / "feed.xml").getroot()
        return {one.text or "" for one in feed.iterfind(".//atom:id", ATOM)}

    assert not ids("https://a.example/") & ids("https://b.example/")
    assert ids("https://a.example/") == ids("https://a.example/")


def test_quoted_text_is_marked_as_a_quotation(tmp_path: Path) -> None:
    quoted = story(excerpt=True, voices=[{"text": "I was there."}], agreements=[], disagreements=[])
    build(PLACE, [SiteDay(day=DAY, updated=NOW, stories=[quoted])], tmp_path)
    page = (tmp_path / "story/1.html").read_text("utf-8")
    assert "blockquote" in Page(page).elements
    assert "<q>I was there.</q>" in page
    feed = json.loads((tmp_path / "feed.json").read_text("utf-8"))
    assert "<blockquote>All about cheese.</blockquote>" in feed["items"][0]["content_html"]
    assert "<blockquote>I was there.</blockquote>" in feed["items"][0]["content_html"]


@pytest.mark.parametrize("words", HOSTILE)
def test_untrusted_text_is_escaped(tmp_path: Path, words: str) -> None:
    claim = {"text": words, "comments": ["https://evil.example/"]}
    told = story(
        title=words, site=words, summary=words, discussion=words, key_points=[words],
        agreements=[claim], disagreements=[claim], voices=[claim],
    )  # fmt: skip
    build(PLACE, [SiteDay(day=DAY, updated=NOW, stories=[told])], tmp_path)
    for path, page in pages(tmp_path):
        assert page.elements.count("script") == (path.name == "search.html")
        assert not any("evil.example" in link for link in page.links)
    ElementTree.parse(tmp_path / "feed.xml")
    json.loads((tmp_path / "feed.json").read_text("utf-8"))


def test_pages_stay_small_whatever_the_archive(tmp_path: Path) -> None:
    long = {
        "summary": "All about it. " * 100,
        "key_points": ["A point about it. " * 15] * 5,
        "agreements": [{"text": "They agree on it. " * 15, "comments": []}] * 4,
        "disagreements": [{"text": "They disagree. " * 15, "comments": []}] * 4,
    }
    full = SiteDay(day=DAY, updated=NOW, stories=[story(n, **long) for n in range(1, 21)])
    older = [
        SiteDay(day=DAY - timedelta(days=back), updated=NOW, stories=[story(1)])
        for back in range(1, 800)
    ]
    build(PLACE, [full, *older], tmp_path)
    sizes = {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    pages_too_large = [
        path for path, size in sizes.items() if size > MAX_PAGE_BYTES and path.suffix == ".html"
    ]
    assert pages_too_large == []
    assert {path.name for path in sizes} >= {"archive-2024.html", "archive-2025.html"}


def test_a_second_build_changes_nothing_and_stale_files_go(tmp_path: Path) -> None:
    build(PLACE, days(2, 1), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again = build(PLACE, days(2, 1), tmp_path)
    assert (again.written, again.removed) == (0, 0)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert build(PLACE, days(2), tmp_path).removed == 2
    assert not (tmp_path / "story/3.html").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("Ten years of work.")
    with pytest.raises(ForeignFolderError):
        build(PLACE, days(1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[1",
        "null",
        '{"day": "2026-11-22"}',
        '{"day": "2026-11-21", "updated": "x", "stories": []}',
    ],
)
def test_a_damaged_day_is_named_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    (tmp_path / "2026-11-22.json").write_text(content)
    (tmp_path / "2026-11-23.json").write_text(days(1)[0].model_dump_json())
    assert [day.day for day in read_days(tmp_path)] == [DAY]
    assert "2026-11-22.json is left out" in caplog.text


def test_the_command_makes_a_website_of_exports(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    command = [sys.executable, "-m", "app.website", str(exports), str(tmp_path / "site")]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *more], cwd=BACKEND, capture_output=True, text=True, check=False
        )

    nothing_yet = (75, "No website was made: there are no stories yet\n")
    missing = run("--address", "https://news.example.com")
    assert (missing.returncode, missing.stderr) == nothing_yet
    exports.mkdir()
    empty = run("--address", "https://news.example.com")
    assert (empty.returncode, empty.stderr) == nothing_yet
    assert run("--address", "news").returncode == 2
    (exports / "2026-11-23.json").write_text(days(1)[0].model_dump_json())
    made = run("--address", "https://news.example.com", "--title", "Ours")
    assert made.returncode == 0, made.stderr
    assert "<title>Search – Ours</title>" in (tmp_path / "site/search.html").read_text("utf-8")


def test_a_notice_is_on_every_page_and_in_every_entry_of_the_feeds(tmp_path: Path) -> None:
    notice = "Sample day: everything is <invented>."
    build(Place(PLACE.address, notice=notice), days(3), tmp_path)
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 4
    for page in pages:
        assert notice in Page(page.read_text("utf-8")).text, page
    feed = json.loads((tmp_path / "feed.json").read_text("utf-8"))
    assert all("everything is &lt;invented&gt;." in one["content_html"] for one in feed["items"])
    entries = ElementTree.parse(tmp_path / "feed.xml").findall("atom:entry/atom:content", ATOM)
    assert entries and all("&lt;invented&gt;" in (one.text or "") for one in entries)
