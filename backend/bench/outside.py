"""A simulated Hacker News with any number of stories."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from simulators.processes import service

COMMENTS_OF_A_STORY = 5


@contextmanager
def hacker_news(pages: Sequence[bytes], folder: Path) -> Iterator[str]:
    """Serve the API and these pages from `folder`; yields the server's address."""
    articles = folder / "articles"
    articles.mkdir(parents=True)
    for number, page in enumerate(pages):
        (articles / f"{number}.html").write_bytes(page)
    with service("hackernews", "--articles", str(articles)) as address:
        yield address


async def publish(address: str, story_ids: Sequence[int], pages: int) -> None:
    """Put new stories with comments on the front page."""
    now = int(time.time())
    items: dict[str, dict[str, Any]] = {}
    for story_id in story_ids:
        kids = [story_id * 10 + place for place in range(COMMENTS_OF_A_STORY)]
        items[str(story_id)] = {
            "id": story_id,
            "type": "story",
            "title": f"Story {story_id}",
            "url": f"{address}/articles/{story_id % pages}.html?story={story_id}",
            "score": story_id % 300,
            "descendants": len(kids),
            "kids": kids,
            "time": now,
        }
        for kid in kids:
            text = f"Comment {kid} says that the bridge should be rebuilt. " * 5
            items[str(kid)] = {
                "id": kid,
                "type": "comment",
                "parent": story_id,
                "by": f"user{kid}",
                "text": text,
                "time": now,
            }
    change = {"items": items, "lists": {"topstories": list(story_ids)}}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/control/items", json=change, timeout=60)
        answer.raise_for_status()


async def set_latency(address: str, seconds: float) -> None:
    """Set the delay of every response of a simulated service."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/control/settings", json={"latency": seconds})
        answer.raise_for_status()
