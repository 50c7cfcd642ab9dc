"""Parts of a sentence that an extractor drops: the sentence must not say something else then."""

from __future__ import annotations

import pytest

from app.articles.extract import extract
from app.articles.page import Page
from app.summaries.extractive import summarise
from app.text.sentences import MISSING
from tests.articles.conftest import article

EMOJI = "<img class=emoji alt='🙂' src=smile.png>"
FORMULA = "<math><mi>x</mi><mo>=</mo><mn>5</mn></math>"
ANNOTATED = (
    "<math><semantics><mfrac><mi>a</mi><mi>b</mi></mfrac>"
    "<annotation encoding='application/x-tex'>{}</annotation></semantics></math>"
)
KATEX = (
    f"<span class=katex><span class=katex-mathml>{ANNOTATED.format('a/b')}</span>"
    "<span class=katex-html aria-hidden=true>ab</span></span>"
)
WIKIPEDIA = (
    "<span class='mwe-math-element mwe-math-element-inline'><span style='display: none;'>"
    "<math alttext='{\\displaystyle n^{2}}'><msup><mi>n</mi><mn>2</mn></msup></math></span>"
    "<img class=mwe-math-fallback-image aria-hidden=true alt='{\\displaystyle n^{2}}'></span>"
)
TEX = "\\frac{a}{b}"
DEEP = "<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>"


def read(paragraph: str) -> str:
    markup = article().replace("</article>", f"<p>{paragraph}</p></article>")
    page = Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())
    return " ".join(extract(page).text.split())


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("It opened in <time>May 2026</time>.", "It opened in May 2026."),
        ("It has been <time datetime=2026>closed</time> since.", "It has been closed since."),
        ("It weighs <output>40</output> tonnes.", "It weighs 40 tonnes."),
        ("It is <meter value=.7>70%</meter> full.", "It is 70% full."),
        ("It is <progress value=.7>70%</progress> done.", "It is 70% done."),
        ("It is <meter value=.7></meter> full.", f"It is {MISSING} full."),
        ("Press <button>Stop</button> to end it.", "Press Stop to end it."),
        ("Press <input type=submit value=Stop> to end it.", "Press Stop to end it."),
        ("Give <label>the name</label> of it.", "Give the name of it."),
        ("It bears <data value=40>40</data> carts.", "It bears 40 carts."),
        ("It is <abbr title='not any'>no</abbr> bridge.", "It is no bridge."),
        ("It is <acronym>NO</acronym> bridge.", "It is NO bridge."),
        ("It is <dfn>not</dfn> one.", "It is not one."),
        ("It is <cite>not</cite> one.", "It is not one."),
        ("It is <mark>not</mark> one.", "It is not one."),
        ("It is <small>not</small> one.", "It is not one."),
        ("It is <u>not</u> one.", "It is not one."),
        ("It is <em>not</em> one.", "It is not one."),
        ("It is <ins>not</ins> one.", "It is not one."),
        ("It is <bdi>not</bdi> one.", "It is not one."),
        ("It is <bdo dir=ltr>not</bdo> one.", "It is not one."),
        ("It is <font color=red>not</font> one.", "It is not one."),
        ("It is <nobr>not</nobr> one.", "It is not one."),
        ("It is <big>not</big> one.", "It is not one."),
        ("It is <tt>not</tt> one.", "It is not one."),
        ("It is <x-strong>not</x-strong> one.", "It is not one."),
        ("It is <blink>not</blink> one.", "It is not one."),
        ("It is <unknown>not</unknown> one.", "It is not one."),
        ("It is <a href='/b' class=share-link>not</a> one.", "It is not one."),
        ("It is <span class=rating-bar>not</span> one.", "It is not one."),
        ("It is <span class=meta><b>not</b></span> one.", "It is not one."),
        ("It is <strong class=byline>not</strong> one.", "It is not one."),
        ("It is <span id=footer-x>not</span> one.", "It is not one."),
        ("It is <span role=navigation>not</span> one.", "It is not one."),
        (
            "It is <span aria-hidden=true>not</span><span class=sr-only>no</span> one.",
            "It is not one.",
        ),
        ("Set <var>n</var> to <samp>0</samp>.", "Set n to 0."),
        ("Press <kbd>Ctrl</kbd>+<kbd>C</kbd> now.", "Press Ctrl+C now."),
        ("He said <q>never</q> to it.", "He said “never” to it."),
        ("He said <q>never <q>no</q></q> to it.", "He said “never ‘no’” to it."),
        ("Er sagte <q lang=de-AT>nie</q> dazu.", "Er sagte „nie“ dazu."),
        ("The <ruby>橋<rp>(</rp><rt>はし</rt><rp>)</rp></ruby> stands.", "The 橋 stands."),
        ("It is un<wbr>sup<wbr>ported now.", "It is unsupported now."),
        ("It is un&shy;supported now.", "It is unsupported now."),
        (f"It is fine {EMOJI} and old.", "It is fine 🙂 and old."),
        (f"It is fine {EMOJI}.", "It is fine 🙂."),
        ("It is fine <img alt=not src=x> at all.", "It is fine not at all."),
        ("It is <img alt='' src=x> fine.", "It is fine."),
        ("It is <img src=x> fine.", f"It is {MISSING} fine."),
        ("<img alt='A photo of it' src=x>It is fine.", "It is fine."),
        ("It is <svg><title>not</title><path/></svg> fine.", "It is not fine."),
        ("It is <svg aria-label=not><path/></svg> fine.", "It is not fine."),
        ("It is <svg><path/></svg> fine.", "It is fine."),
        ("It is <object data=x>not</object> fine.", f"It is {MISSING} fine."),
        ("It is <embed src=x> fine.", f"It is {MISSING} fine."),
        ("It is <iframe src=x></iframe> fine.", f"It is {MISSING} fine."),
        ("It is <canvas>not</canvas> fine.", f"It is {MISSING} fine."),
        ("It is <video src=x>not</video> fine.", f"It is {MISSING} fine."),
        ("It is <select><option>not<option>so</select> fine.", f"It is {MISSING} fine."),
        ("It is <input type=range> fine.", f"It is {MISSING} fine."),
        (f"So {FORMULA} here.", "So x=5 here."),
        (f"So {ANNOTATED.format('x^{2}')} here.", "So x^2 here."),
        (f"So {ANNOTATED.format('x^{-2n}')} here.", "So x^(-2n) here."),
        (f"So {ANNOTATED.format(TEX)} here.", f"So \\({TEX}\\) here."),
        (f"So {KATEX} here.", "So a/b here."),
        (f"So {WIKIPEDIA} here.", "So n^2 here."),
        (f"So {DEEP} here.", f"So {MISSING} here."),
        ("So <script type='math/tex'>x=5</script> here.", "So x=5 here."),
        ("So <img class=latex alt='x = 5' src=x>.", "So x = 5."),
    ],
)
def test_no_part_of_a_sentence_vanishes(written: str, told: str) -> None:
    assert told in read(written)


def test_cells_of_tables_keep_their_dates() -> None:
    rows = "<tr><td>Opened, and then closed</td><td><time>1901</time></td></tr>" * 3
    assert "1901" in read(f"See below.</p><table>{rows}</table><p>")


@pytest.mark.parametrize("part", [DEEP, "<img src=x>", ANNOTATED.format("\\frac{a}{b}")])
def test_a_sentence_that_lacks_a_part_is_not_told(part: str) -> None:
    said = "The old stone bridge of the town can bear"
    whole = "The engineers measured it twice in the summer before the flood."
    text = read(f"{said} {part} carts a day. {whole}")
    assert said in text
    assert said not in summarise(text, lambda _: True)
