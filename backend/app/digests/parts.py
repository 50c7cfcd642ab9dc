"""The escaped parts that messages about stories are made of, and how Telegram measures them.

https://core.telegram.org/bots/api#sendmessage: at most 4096 characters after entities parsing,
which counts UTF-16 units; entities beyond the hundredth are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from typing import Protocol

from app.digests.candidates import Candidate, Summary
from app.summaries.faithful import HOST_NAME
from app.summaries.store import TOO_SHORT
from app.wording import text

MOST_UNITS = 4096
MOST_ENTITIES = 100
MOST_TITLE = 200
MOST_URL = 2000
# The digests of one morning say the same of a few dozen stories to thousands of readers.
REMEMBERED_TEXTS = 512
WORDS_A_MINUTE = 230

# A button is its label and its callback data, of which Telegram takes 64 bytes. The data is
# `story:<id>`, `save:<id>`, `save:<id>:card`, `like:<id>`, `dislike:<id>`, `ask:<id>` or
# `why:<id>`; an id has at most 16 digits.
Button = tuple[str, str]

_TAG = re.compile(r"<[^>]*>")
# What Telegram makes an entity of by itself: links, addresses, @names, #tags, $tags, /commands.
_DETECTED = re.compile(r"[@#$/]\w|\w\.\w")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
# Hebrew, Arabic and their neighbours, and their presentation forms.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_JOINERS = "\u200c\u200d"
# What has it inside is no name, command or mention any more, and looks the same.
_WORD_JOINER = "\u2060"
_CALLING = re.compile(
    r"(?<![\w/])(?:/(?=\w)|[@#$](?=[^\W\d]))|\b(?:tg|ton|tonsite)(?=://)", re.IGNORECASE
)


class Headline(Protocol):
    """What every story has, whatever else is known of it."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def site(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Size:
    """How much of what one message may hold some HTML takes.

    `units` is its length after entities parsing in UTF-16 units, `entities` how many Telegram may
    find in it, rather one too many than one too few.
    """

    units: int
    entities: int

    def __add__(self, other: Size) -> Size:
        return Size(self.units + other.units, self.entities + other.entities)

    @property
    def fits(self) -> bool:
        """Whether Telegram takes it as one message with all its entities."""
        return self.units <= MOST_UNITS and self.entities <= MOST_ENTITIES


def size(html: str) -> Size:
    """Measure whole tags and texts; sizes of parts add up to that of the whole."""
    words, tags = _TAG.subn("", html)
    # Every tag is closed, so half of them open an entity.
    found = tags // 2 + len(_DETECTED.findall(words))
    words = unescape(words)
    return Size(len(words) if words.isascii() else len(words.encode("utf-16-le")) // 2, found)


def plain(words: str, most: int) -> str:
    """`words` of strangers on one line, cut at a word's end to at most `most` characters.

    Controls are taken out, above all those that turn the direction of what follows.
    """
    line = " ".join(_without_controls(words[: 20 * most]).split()).strip(_JOINERS)
    if len(line) > most:
        line = f"{line[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;:–-')}…"
    return line


@lru_cache(REMEMBERED_TEXTS)
def whole_sentences(words: str, most: int) -> str:
    """As many whole sentences of `words` as `most` characters hold; the first one at any rate."""
    kept = ""
    for sentence in _SENTENCE_END.split(plain(words, 10 * most)):
        longer = f"{kept} {sentence}" if kept else sentence
        if len(longer) > most:
            break
        kept = longer
    return kept or plain(words, most)


def _without_controls(words: str) -> str:
    if words.isascii() and words.isprintable():
        return words
    return "".join(map(_harmless, words))


def _harmless(character: str) -> str:
    if character.isspace():
        return " "
    # Cc, Cf, Cs, Co, Cn: controls, formats, halves of pairs, and what no font has.
    wanted = unicodedata.category(character)[0] != "C" or character in _JOINERS
    return character if wanted else ""


def hn_link(item_id: int) -> str:
    """The page of a story or comment on Hacker News."""
    return f"https://news.ycombinator.com/item?id={item_id}"


def link(url: str, html: str) -> str:
    return f'<a href="{escape(url)}">{html}</a>'


def safe(words: str, most: int) -> str:
    """`plain` as HTML; words from right to left leave the direction of the rest alone."""
    line = plain(words, most)
    if _RIGHT_TO_LEFT.search(line):
        line = f"{_FIRST_STRONG_ISOLATE}{line}{_POP_ISOLATE}"
    return escape(line, quote=False)


@lru_cache(REMEMBERED_TEXTS)
def quiet(words: str, most: int, site: str | None) -> str:
    """`safe`, with nothing in it that Telegram would turn into a link or command by itself.

    Strangers may have written what looks like a name so that it is tapped. Only addresses of the
    story's own `site` stay what they are.
    """

    def unlinked(found: re.Match[str]) -> str:
        name = found[0].lower()
        own = site is not None and (name == site or name.endswith(f".{site}"))
        return found[0] if own else found[0].replace(".", f"{_WORD_JOINER}.")

    html = HOST_NAME.sub(unlinked, safe(words, most))
    return _CALLING.sub(rf"\g<0>{_WORD_JOINER}", html)


def title_link(candidate: Headline) -> str:
    """The title, linked to the page, or to Hacker News where there is none."""
    title = safe(candidate.title, MOST_TITLE) or f"#{candidate.id}"
    return link(page(candidate), title)


def page(candidate: Headline) -> str:
    """The address to read a story at: its own, unless no browser should be sent there."""
    url = candidate.url or ""
    harmless = url[:8].lower().startswith(("http://", "https://")) and url.isprintable()
    return url if harmless and len(url) <= MOST_URL else hn_link(candidate.id)


def site(candidate: Headline) -> str:
    """Such as ` (example.com)`."""
    return f" ({safe(candidate.site, MOST_TITLE)})" if candidate.site else ""


def facts(candidate: Candidate, language: str) -> str:
    """Points, comments with the link to them, and how long the page takes to read."""
    comments = text("digest.comments", language, count=candidate.comment_count)
    known = [
        text("digest.points", language, count=candidate.points),
        link(hn_link(candidate.id), comments),
    ]
    if candidate.article_words:
        minutes = max(1, round(candidate.article_words / WORDS_A_MINUTE))
        known.append(text("digest.minutes", language, count=minutes))
    return " · ".join(known)


def sentences(candidate: Candidate, summary: Summary, language: str, most: int) -> str:
    """The summary, marked when it is an excerpt or hearsay, and why the page was not read."""
    lines = []
    if summary.sentences:
        words = quiet(whole_sentences(summary.sentences, most), most, candidate.site)
        mark = ""
        if summary.extractive:
            mark = f" <i>{text('digest.extractive', language)}</i>"
        elif summary.basis == "discussion":
            mark = f" <i>{text('digest.from_comments', language)}</i>"
        lines.append(f"{words}{mark}")
    if missing := unread(candidate, summary, language):
        lines.append(f"<i>{missing}</i>")
    return "\n".join(lines)


def unread(candidate: Candidate, summary: Summary, language: str) -> str:
    """Why the page was not read, as HTML; empty when it was, or when there is none."""
    reason = candidate.article_reason
    if reason is None and not summary.sentences:
        # What else kept a summary from being made is the model's affair, not the page's.
        reason = TOO_SHORT if summary.reason == TOO_SHORT else "no_sentences"
    if not candidate.url or not reason or summary.basis == "article":
        return ""
    return text("digest.no_text", language, reason=text_of_reason(reason, language))


def discussion_line(candidate: Candidate, language: str, most: int) -> str:
    """The discussion in one line, marked when it is a quotation; empty when there is none."""
    discussion = candidate.discussion
    if discussion is None or not discussion.line:
        return ""
    mark = f" <i>{text('digest.extractive', language)}</i>" if discussion.extractive else ""
    return f"💬 <i>{quiet(discussion.line, most, candidate.site)}</i>{mark}"


def text_of_reason(reason: str, language: str) -> str:
    """What a reason code means, for readers."""
    try:
        return text(f"reason.{reason}", language)
    except KeyError:
        return text("reason.other", language)
