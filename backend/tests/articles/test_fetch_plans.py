"""Sites that are known in advance."""

from __future__ import annotations

import pytest

from app.articles.fetch_plans import plan
from app.articles.reasons import Reason

RAW = "https://raw.githubusercontent.com"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://www.youtube.com/watch?v=1", Reason.VIDEO),
        ("https://youtu.be/1", Reason.VIDEO),
        ("https://m.youtube.com/watch?v=1", Reason.VIDEO),
        ("https://x.com/user/status/1", Reason.SOCIAL_POST),
        ("https://mobile.twitter.com/user/status/1", Reason.SOCIAL_POST),
        ("https://www.linkedin.com/posts/1", Reason.SOCIAL_POST),
    ],
)
def test_unreadable_sites_are_not_requested(url: str, reason: Reason) -> None:
    assert plan(url).unreadable_because is reason
    assert plan(url).addresses == ()


@pytest.mark.parametrize(
    "url", ["https://notx.com/", "https://xx.com/", "https://youtube.com.evil/"]
)
def test_sites_with_similar_names_are_requested(url: str) -> None:
    assert plan(url).unreadable_because is None
    assert plan(url).addresses == (url,)


def test_a_repository_is_its_readme_and_then_its_page() -> None:
    addresses = plan("https://github.com/owner/repo.js").addresses
    assert addresses[0] == f"{RAW}/owner/repo.js/HEAD/README.md"
    assert addresses[-1] == "https://github.com/owner/repo.js"


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://github.com/o/r/blob/main/docs/why.md", f"{RAW}/o/r/main/docs/why.md"),
        ("https://github.com/o/r/issues/1", "https://github.com/o/r/issues/1"),
        ("https://github.com/features/actions", "https://github.com/features/actions"),
        ("https://github.com/owner", "https://github.com/owner"),
        (
            "https://gist.github.com/u/0123456789abcdef0123456789abcdef",
            "https://gist.github.com/u/0123456789abcdef0123456789abcdef/raw",
        ),
    ],
)
def test_repository_files_are_requested_as_raw_text(url: str, first: str) -> None:
    assert plan(url).addresses[0] == first


def test_paywalled_sites_are_requested() -> None:
    ways = plan("https://www.nytimes.com/2026/11/23/a.html")
    assert ways.paywalled
    assert ways.addresses == ("https://www.nytimes.com/2026/11/23/a.html",)
