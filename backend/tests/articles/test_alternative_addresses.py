"""Which redirects and rel=canonical addresses are accepted."""

from __future__ import annotations

import pytest

from app.articles.alternative_addresses import alternative_addresses

PAGE = "https://a.example/x/page"


@pytest.mark.parametrize(
    ("asked", "landed", "declared", "known"),
    [
        (PAGE, PAGE, "", ()),
        (PAGE, PAGE, PAGE, ()),
        (PAGE, PAGE, "/2026/page", ("https://a.example/2026/page",)),
        (PAGE, PAGE, "//www.a.example/2026/page/", ("https://a.example/2026/page",)),
        (PAGE + "?src=list", PAGE + "?src=list", PAGE, (PAGE,)),
        (PAGE, "https://www.a.example/x/page/", "", ()),
        (PAGE, "https://a.example/new", "", ("https://a.example/new",)),
        ("https://sho.rt/1", PAGE, "", (PAGE,)),
        ("https://sho.rt/1", PAGE, "/y/one", (PAGE, "https://a.example/y/one")),
        # another site, the first page, a list above it
        (PAGE, PAGE, "https://b.example/x/page", ()),
        (PAGE, PAGE, "https://a.example/", ()),
        (PAGE, PAGE, "/x", ()),
        (PAGE, "https://a.example/", "https://a.example/y", ()),
        ("https://sho.rt/1", "https://b.example/", "/y", ()),
        ("https://one.github.io/p", "https://one.github.io/p", "https://two.github.io/p", ()),
        # one address for many pages
        ("https://a.example/view?id=7", "https://a.example/view?id=7", "/view", ()),
        ("https://a.example/view?page=2", "https://a.example/view?page=2", "/view", ()),
        ("https://a.example/app#q=rust", "https://a.example/app", "/app", ()),
        ("https://a.example/app#/one", "https://a.example/app#/one", "/other", ()),
        # nonsense
        (PAGE, PAGE, "javascript:alert(1)", ()),
        (PAGE, PAGE, "http://[", ()),
        (PAGE, PAGE, "https://a.example/" + "x" * 5000, ()),
    ],
)
def test_alternative_addresses_of_a_page(
    asked: str, landed: str, declared: str, known: tuple[str, ...]
) -> None:
    assert alternative_addresses(asked, landed, declared) == frozenset(known)
