"""Which addresses are one page."""

from __future__ import annotations

import pytest

from app.hackernews.links import canonical_url, web_url

PAGE = "https://a.example/x/Page"


@pytest.mark.parametrize(
    "variant",
    [
        "http://a.example/x/Page",
        "https://www.a.example/x/Page/",
        "https://m.a.example/x/Page",
        "https://mobile.a.example/x/Page",
        "https://amp.a.example/x/Page",
        "HTTPS://WWW.A.EXAMPLE/x/Page",
        "https://a.example.:443/x/Page",
        "http://a.example:80/x//Page",
        "https://user:secret@a.example/x/Page",
        "https://a.example/x/Page#section",
        "https://a.example/x/Page?",
        "https://a.example/x/Page/amp",
        "https://a.example/x/Page/amp/",
        "https://a.example/amp/x/Page",
        "https://a.example/x/Page/index.html",
        "https://a.example/x/%50age",
        "https://a.example/x/Page?utm_source=hn&utm_medium=social&fbclid=1",
        "https://a.example/x/Page?ref=hackernews&gclid=2&mc_cid=3",
        "https://a.example/x/Page?amp=1",
        "https://www.google.com/amp/s/a.example/x/Page",
        "https://a-example.cdn.ampproject.org/c/s/a.example/x/Page",
        "https://web.archive.org/web/20260101000000/https://a.example/x/Page?utm_source=x",
        "https://a.example/x/Page?_ga=2.1&_gl=1*abc",
    ],
)
def test_variants_of_one_page_are_one(variant: str) -> None:
    assert canonical_url(variant) == PAGE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/x", "https://a.example/y"),
        ("https://a.example/?id=1", "https://a.example/?id=2"),
        ("https://a.example/", "https://b.a.example/"),
        ("https://a.example/", "https://a.example:8443/"),
        ("https://m.example/", "https://example/"),
        ("https://a.example/log/#2026-05-26", "https://a.example/log/#2026-06-25"),
        ("https://a.example/#!/one", "https://a.example/#!/two"),
        ("https://a.example/#/one", "https://a.example/#/two"),
        ("https://github.com/a/b/issues/1", "https://github.com/a/b/issues/2"),
        ("https://github.com/a/b/blob/main/X", "https://github.com/a/b/blob/main/x"),
        ("https://web.archive.org/web/1/https://a.example/", "https://web.archive.org/web"),
        ("https://youtube.com/watch?v=a", "https://youtube.com/watch?v=b"),
        ("https://a.example/vamp", "https://a.example/v"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://x.com/search?q=one", "https://x.com/search?q=two"),
        ("https://x.com/u/status/1", "https://x.com/u/status/12"),
        # Japanese and Russian in encodings other than UTF-8
        ("https://a.example/wiki?%A5%D5", "https://a.example/wiki?%A4%A2"),
        ("https://a.example/%C0%E1", "https://a.example/%C2%E2"),
        ("https://a.example/?q=%FF", "https://a.example/?q=%EF%BF%BD"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/?b=2&a=1", "https://a.example/?a=1&b=2"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://xn--bcher-kva.example/%c3%a4", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://a.example/a%2fb%25", "https://a.example/a%2Fb%25"),
        ("https://youtu.be/abc?si=x", "https://youtube.com/watch?v=abc"),
        ("https://m.youtube.com/watch?v=abc&t=10s", "https://youtube.com/watch?v=abc"),
        ("https://www.youtube.com/watch?list=x&v=abc", "https://youtube.com/watch?v=abc"),
        ("https://youtube.com/playlist?list=x", "https://youtube.com/playlist?list=x"),
        ("https://www.youtube-nocookie.com/embed/abc", "https://youtube.com/watch?v=abc"),
        ("https://github.com/Some/Thing.git#readme", "https://github.com/some/thing"),
        ("https://www.github.com/Some/", "https://github.com/some"),
        ("https://www.youtube.com/shorts/abc", "https://youtube.com/watch?v=abc"),
        ("https://mobile.twitter.com/u/status/1?s=20", "https://x.com/u/status/1"),
        ("https://x.com/u/status/1/photo/2", "https://x.com/u/status/1"),
        ("https://a.example/%c0?%a5=%d5", "https://a.example/%C0?%A5=%D5"),
        ("https://old.reddit.com/r/a/", "https://reddit.com/r/a"),
        ("https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A"),
        ("https://arxiv.org/pdf/2401.01234v2.pdf", "https://arxiv.org/abs/2401.01234"),
        ("http://export.arxiv.org/abs/math/0309136v1", "https://arxiv.org/abs/math/0309136"),
    ],
)
def test_canonical_forms(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://a.example/x", "https://a.example/x"),
        (" https://a.example/\nx y ", "https://a.example/x%20y"),
        ("https://a.example\\@b.example/", "https://a.example/@b.example/"),
        ("https://a.example\\.b.example/", "https://a.example/.b.example/"),
        ("https://a.example/?x=\\#\\", "https://a.example/?x=\\#\\"),
        ("", None),
        (None, None),
        (7, None),
        ("a.example", None),
        ("ftp://a.example/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://", None),
        ("http://./", None),
        ("http://[::1", None),
        ("http://a.example:x/", None),
        ("http://a.example:99999/", None),
        ("https://a.example/" + "x" * 5_000_000, None),
    ],
)
def test_only_web_addresses_are_addresses(value: object, url: str | None) -> None:
    assert web_url(value) == url
