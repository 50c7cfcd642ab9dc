"""Headlines about one outage are grouped, whatever their wording."""

from __future__ import annotations

import pytest

from app.digests.outages import group_by_outage
from app.digests.round import Round
from app.digests.select import select
from app.readers.tastes import Taste
from tests.digests.stories import NOW, candidate
from tests.digests.test_events import OTHERS

OUTAGE = [
    "Cloudflare outage takes down half the web",
    "Cloudflare is down",
    "Cloudflare incident post-mortem",
    "X, ChatGPT unreachable as Cloudflare fails",
    "Cloudflare global network experiencing issues",
]


def test_five_headlines_of_one_outage_are_one_event() -> None:
    assert set(group_by_outage([*OUTAGE, *OTHERS]).values()) == {0}


def test_only_the_beginning_of_an_endless_title_is_read() -> None:
    endless = [f"{'x ' * 1000}{one}" for one in OUTAGE]
    events = Round([*map(candidate, endless)], NOW).events
    assert len(set(events)) == len(endless)


@pytest.mark.parametrize("points", [100, 900])
def test_a_digest_contains_an_outage_once(points: int) -> None:
    stories = [*(candidate(one, points=points) for one in OUTAGE), *map(candidate, OTHERS[:10])]
    chosen = select(Round(stories, NOW), Taste(), (), minimum_points=0, count=6)
    assert len([one for one in chosen if one.candidate.title in OUTAGE]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Google Cloud is down in Europe", "Google shuts down its URL shortener"),
        ("Google outage in Europe", "Google issues a statement on ads"),
        ("Cloudflare is down", "Cloudflare Workers now run Python"),
        ("GitHub is down", "Slack is down"),
        ("Show HN: An outage tracker", "Show HN: A post-mortem tracker"),
        ("X, ChatGPT unreachable as Cloudflare fails", "ChatGPT wins at chess"),
        ("A database outage", "Post-mortem of a database"),
    ],
)
def test_other_news_about_the_same_product_is_separate(one: str, other: str) -> None:
    same = group_by_outage([one, other, *OTHERS])
    assert same.get(0, 0) == 0
    assert same.get(1, 1) == 1
