"""Words and sites to mute, as people type them."""

from __future__ import annotations

import pytest

from app.hackernews.sites import site_name
from app.readers.mutes import is_on_site, mutable_addresses, parse_mute


@pytest.mark.parametrize(
    ("typed", "mute"),
    [
        ("crypto", ("word", "crypto")),
        ("  Elon   Musk ", ("word", "Elon Musk")),
        ("node.js", ("word", "node.js")),
        ("C++", ("word", "C++")),
        ("example.com", ("site", "example.com")),
        ("www.Example.com", ("site", "example.com")),
        ("https://www.example.co.uk/a/page?b=c#d", ("site", "example.co.uk")),
        ("http://localhost.example:8080/", ("site", "localhost.example")),
        ("github.com/owner/project", ("site", "github.com/owner")),
        ("github.com", ("site", "github.com")),
        ("blog.example.com/somebody", ("site", "blog.example.com")),
        ("https://mobile.twitter.com/Owner/status/1", ("site", "mobile.twitter.com/owner")),
        ("codeberg.org/owner/project", ("site", "codeberg.org/owner")),
        ("пример.рф", ("site", "пример.рф")),
        ("what is example.com", ("word", "what is example.com")),
        ("", None),
        ("!!!", None),
        ("\0", None),
    ],
)
def test_mutes(typed: str, mute: tuple[str, str] | None) -> None:
    assert parse_mute(typed) == mute


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("blog.example.com", "https://blog.example.com/a"),
        ("blog.example.com", "https://www.blog.example.com:8443/a"),
        ("example.com", "https://blog.example.com/a"),
        ("m.example.com", "https://m.example.com/a"),
        ("m.example.com", "https://example.com/a"),
        ("https://en.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/B"),
        ("https://en.wikipedia.org/wiki/A", "https://en.m.wikipedia.org/wiki/B"),
        ("news.bbc.co.uk", "http://news.bbc.co.uk/1"),
        ("twitter.com", "https://x.com/a/status/1"),
        ("x.com", "https://mobile.twitter.com/a/status/1"),
        ("twitter.com/a", "https://x.com/A/status/1"),
        ("youtube.com", "https://youtu.be/abc"),
        ("youtu.be", "https://www.youtube.com/watch?v=abc"),
        ("bücher.de", "https://xn--bcher-kva.de/a"),
        ("xn--bcher-kva.de", "https://www.bücher.de/a"),
        ("github.com/owner", "https://github.com/Owner/project"),
        ("archive.org", "https://web.archive.org/web/2026/https://example.com/a"),
        ("web.archive.org", "https://web.archive.org/web/2026/https://example.com/a"),
        ("example.com", "https://web.archive.org/web/2026/https://example.com/a"),
    ],
)
def test_addresses_on_a_muted_site(typed: str, url: str) -> None:
    assert _mutes(typed, url)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("blog.example.com", "https://example.com/blog"),
        ("blog.example.com", "https://notblog.example.com/"),
        ("example.com", "https://example.com.evil.example/"),
        ("example.com", "https://badexample.com/"),
        ("de.wikipedia.org", "https://en.wikipedia.org/wiki/A"),
        ("github.com/own", "https://github.com/owner/project"),
        ("twitter.com/a", "https://x.com/b/status/1"),
    ],
)
def test_addresses_outside_of_a_muted_site(typed: str, url: str) -> None:
    assert not _mutes(typed, url)


def _mutes(typed: str, url: str) -> bool:
    muted = parse_mute(typed)
    assert muted is not None
    assert muted[0] == "site"
    return any(is_on_site(address, muted[1]) for address in mutable_addresses(url, site_name(url)))


def test_a_long_mute_is_cut() -> None:
    muted = parse_mute("word " * 10_000)
    assert muted is not None
    assert len(muted[1]) <= 60
