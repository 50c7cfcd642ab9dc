"""A simulated Hacker News in a process of its own, so that its memory and work are not ours."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

_REPOSITORY = Path(__file__).resolve().parents[2]
COMMENTS_OF_A_STORY = 5


@asynccontextmanager
async def hacker_news(pages: Sequence[bytes], folder: Path) -> AsyncIterator[str]:
    """Serve the API and these pages from `folder`; yields the server's address."""
    articles = folder / "articles"
    articles.mkdir(parents=True)
    links = {}
    for number, page in enumerate(pages):
        (articles / f"{number}.html").write_bytes(page)
        links[str(number)] = {"file": f"{number}.html"}
    (folder / "articles.json").write_text(json.dumps(links), encoding="utf-8")
    (folder / "items.json").write_text("{}", encoding="utf-8")
    (folder / "lists.json").write_text("{}", encoding="utf-8")
    command = ["-m", "rehearsal.outside", "hackernews", "--dataset", str(folder)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=_REPOSITORY, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())["address"]
    finally:
        process.terminate()
        await process.wait()


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


async def change_settings(address: str, **settings: float) -> None:
    """Such as `latency`, in seconds."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/control/settings", json=settings)
        answer.raise_for_status()
