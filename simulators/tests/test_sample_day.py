"""The sample day: invented to the last name, complete, and served as the real thing is."""

from __future__ import annotations

import io
import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from aiohttp.test_utils import TestServer
from pypdf import PdfReader

from simulators.hackernews import make_app, sample_day
from simulators.sample_day.items import DAY_SECONDS, FIRST_ID, items_of
from simulators.sample_day.pages import pages_of
from simulators.sample_day.stories import load_stories

STORIES = load_stories()
# An account at Hacker News has at most 15, so that none has a name of the sample day's.
MIN_NAME = 16


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async with TestServer(make_app(sample_day()), host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


def test_there_is_a_day_of_everything() -> None:
    assert len(STORIES) >= 30
    kinds = {story.kind for story in STORIES}
    assert kinds == {"html", "pdf", "readme", "robot_check", "paywall", "elsewhere"}
    assert any(story.title.startswith("Ask HN:") and story.text for story in STORIES)
    assert any(story.title.startswith("Show HN:") for story in STORIES)
    assert any(story.language != "en" for story in STORIES)
    assert any(story.hours > 48 for story in STORIES), "a re-up"
    assert all(10 <= len(story.comments) <= 60 for story in STORIES)
    assert any(len(story.comments) > 40 for story in STORIES)


def test_no_comment_is_attributed_to_a_real_person() -> None:
    authors = {story.author for story in STORIES}
    authors |= {comment.author for story in STORIES for comment in story.comments}
    assert [name for name in authors if len(name) < MIN_NAME] == []
    hosts = {urlsplit(story.url).hostname or "" for story in STORIES if story.url}
    assert [host for host in hosts if not host.endswith(".example")] == []
    texts = [text for story in STORIES for text in (story.page, story.text)]
    texts += [comment.text for story in STORIES for comment in story.comments]
    links = [link for text in texts for link in re.findall(r"https?://([^\s/)]+)", text)]
    assert [link for link in links if not link.endswith(".example")] == []


def test_no_comment_is_said_twice_and_none_is_empty() -> None:
    said = [comment.text for story in STORIES for comment in story.comments]
    assert all(said)
    long = [text for text in said if len(text) > 60]
    assert len(set(long)) == len(long)


def test_every_day_has_numbers_of_its_own() -> None:
    now = time.time()
    today, lists = items_of(STORIES, now)
    tomorrow, _ = items_of(STORIES, now + DAY_SECONDS)
    assert not today.keys() & tomorrow.keys()
    assert min(today) > FIRST_ID
    assert set(lists["topstories"]) <= today.keys()
    assert all(item["time"] <= now for item in today.values())
    assert "{item:" not in str(today)


def test_comments_form_a_tree() -> None:
    items, _ = items_of(STORIES, time.time())
    below = [kid for item in items.values() for kid in item["kids"]]
    comments = [number for number, item in items.items() if item["type"] == "comment"]
    assert sorted(below) == sorted(comments)
    assert all(number in items[items[number]["parent"]]["kids"] for number in comments)


def test_the_document_is_one() -> None:
    [page] = [one for one in pages_of(STORIES).values() if one.content_type == "application/pdf"]
    reader = PdfReader(io.BytesIO(page.body), strict=True)
    text = " ".join(" ".join(leaf.extract_text() for leaf in reader.pages).split())
    assert "strain measurements on a wooden footbridge" in text
    assert "those of the wasps, are available from the institute." in text


async def test_its_sites_are_reached_through_a_proxy(site: str) -> None:
    async with httpx.AsyncClient(proxy=site, trust_env=False) as client:
        page = await client.get("http://saltworks.example/tide-clock?utm_source=x")
        wall = await client.get("http://skerrylight.example/books")
        nothing = await client.get("http://saltworks.example/robots.txt")
    assert "washing machine" in page.text and "invented" in page.text
    assert (page.status_code, wall.status_code, nothing.status_code) == (200, 403, 404)


async def test_a_page_may_have_a_picture(site: str) -> None:
    async with httpx.AsyncClient(proxy=site, trust_env=False) as client:
        page = await client.get("http://deadbirdclub.example/petrel")
        # What a client of the chat page asks for; the sites of the sample day have no TLS.
        picture = await client.get("http://deadbirdclub.example/satellite.png")
    declared = 'property="og:image" content="https://deadbirdclub.example/satellite.png"'
    assert declared in page.text
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG") and len(picture.content) < 50_000


async def test_a_browser_sees_pages_and_discussions(site: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        [first, *_] = (await client.get(f"{site}/v0/topstories.json")).json()
        story = (await client.get(f"{site}/v0/item/{first}.json")).json()
        discussion = f"https://news.ycombinator.com/item?id={story['kids'][0]}"
        shown = [
            await client.get(f"{site}/visit", params={"address": address})
            for address in (story["url"], discussion, "https://news.ycombinator.com/item?id=1")
        ]
    assert [answer.status_code for answer in shown] == [200, 200, 404]
    assert all("invented" in answer.text for answer in shown[:2])
    assert f'id="{story["kids"][0]}"' in shown[1].text


async def test_the_users_have_what_they_posted(site: str) -> None:
    story = next(one for one in STORIES if len(one.comments) > 10)
    async with httpx.AsyncClient(base_url=site) as client:
        user = (await client.get(f"/v0/user/{story.author}.json")).json()
        assert user["id"] == story.author and user["submitted"]
        assert user["submitted"] == sorted(user["submitted"], reverse=True)
        item = (await client.get(f"/v0/item/{user['submitted'][0]}.json")).json()
        assert item["by"] == story.author
        assert (await client.get("/v0/user/nobody-of-this-name.json")).json() is None
