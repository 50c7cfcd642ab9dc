"""Prose that pages mark up as code, footnote marks, deleted text, and powers."""

from __future__ import annotations

import pytest

from app.articles.extract import extract
from app.articles.page import Page
from tests.articles.conftest import PARAGRAPH, article

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
    assert "12 m²" in text


def read(paragraph: str) -> str:
    markup = article().replace("</article>", f"<p>{paragraph}</p></article>")
    return extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text


def readme(paragraph: str) -> str:
    body = f"# The bridge\n\n{PARAGRAPH}\n\n{PARAGRAPH}\n\n{paragraph}\n"
    return extract(Page("https://a.example/a.md", "text/markdown", body.encode())).text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It has 10<sup>9</sup> stones.", "It has 10⁹ stones."),
        ("It bends by 10<sup>-6</sup> m.", "It bends by 10⁻⁶ m."),
        ("It bends by 10<sup>−12</sup> m.", "It bends by 10⁻¹² m."),
        ("It took 1<sup>1</sup>/<sub>2</sub> years.", "It took 1¹⁄₂ years."),
        ("It took 1 <sup> 3 </sup>⁄<sub> 4 </sub> years.", "It took 1 ³⁄₄ years."),
        ("It is the 2<sup>nd</sup> bridge.", "It is the 2nd bridge."),
        ("C'est le 1<sup>er</sup> pont.", "C'est le 1er pont."),
        ("Es la 1<sup>a</sup> puente.", "Es la 1a puente."),
        ("It has 2<sup>n</sup> stones.", "It has 2^n stones."),
        ("It has 2<sup><i>a</i></sup> stones.", "It has 2^a stones."),
        ("It has 10<sup>9.5</sup> stones.", "It has 10^(9.5) stones."),
        ("It has 2<sup>64-1</sup> stones.", "It has 2^(64-1) stones."),
        ("It has 2<sup>64 − n</sup> stones.", "It has 2^(64 − n) stones."),
        ("It has (n+1)<sup>k</sup> stones.", "It has (n+1)^k stones."),
        ("It has Old<sup>n</sup> stones.", "It has Oldn stones."),
        ("It has log<sub>2</sub>8 stones.", "It has log₂8 stones."),
        ("It has 10<sub>2</sub> stones.", "It has 10₂ stones."),
        ("It has 40<sup><a href='/a#fn1'>1</a></sup> stones.", "It has 40 stones."),
        ("It has 40<sup><b><a href='#fn1'>1</a></b></sup> stones.", "It has 40 stones."),
        ("It has 40<sup class=footnote>1</sup> stones.", "It has 40 stones."),
        ("It has 40<sup id=fnref3>[3]</sup> stones.", "It has 40 stones."),
        ("It has 40<a href='/a#fn1'>1</a> stones.", "It has 40 stones."),
        ("It has <a href='/a#fn1'>40</a> stones.", "It has 40 stones."),
        ("It is of CO<sub>2</sub>, or so.", "It is of CO2, or so."),
        ("It cost <del>9,000</del> <ins>900</ins> crowns.", "It cost 900 crowns."),
        ("It cost <s>90</s> 45 crowns.", "It cost 45 crowns."),
        ("It cost <strike>90</strike> 45 crowns.", "It cost 45 crowns."),
        (
            "It cost <span style='text-decoration:line-through'>90</span> 45 crowns.",
            "It cost 45 crowns.",
        ),
    ],
)
def test_powers_and_deleted_text_are_no_other_numbers(written: str, shown: str) -> None:
    assert shown in " ".join(read(written).split())


def test_a_tag_that_was_not_closed_deletes_nothing() -> None:
    markup = article(paragraphs=12).replace("<article>", "<article><s>")
    text = extract(Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())).text
    assert PARAGRAPH.strip() in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It has 10<sup>9</sup> stones.", "It has 10⁹ stones."),
        ("~~It cost 90 crowns.~~ It cost 45 crowns.", "It cost 45 crowns."),
        ("It cost <del>90 **old**</del> 45 crowns.", "It cost 45 crowns."),
        ("It cost ~90 crowns and ~~ more.", "It cost ~90 crowns and ~~ more."),
        ("It cost 45</s> crowns.", "It cost 45 crowns."),
    ],
)
def test_the_same_in_markdown(written: str, shown: str) -> None:
    assert shown in " ".join(readme(written).split())
    assert "90 crowns" not in readme("~~It cost 90 crowns.~~ It cost 45 crowns.")


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
