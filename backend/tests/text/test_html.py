"""Conversion of Hacker News' HTML to plain text."""

from __future__ import annotations

import pytest

from app.text.html import plain_text

LONG = "https://a.example/a/very/long/address/that/is/shortened"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("One<p>Two", "One\n\nTwo"),
        ("It&#x27;s &lt;b&gt; &amp; more", "It's <b> & more"),
        ("<i>really</i>", "really"),
        ("<pre><code>a = 1\n  b\n</code></pre>", "a = 1\n  b"),
        (f'<a href="{LONG}" rel="nofollow">https:&#x2F;&#x2F;a.example&#x2F;a...</a>', LONG),
        ('<a href="https://a.example/">this</a>', "this (https://a.example/)"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<script>x</script>", "<script>x</script>"),
        ("", ""),
        ("<a href=", "<a href="),
        ("One<p></p><p>Two", "One\n\nTwo"),
        ('<a href="https://a.example/">open', "open"),
        ("closed</a>", "closed"),
        ("<a>no target</a>", "no target"),
    ],
)
def test_text_is_as_on_the_page(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize("piece", ["<a ", '<a href="', '<a href="x">', "<p>", "<", "&", " \n"])
def test_hostile_markup_is_handled_quickly(piece: str) -> None:
    """With a pattern that backtracks, one of these would run for minutes."""
    plain_text(piece * 20_000)
