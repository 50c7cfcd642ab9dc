"""Which addresses identify the same page."""

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
        "https://a.example/x/Page?giftId=1&gift_token=2&shareToken=3&accessToken=4",
        "https://a.example/x/Page?freebie=5e0f&wt_zmc=nl.int&sara_ref=re-xx",
        "https://a.example/x/Page?bm-verify=AAQ&__cf_chl_tk=b",
        "https://a.example/x/Page#xtor=AL-8",
        "https://a.example/x/Page#Echobox=1780",
        "https://a.example/x/Page#:~:text=some%20words",
        "https://a.example/x/Page#page=4",
        "https://a.example/x/Page#utm_source=hn&utm_medium=x",
        "https://archive.ph/20260102/https://a.example/x/Page",
        "https://archive.is/newest/http://www.a.example/x/Page",
        "https://archive.is/2026.01.01-120000/https://a.example/x/Page",
        "https://archive.today/o/AbCdE/https://a.example/x/Page",
        "https://12ft.io/https://a.example/x/Page",
        "https://12ft.io/proxy?q=https%3A%2F%2Fa.example%2Fx%2FPage",
        "https://a-example.translate.goog/x/Page?_x_tr_sl=de&_x_tr_tl=en",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fa.example%2Fx%2FPage&usg=1",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx%2FPage%3Ffbclid%3D1&h=2",
        "https://web.archive.org/web/2026/https://archive.ph/https://a.example/x/Page",
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
        ("https://a.example/app#q=rust", "https://a.example/app#q=go"),
        ("https://a.example/#q=rust", "https://a.example/#q=go"),
        ("https://a.example/#a", "https://a.example/#b"),
        ("https://a.example/#a", "https://a.example/"),
        ("https://a.example/map#map=5/51/0", "https://a.example/map#map=5/40/3"),
        ("https://gitlab.com/a/b/-/blob/x?ref=v1", "https://gitlab.com/a/b/-/blob/x?ref=v2"),
        ("https://gitlab.com/a/b?ref=v1", "https://gitlab.com/a/b"),
        ("https://git.example.org/a/b/-/tree?ref=v1", "https://git.example.org/a/b/-/tree?ref=v2"),
        ("https://code.example/g/p/-/raw/f?ref=v1", "https://code.example/g/p/-/raw/f"),
        (
            "https://gitlab.gnome.org/a/b/-/raw/main/index.html",
            "https://gitlab.gnome.org/a/b/-/raw/main",
        ),
        ("https://github.com/a/b/blob/main/x/index.html", "https://github.com/a/b/blob/main/x"),
        ("https://github.com/a?tab=repositories", "https://github.com/a?tab=stars"),
        ("https://github.com/a/b?tab=readme-ov-file", "https://github.com/a/c?tab=readme-ov-file"),
        ("https://github.com/a/b/tree/main/x", "https://github.com/a/b"),
        ("https://github.com/a/b/tree/next", "https://github.com/a/b"),
        ("https://github.com/a/b/issues?q=x", "https://github.com/a/b/issues?q=y"),
        ("https://www.reddit.com/r/a/comments/1x/s/", "https://www.reddit.com/r/a/comments/1y/s/"),
        ("https://reddit.com/r/a/comments/1x/s/c1", "https://reddit.com/r/a/comments/1x/s/"),
        ("https://www.reddit.com/r/a/?t=week", "https://www.reddit.com/r/b/?t=week"),
        ("https://medium.com/@u/one-aaaaaaaaaaaa", "https://medium.com/@u/two-bbbbbbbbbbbb"),
        ("https://u.substack.com/p/one", "https://u.substack.com/p/two"),
        ("https://u.substack.com/p/one", "https://v.substack.com/p/one"),
        ("https://a.example/?s=one", "https://a.example/?s=two"),
        ("https://www.nytimes.com/search?query=a", "https://www.nytimes.com/search?query=b"),
        ("https://a.example/forum?page=1", "https://a.example/forum?page=2"),
        ("https://stackoverflow.com/q/1", "https://stackoverflow.com/q/12"),
        ("https://stackoverflow.com/a/1", "https://stackoverflow.com/q/1"),
        ("https://discuss.example/t/topic/12", "https://discuss.example/t/topic/13"),
        (
            "https://docs.google.com/document/d/1aaaaaaaaaaaaaaaaaaaaa/edit",
            "https://docs.google.com/document/d/1bbbbbbbbbbbbbbbbbbbbb/edit",
        ),
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
        ("https://github.com/Some/Thing?tab=readme-ov-file", "https://github.com/some/thing"),
        ("https://github.com/a/b?tab=MIT-1-ov-file#license", "https://github.com/a/b"),
        ("https://github.com/a/b/tree/main?tab=readme-ov-file", "https://github.com/a/b"),
        ("https://github.com/a/b/blob/master/README.md#usage", "https://github.com/a/b"),
        ("https://github.com/a/b/blob/v1/x.c?plain=1#L3-L9", "https://github.com/a/b/blob/v1/x.c"),
        (
            "https://gitlab.com/a/b/-/blob/main/x?ref_type=heads",
            "https://gitlab.com/a/b/-/blob/main/x",
        ),
        (
            "https://www.nytimes.com/2026/01/02/a/b.html?unlocked_article_code=1.x&smid=url-share",
            "https://nytimes.com/2026/01/02/a/b.html",
        ),
        (
            "https://www.wsj.com/tech/a-1b?st=Xy&reflink=desktopwebshare_permalink&mod=hp",
            "https://wsj.com/tech/a-1b",
        ),
        ("https://www.ft.com/content/1-2?sharetype=gift&token=3", "https://ft.com/content/1-2"),
        ("https://www.zeit.de/2026/01/a?freebie=5&page=2", "https://zeit.de/2026/01/a?page=2"),
        ("https://www.bbc.co.uk/news/articles/c1", "https://bbc.com/news/articles/c1"),
        (
            "https://medium.com/@u/a-title-0123456789ab?source=rss-1&sk=2",
            "https://medium.com/p/0123456789ab",
        ),
        ("https://pub.medium.com/other-0123456789ab?gi=1", "https://medium.com/p/0123456789ab"),
        ("https://eng.a.example/a-0123456789ab?sk=1", "https://eng.a.example/a-0123456789ab"),
        ("https://u.substack.com/p/one?r=4a&utm_medium=ios", "https://u.substack.com/p/one"),
        (
            "https://www.linkedin.com/pulse/one-two?trackingId=a%2Fb%3D%3D&lipi=urn&trk=public",
            "https://linkedin.com/pulse/one-two",
        ),
        ("https://open.substack.com/pub/U/p/one?r=4a", "https://u.substack.com/p/one"),
        (
            "https://www.a.example/p/one?publication_id=1&post_id=2&isFreemail=true&r=3",
            "https://a.example/p/one",
        ),
        (
            "https://old.reddit.com/r/Rust/comments/1ab2/a_title/?share_id=x&rdt=1",
            "https://reddit.com/comments/1ab2",
        ),
        ("https://redd.it/1ab2", "https://reddit.com/comments/1ab2"),
        (
            "https://www.reddit.com/r/a/comments/1ab2/t/k9/?context=3",
            "https://reddit.com/comments/1ab2/comment/k9",
        ),
        ("https://stackoverflow.com/questions/7/a-b?rq=1", "https://stackoverflow.com/questions/7"),
        (
            "https://discuss.example/t/a-topic/12/5?u=me",
            "https://discuss.example/t/a-topic/12",
        ),
        ("https://www.amazon.de/A-Book/dp/b012345678/ref=x?s=1", "https://amazon.de/dp/B012345678"),
        ("https://en.wikipedia.org/w/index.php?title=A B", "https://en.wikipedia.org/wiki/A_B"),
        ("https://en.wikipedia.org/wiki/A?wprov=sfla1#B", "https://en.wikipedia.org/wiki/A"),
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
