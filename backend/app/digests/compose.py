"""Digests and story cards as Telegram messages: escaped parts, joined and split between stories.

https://core.telegram.org/bots/api#sendmessage: at most 4096 characters after entities parsing, which counts UTF-16
units; entities beyond the hundredth are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape, unescape

from app.digests.candidates import Candidate, Point, Summary
from app.digests.select import Choice
from app.wording import Html, text

MOST_UNITS = 4096
MOST_ENTITIES = 100
MOST_TITLE = 200
MOST_SENTENCES = 700
MOST_LINE = 240
BUTTONS_A_ROW = 8
WORDS_A_MINUTE = 230

# A button is its label and its callback data: `story:<id>`, `save:<id>`, `like:<id>`, `dislike:<id>`, `why:<id>`,
# `ask:<id>`; ids have at most 16 digits, so the data is far below the 64 bytes that Telegram allows.
Button = tuple[str, str]

_TAG = re.compile(r"<[^>]*>")
_OPENING_TAG = re.compile(r"<[a-z]")


@dataclass(frozen=True, slots=True)
class Composed:
    """One message: Telegram's HTML and its rows of buttons."""

    html: str
    buttons: tuple[tuple[Button, ...], ...]


def units(html: str) -> int:
    """The length of `html` as Telegram counts it."""
    return len(unescape(_TAG.sub("", html)).encode("utf-16-le")) // 2


def entities(html: str) -> int:
    return len(_OPENING_TAG.findall(html))


def compose_digest(
    heading: str, choices: Sequence[Choice], style: str, language: str
) -> list[Composed]:
    """The messages of a digest: one where it fits, else more, split between stories."""
    messages: list[Composed] = []
    html, buttons = heading, list[Button]()
    for number, choice in enumerate(choices, 1):
        block = _story(number, choice.candidate, style, language)
        longer = f"{html}\n\n{block}"
        if buttons and (units(longer) > MOST_UNITS or entities(longer) > MOST_ENTITIES):
            messages.append(Composed(html, _rows(buttons)))
            longer, buttons = block, []
        html = longer
        buttons.append((str(number), f"story:{choice.candidate.id}"))
    messages.append(Composed(html, _rows(buttons)))
    return messages


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    starts = range(0, len(buttons), BUTTONS_A_ROW)
    return tuple(tuple(buttons[start : start + BUTTONS_A_ROW]) for start in starts)


def _story(number: int, candidate: Candidate, style: str, language: str) -> str:
    lines = [
        f"<b>{number}. {_title_link(candidate)}</b>{_site(candidate)}",
        _facts(candidate, language),
    ]
    summary = candidate.summary(style)
    if summary is not None:
        lines.append(_sentences(candidate, summary, language))
    if candidate.discussion and candidate.discussion.line:
        lines.append(
            f"💬 <i>{escape(shorten(candidate.discussion.line, MOST_LINE), quote=False)}</i>"
        )
    return "\n".join(line for line in lines if line)


def compose_card(
    candidate: Candidate, style: str, language: str, *, saved: bool, chosen: bool
) -> Composed:
    """Everything there is about one story."""
    parts = [f"<b>{_title_link(candidate)}</b>{_site(candidate)}\n{_facts(candidate, language)}"]
    summary = candidate.summary(style)
    if summary is not None:
        parts.append(_sentences(candidate, summary, language))
        if summary.key_points:
            points = "\n".join(
                f"• {escape(shorten(point, MOST_LINE), quote=False)}"
                for point in summary.key_points
            )
            parts.append(f"{text('card.key_points', language)}\n{points}")
    if candidate.discussion:
        parts += _discussion(
            "card.agreements", candidate.discussion.agreements, candidate, language
        )
        parts += _discussion(
            "card.disagreements", candidate.discussion.disagreements, candidate, language
        )
    html = ""
    for part in parts:
        longer = f"{html}\n\n{part}" if html else part
        if units(longer) > MOST_UNITS or entities(longer) > MOST_ENTITIES:
            break
        html = longer
    save = text("card.saved" if saved else "card.save", language)
    first = (
        (save, f"save:{candidate.id}"),
        (text("card.like", language), f"like:{candidate.id}"),
        (text("card.dislike", language), f"dislike:{candidate.id}"),
    )
    ask = (text("card.ask", language), f"ask:{candidate.id}")
    why = (text("card.why", language), f"why:{candidate.id}")
    return Composed(html, (first, (why, ask) if chosen else (ask,)))


def _discussion(
    key: str, points: Sequence[Point], candidate: Candidate, language: str
) -> list[str]:
    if not points:
        return []
    lines = []
    for point in points:
        links = " ".join(
            f'<a href="{hn_link(comment_id)}">[{number}]</a>'
            for number, comment_id in enumerate(point.comment_ids[:3], 1)
        )
        lines.append(f"• {escape(shorten(point.text, MOST_LINE), quote=False)} {links}".rstrip())
    return [f"{text(key, language)}\n" + "\n".join(lines)]


def compose_why(choice: Choice, language: str) -> str:
    """The terms of a story's score, told."""
    candidate = choice.candidate
    lines = [text("why.heading", language, title=shorten(candidate.title, MOST_TITLE))]
    for name, value in choice.terms.items():
        kind, _, phrase = name.partition(":")
        if kind in ("interest", "learned"):
            kind = "dislike" if value < 0 else kind
            what = text(f"why.{kind}", language, phrase=phrase)
        else:
            what = text(
                f"why.{kind}",
                language,
                points=candidate.points,
                comments=candidate.comment_count,
                hours=round(-value * 24),
            )
        lines.append(text("why.line", language, value=f"{value:+.1f}", what=Html(what)))
    return "\n".join(lines)


def heading(kind: str, day: date, language: str) -> str:
    """The first line of a digest; `kind` is daily, weekly, asked or alert."""
    return text(f"digest.heading_{kind}", language, day=day.strftime("%Y-%m-%d"))


def _title_link(candidate: Candidate) -> str:
    title = escape(shorten(candidate.title, MOST_TITLE), quote=False)
    return f'<a href="{escape(candidate.url or hn_link(candidate.id))}">{title}</a>'


def _site(candidate: Candidate) -> str:
    return f" ({escape(candidate.site, quote=False)})" if candidate.site else ""


def _facts(candidate: Candidate, language: str) -> str:
    comments = text("digest.comments", language, count=candidate.comment_count)
    facts = [
        text("digest.points", language, count=candidate.points),
        f'<a href="{hn_link(candidate.id)}">{comments}</a>',
    ]
    if candidate.article_words:
        minutes = max(1, round(candidate.article_words / WORDS_A_MINUTE))
        facts.append(text("digest.minutes", language, count=minutes))
    return " · ".join(facts)


def _sentences(candidate: Candidate, summary: Summary, language: str) -> str:
    missing = ""
    if candidate.article_reason and summary.basis != "article":
        reason = text_of_reason(candidate.article_reason, language)
        missing = f"<i>{text('digest.no_text', language, reason=reason)}</i>"
    if not summary.sentences:
        return missing
    sentences = escape(shorten(summary.sentences, MOST_SENTENCES), quote=False)
    marked = (
        f"{sentences} <i>{text('digest.extractive', language)}</i>"
        if summary.extractive
        else sentences
    )
    return f"{marked}\n{missing}" if missing else marked


def text_of_reason(reason: str, language: str) -> str:
    """What a reason code means, for readers."""
    try:
        return text(f"reason.{reason}", language)
    except KeyError:
        return text("reason.other", language)


def hn_link(item_id: int) -> str:
    """The page of a story or comment on Hacker News."""
    return f"https://news.ycombinator.com/item?id={item_id}"


def shorten(words: str, most: int) -> str:
    """`words` on one line, cut at a word's end to at most `most` characters."""
    line = " ".join(words[: 20 * most].split())
    if len(line) <= most:
        return line
    return f"{line[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;:–-')}…"
