"""What a text may say: no address, mention, command or markup that its source does not have.

Both what a model writes and what is taken out of a text goes through here, since either may be
somebody's attempt to speak to readers in our name. Telegram makes links of bare words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.summaries.sentences import at_most, split

# What Telegram may link without a scheme: names in any script and case, and IPv4 addresses
# (https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp). Vowels of Indian scripts
# and their like are no \w.
_MARKS = "\u0300-\u1fff"
_STARTS = rf"(?<![\w{_MARKS}-])(?<![\w{_MARKS}-]\.)"
_LAST_LABEL = rf"(?:[xX][nN]--[a-zA-Z0-9-]+|[^\W\d_](?:[^\W\d_]|[{_MARKS}])+)(?!\w)"
_NAME = rf"{_STARTS}(?:[\w{_MARKS}-]+\.)+{_LAST_LABEL}"
_IPV4 = rf"{_STARTS}(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?!\.?\w)"
HOST_NAME = re.compile(f"{_NAME}|{_IPV4}")

_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,20}://\S*|\bwww\.\S+|\b(?:mailto|tel|tg|javascript|data):\S+"
    rf"|{_NAME}(?::\d+)?/\S*",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?([^/\\:?#\s]+)", re.IGNORECASE)
_MAIL_OR_HOST = re.compile(rf"[\w.+-]{{1,64}}@[\w-]{{1,63}}\.[\w.-]+|{HOST_NAME.pattern}")
# Phones make something to tap of it.
_PHONE = re.compile(r"\+\d[\d ().-]{6,20}\d")
_MENTION = re.compile(r"(?<![\w.])@(\w{2,})")
_COMMAND = re.compile(r"(?<![\w/.:<\"'])/[A-Za-z]\w+(?![\w/.])")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
# What our own prompts put around material (app.summaries.prompts), also without its end.
_OWN_TAG = re.compile(
    r"[<‹]\s*(?:comment|passage)(?:\s+(?:id|replies_to)\s*=\s*[\"']?[\w-]*[\"']?)+\s*/?[>›]?",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\(\s*<?([^()\s]{0,500})>?[^()]{0,100}\)")
_EMPHASIS = re.compile(r"(\*\*|__|``?`?)(?=\S)([^*_`\n]{1,300})(?<=\S)\1")
_LINE_MARK = re.compile(r"(?m)^\s*(?:[-*•]|#{1,6}|\d{1,2}[.)])\s+")


# More than any text here may hold; what follows is not even looked at.
_MOST = 5000


@dataclass(frozen=True)
class Faithful:
    """Holds texts to their `source`; only addresses on its `site` (such as example.com) are its
    own.
    """

    source: str
    site: str | None = None

    def sentences(self, text: str, *, number: int, characters: int) -> str:
        """The first sentences of `text` that say nothing foreign, without markup."""
        return at_most(self._kept(split(self._without_markup(text)))[:number], characters)

    def allows(self, sentence: str) -> bool:
        """Whether a sentence holds nothing that leads away from the story."""
        return (
            all(map(self._own_address, _URL.findall(sentence)))
            and all(map(self._in_source, _names(_URL.sub(" ", sentence))))
            and all(map(self._in_source, _PHONE.findall(sentence)))
            # One that the source tells readers to send is no better.
            and not _COMMAND.search(sentence)
            and all(self._in_source(f"@{name}") for name in _MENTION.findall(sentence))
        )

    def _kept(self, sentences: list[str]) -> list[str]:
        # A name after an @ would call somebody on Telegram who has nothing to do with it.
        return [_MENTION.sub(r"\1", one) for one in sentences if self.allows(one)]

    def _without_markup(self, text: str) -> str:
        text = _MARKDOWN_LINK.sub(r"\1 \2", text[:_MOST])
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

    def _in_source(self, words: str) -> bool:
        return words.casefold() in self._words

    @cached_property
    def _words(self) -> str:
        """The source without its addresses: what is only part of one is no name."""
        return _URL.sub(" ", self.source).casefold()


def _names(sentence: str) -> Iterator[str]:
    """The names of hosts and mailboxes; "end.Next" lacks a space and is none."""
    for name in _MAIL_OR_HOST.findall(sentence):
        labels = name.rstrip(".").split(".")
        while len(labels) > 1 and labels[-1].istitle():
            del labels[-1]
        if len(labels) > 1:
            yield ".".join(labels)
