"""Text as Telegram HTML: escaped, measured, and without unintended links.

https://core.telegram.org/bots/api#sendmessage: at most 4096 characters after entities parsing,
counted in UTF-16 units; entities beyond the hundredth are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape

from app.text import sentences

MAX_UNITS = 4096
MAX_ENTITIES = 100
# The digests of one morning contain the same few dozen stories for thousands of readers.
REMEMBERED_TEXTS = 512
# A first sentence up to this length is kept whole where the limit is lower.
MAX_OPENING = 330

# What Telegram may link without a scheme: names in any script and case, and IPv4 addresses
# (https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp). \w lacks the vowel signs
# of Indic and similar scripts.
_MARKS = "\u0300-\u1fff"
_STARTS = rf"(?<![\w{_MARKS}-])(?<![\w{_MARKS}-]\.)"
_LAST_LABEL = rf"(?:[xX][nN]--[a-zA-Z0-9-]+|[^\W\d_](?:[^\W\d_]|[{_MARKS}])+)(?!\w)"
NAME = rf"{_STARTS}(?:[\w{_MARKS}-]+\.)+{_LAST_LABEL}"
_IPV4 = rf"{_STARTS}(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?!\.?\w)"
HOST_NAME = re.compile(f"{NAME}|{_IPV4}")

_TAG = re.compile(r"<[^>]*>")
# What Telegram turns into an entity: links, addresses, @names, #tags, $tags, /commands.
_DETECTED = re.compile(r"[@#$/]\w|\w\.\w")
# Hebrew, Arabic and related scripts, with their presentation forms.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_JOINERS = "\u200c\u200d"
# Inserted into a name, command or mention, it prevents the link and is invisible.
_WORD_JOINER = "\u2060"
_CALLING = re.compile(
    r"(?<![\w/])(?:/(?=\w)|[@#$](?=[^\W\d]))|\b(?:tg|ton|tonsite)(?=://)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Size:
    """The part of a message's capacity that some HTML takes.

    `units` is its length after entities parsing in UTF-16 units; `entities` is an upper estimate of
    the entities that Telegram finds in it.
    """

    units: int
    entities: int

    def __add__(self, other: Size) -> Size:
        return Size(self.units + other.units, self.entities + other.entities)

    @property
    def fits(self) -> bool:
        """Whether Telegram accepts it as one message with all its entities."""
        return self.units <= MAX_UNITS and self.entities <= MAX_ENTITIES


@lru_cache(REMEMBERED_TEXTS)
def size(html: str) -> Size:
    """Measure HTML; the sizes of complete parts add up to that of the whole."""
    words, tags = _TAG.subn("", html)
    # Every tag is closed, so half of the tags open an entity.
    found = tags // 2 + len(_DETECTED.findall(words))
    words = unescape(words)
    return Size(len(words) if words.isascii() else len(words.encode("utf-16-le")) // 2, found)


def single_line(words: str, most: int) -> str:
    """Untrusted `words` on one line, cut after a word to at most `most` characters.

    Control characters are removed, especially those that change the direction of following text.
    """
    line = " ".join(_without_controls(words[: 20 * most]).split()).strip(_JOINERS)
    return sentences.cut(line, most)


@lru_cache(REMEMBERED_TEXTS)
def whole_sentences(words: str, most: int) -> str:
    """The whole sentences of `words` that fit in `most` characters; at least the first one.

    The first is cut only if it is longer than both `most` and `MAX_OPENING`.
    """
    found = sentences.split(single_line(words, 10 * max(most, MAX_OPENING)))
    # One more for the mark that closes a quotation.
    first = min(len(found[0]) + 1, MAX_OPENING) if found else 0
    return sentences.at_most(found, max(most, first))


def _without_controls(words: str) -> str:
    if words.isascii() and words.isprintable():
        return words
    return "".join(map(_harmless, words))


def _harmless(character: str) -> str:
    if character.isspace():
        return " "
    # Cc, Cf, Cs, Co, Cn: control and format characters, surrogates, private use and unassigned.
    wanted = unicodedata.category(character)[0] != "C" or character in _JOINERS
    return character if wanted else ""


def link(url: str, html: str) -> str:
    return f'<a href="{escape(url)}">{html}</a>'


def escaped_line(words: str, most: int) -> str:
    """`single_line` as HTML; right-to-left words do not affect the direction of the rest."""
    line = single_line(words, most)
    if _RIGHT_TO_LEFT.search(line):
        line = f"{_FIRST_STRONG_ISOLATE}{line}{_POP_ISOLATE}"
    return escape(line, quote=False)


@lru_cache(REMEMBERED_TEXTS)
def without_links(words: str, most: int, site: str | None) -> str:
    """`escaped_line`, without anything that Telegram would turn into a link or command.

    Untrusted text may contain a name so that readers tap it. Only addresses of the story's own
    `site` remain unchanged.
    """

    def unlinked(found: re.Match[str]) -> str:
        name = found[0].lower()
        own = site is not None and (name == site or name.endswith(f".{site}"))
        return found[0] if own else found[0].replace(".", f"{_WORD_JOINER}.")

    html = HOST_NAME.sub(unlinked, escaped_line(words, most))
    return _CALLING.sub(rf"\g<0>{_WORD_JOINER}", html)
