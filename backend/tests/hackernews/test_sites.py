"""Names of sites."""

from __future__ import annotations

import pytest

from app.hackernews.sites import site_name


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.nytimes.com/a", "nytimes.com"),
        ("https://blog.cloudflare.com/a", "cloudflare.com"),
        ("https://www.bbc.co.uk/a", "bbc.co.uk"),
        ("https://www.jma.go.jp/a", "jma.go.jp"),
        ("https://t.co/a", "t.co"),
        ("https://lcamtuf.substack.com/p/a", "lcamtuf.substack.com"),
        ("https://user.github.io/a", "user.github.io"),
        ("https://github.com/Owner/repo", "github.com/owner"),
        ("https://github.com/", "github.com"),
        ("https://x.com/User/status/1", "x.com/user"),
        ("http://192.0.2.1:8080/", "192.0.2.1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("https://localhost/", "localhost"),
    ],
)
def test_sites_are_named_as_on_hacker_news(url: str, site: str) -> None:
    assert site_name(url) == site
