"""Words and sites to be spared, as people type them."""

from __future__ import annotations

import pytest

from app.readers.mutes import parse_mute


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
        ("what is example.com", ("word", "what is example.com")),
        ("", None),
        ("!!!", None),
        ("\0", None),
    ],
)
def test_mutes(typed: str, mute: tuple[str, str] | None) -> None:
    assert parse_mute(typed) == mute


def test_a_novel_is_cut() -> None:
    muted = parse_mute("word " * 10_000)
    assert muted is not None
    assert len(muted[1]) <= 60
