"""Rejects sentences with an address, number, mention or command that their source lacks.

It checks the model's texts and excerpts alike, because either may contain an attempt to address
readers in the bot's name. Telegram turns bare words into links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.summaries.contacts import MIN_DIGITS, digits, has_wallet, phones
from app.text.lookalikes import normalise
from app.text.sentences import at_most, is_whole, split
from app.text.telegram_html import HOST_NAME, NAME

_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,20}://\S*|\bwww\.\S+|\b(?:mailto|tel|tg|javascript|data):\S+"
    rf"|{NAME}(?::\d+)?/\S*",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?([^/\\:?#\s]+)", re.IGNORECASE)
_MAIL_OR_HOST = re.compile(rf"[\w.+-]{{1,64}}@[\w-]{{1,63}}\.[\w.-]+|{HOST_NAME.pattern}")
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]\w+")
_MENTION = re.compile(r"(?<![\w.])@(\w{2,})")
_COMMAND = re.compile(r"(?<![\w/.:<\"'])/[A-Za-z]\w+(?![\w/.])")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
# The tags of the prompts (app.summaries.prompts), also incomplete.
_OWN_TAG = re.compile(
    r"[<‹]\s*(?:comment|story|passage)(?:\s+(?:id|replies_to)\s*=\s*[\"']?[\w-]*[\"']?)+\s*/?[>›]?",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\(\s*<?([^()\s]{0,500})>?[^()]{0,100}\)")
_EMPHASIS = re.compile(r"(\*\*|__|``?`?)(?=\S)([^*_`\n]{1,300})(?<=\S)\1")
_LINE_MARK = re.compile(r"(?m)^\s*(?:[-*•]|#{1,6}|\d{1,2}[.)])\s+")


# Longer than any checked text; the rest is ignored.
_MAX_CHARACTERS = 5000


@dataclass(frozen=True)
class SourceFilter:
    """Checks texts against their `source`; only addresses on its `site` (such as example.com) are
    allowed. `contacts` is the part of the source whose phone numbers and mailboxes may be repeated,
    by default all of it: commenters may write any.
    """

    source: str
    site: str | None = None
    contacts: str | None = None

    def sentences(self, text: str, *, number: int, characters: int) -> str:
        """The first allowed sentences of `text`, without markup."""
        return at_most(self.allowed(text)[:number], characters)

    def allowed(self, text: str) -> list[str]:
        """The allowed sentences of `text`, without markup."""
        return self._kept(split(self._without_markup(text)))

    def allows(self, text: str) -> bool:
        """Whether a text lacks no part, and contains nothing that leads away from the story."""
        words = normalise(text)
        return (
            is_whole(text)
            and all(map(self._own_address, _URL.findall(words)))
            and all(map(self._may_name, _names(_URL.sub(" ", words))))
            and all(map(self._may_call, phones(words)))
            # Wallets and commands are rejected even if the source contains them.
            and not has_wallet(words)
            and not _COMMAND.search(words)
            and all(map(self._in_source, _CASHTAG.findall(words)))
            and all(self._in_source(f"@{name}") for name in _MENTION.findall(words))
        )

    def _kept(self, sentences: list[str]) -> list[str]:
        kept: list[str] = []
        for one in sentences:
            if not self.allows(one):
                continue
            if kept and not self.allows(f"{kept[-1]} {one}"):
                kept.pop()  # the sentence was split inside a name
            else:
                kept.append(one)
        # An @name would mention a Telegram user who has nothing to do with the story.
        return [_MENTION.sub(r"\1", one) for one in kept]

    def _without_markup(self, text: str) -> str:
        text = _MARKDOWN_LINK.sub(r"\1 \2", text[:_MAX_CHARACTERS])
        text = _OWN_TAG.sub(" ", text)
        text = _TAG.sub(lambda tag: tag[0] if self._in_source(tag[0]) else " ", text)
        text = _EMPHASIS.sub(r"\2", text)
        return _LINE_MARK.sub("", text)

    def _own_address(self, address: str) -> bool:
        host = _HOST.match(address)
        if self.site is None or host is None:
            return False
        name = host[1].lower().rstrip(".,;)")
        return name == self.site or name.endswith(f".{self.site}")

    def _may_name(self, name: str) -> bool:
        return _holds(self._contacts if "@" in name else self._words, name)

    def _may_call(self, number: str) -> bool:
        """Whether the source contains a number, in any notation."""
        plain = digits(number).lstrip("0")
        return _holds(self._contacts, number) or (
            len(plain) >= MIN_DIGITS and any(one.endswith(plain) for one in self._numbers)
        )

    def _in_source(self, words: str) -> bool:
        return _holds(self._words, words)

    @cached_property
    def _words(self) -> str:
        return _without_addresses(self.source)

    @cached_property
    def _contacts(self) -> str:
        return self._words if self.contacts is None else _without_addresses(self.contacts)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(map(digits, phones(self._contacts)))


def _without_addresses(source: str) -> str:
    """A source without its addresses, whose parts do not count as names."""
    return _URL.sub(" ", normalise(source)).casefold()


def _holds(source: str, words: str) -> bool:
    """Whether a source contains these words, not only as a part of longer ones."""
    words = words.casefold()
    behind = r"[\w.+-]" if "@" in words[1:] else r"[\w-]"
    start = rf"(?<!{behind})" if words[:1].isalnum() else ""
    end = r"(?![\w-])(?!\.\w)" if words[-1:].isalnum() else ""
    return re.search(f"{start}{re.escape(words)}{end}", source) is not None


def _names(sentence: str) -> Iterator[str]:
    """The names of hosts and mailboxes; "end.Next" only lacks a space and is none."""
    for name in _MAIL_OR_HOST.findall(sentence):
        labels = name.rstrip(".").split(".")
        while len(labels) > 1 and labels[-1].istitle():
            del labels[-1]
        if len(labels) > 1:
            yield ".".join(labels)
