"""Prose that pages mark up as code, and footnote marks."""

from __future__ import annotations

from app.articles.extract import extract
from app.articles.page import Page
from tests.articles.conftest import article

MAIL = """On Thu, Nov 19, 2026 at 05:12:11PM +0100, Bob Ross wrote:
&gt; This series makes page reclaim three times as fast. I do not see
&gt; any regressions in my tests.

I measured this on a machine with 512 GB of memory, and it is slower by
4% under the database load that we care about. The lock is taken twice
for every folio now, which nobody noticed on small machines.

&gt; Patch 4 removes the old path entirely.

Please keep the old path until the lock is gone. We cannot ship this.

--
Ada Byron
"""
CODE = """for (unsigned c = 0; c &lt; size; ++c) {
    // Sum the large ones. All of them.
    if (data[c] &gt;= 128) sum += data[c];
}
return sum;"""


def test_quotations_in_mailing_list_archives_are_removed() -> None:
    body = f"<h1>Re: faster page reclaim</h1><pre>{MAIL}</pre>"
    markup = f"<html><head><title>Reclaim</title></head><body>{body}</body></html>"
    text = extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text
    assert "slower by 4% under the database load that we care about." in text
    assert "twice for every folio" in text
    for others in "This series", "Patch 4", "wrote", "Ada Byron":
        assert others not in text


def test_code_is_not_changed() -> None:
    markup = article().replace("</article>", f"<pre>{CODE}</pre></article>")
    text = extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text
    assert "data[c] >= 128) sum" in text.replace("\n", " ")


def test_footnote_marks_are_removed() -> None:
    sentence = (
        "<p>Food browns at 140 degrees.<sup id=r><a href='#n1'>[1]</a></sup><sup>[<i>citation"
        " needed</i>]</sup> The area is 12 m<sup>2</sup>.</p>"
    )
    markup = article().replace("</article>", f"{sentence}</article>")
    text = extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text
    assert "Food browns at 140 degrees. The area is" in text
    assert "m2" in text.replace(" ", "")


def test_lines_broken_by_markup_are_joined() -> None:
    lines = (
        "<p>I measured this on a machine with 512 GB of memory, and it is slower by<br>4% under"
        " the load that we care about, which nobody had noticed on the<br>Berlin cluster.</p>"
    )
    markup = article().replace("</article>", f"{lines}</article>")
    text = extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text
    assert "slower by 4% under" in text
    assert "on the Berlin cluster." in text


def test_code_in_a_sentence_is_marked() -> None:
    linked = "<a href='/'><code>x</code></a>"
    said = f"Put the word <code>expect</code> in front of <code>for</code> {linked}."
    odd = f"<code>a `b` c</code>, <code></code>, <code>{'long ' * 20}</code>."
    markup = article().replace(
        "</article>", f"<p>{said}</p><pre><code>code</code></pre><p>{odd}</p></article>"
    )
    text = extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text
    assert "Put the word `expect` in front of `for` `x`." in text
    assert "``" not in text
    assert "`long" not in text
    assert "`code`" not in text
