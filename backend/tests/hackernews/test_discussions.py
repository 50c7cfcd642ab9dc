"""Which comments of a discussion are read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from app.hackernews.discussion_store import MAX_DISCUSSION
from app.hackernews.discussions import DEEPEST, REQUESTS, read_discussion
from app.hackernews.items import Comment, Story

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Thread:
    """Comments by id; counts what is asked for."""

    def __init__(self, children: dict[int, list[int]], deleted: Iterable[int] = ()) -> None:
        self._children = children
        self._deleted = set(deleted)
        self.asked: list[int] = []
        self.story = Story(
            id=1, kind="story", title="T", url=None, canonical_url=None, site=None, author=None,
            text=None, points=1, comment_count=1, dead=False, posted_at=NOW,
            kids=tuple(children[1]),
        )  # fmt: skip

    async def fetch(self, comment_ids: Iterable[int]) -> list[Story | Comment | None]:
        return [self._comment(comment_id) for comment_id in comment_ids]

    def _comment(self, comment_id: int) -> Comment | None:
        self.asked.append(comment_id)
        if comment_id not in self._children:
            return None
        text = None if comment_id in self._deleted else str(comment_id)
        return Comment(comment_id, 1, "a", text, NOW, tuple(self._children[comment_id]))


async def ids_and_depths(thread: Thread) -> list[tuple[int, int]]:
    placed = await read_discussion(thread.story, thread.fetch)
    assert placed is not None
    assert [comment.position for comment in placed] == list(range(len(placed)))
    return [(entry.comment.id, entry.depth) for entry in placed]


async def test_a_small_discussion_is_read_whole_in_page_order() -> None:
    thread = Thread({1: [9, 5], 9: [3, 8], 3: [4], 8: [], 4: [], 5: [2], 2: []})
    assert await ids_and_depths(thread) == [(9, 0), (3, 1), (4, 2), (8, 1), (5, 0), (2, 1)]


async def test_a_flat_discussion_of_the_right_size_is_read_whole() -> None:
    kids = list(range(1000, 1000 + MAX_DISCUSSION))
    thread = Thread({1: kids} | {kid: [] for kid in kids})
    assert [comment_id for comment_id, _ in await ids_and_depths(thread)] == kids


async def test_the_first_threads_of_a_large_discussion_get_more_comments() -> None:
    tree: dict[int, list[int]] = {1: list(range(100, 200))}
    for kid in tree[1]:
        tree[kid] = [kid * 1000 + number for number in range(50)]
        tree |= {reply: [] for reply in tree[kid]}
    placed = await ids_and_depths(Thread(tree))
    assert len(placed) == MAX_DISCUSSION
    threads = [comment_id for comment_id, depth in placed if depth == 0]
    assert threads == list(range(100, 100 + len(threads)))
    assert 5 <= len(threads) <= 20
    replies = [sum(reply // 1000 == kid for reply, _ in placed) for kid in threads]
    assert replies == sorted(replies, reverse=True)


async def test_answers_to_deleted_comments_are_read() -> None:
    thread = Thread({1: [5], 5: [6], 6: []}, deleted=[5])
    assert await ids_and_depths(thread) == [(6, 1)]


async def test_a_thread_of_deleted_comments_is_not_followed_for_ever() -> None:
    kids = list(range(100, 1000))
    thread = Thread({1: kids} | {kid: [] for kid in kids}, deleted=kids)
    assert await ids_and_depths(thread) == []
    assert len(thread.asked) <= REQUESTS


async def test_depth_is_bounded() -> None:
    thread = Thread({1: [100]} | {number: [number + 1] for number in range(100, 150)})
    assert max(depth for _, depth in await ids_and_depths(thread)) == DEEPEST


async def test_cyclic_comments_are_read_once() -> None:
    thread = Thread({1: [2, 2], 2: [3, 1], 3: [2]})
    assert await ids_and_depths(thread) == [(2, 0), (3, 1)]


async def test_missing_comments_are_left_out() -> None:
    thread = Thread({1: [2, 3], 3: []})
    assert await ids_and_depths(thread) == [(3, 0)]


async def test_a_discussion_that_cannot_be_fetched_is_not_empty() -> None:
    away = Thread({1: [2, 3]})
    assert await read_discussion(away.story, away.fetch) is None
    deleted = Thread({1: [2], 2: []}, deleted=[2])
    assert await read_discussion(deleted.story, deleted.fetch) == []
