"""What a text may say: no address, mention, command or markup that its source does not have.

Both what a model writes and what is taken out of a text goes through here, since either may be
somebody's attempt to speak to readers in our name. Telegram makes links of bare words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from app.summaries.sentences import at_most, split

_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,20}://\S*|\bwww\.\S+|\b(?:mailto|tel|tg|javascript|data):\S+"
    r"|\b(?:[a-z0-9-]{1,63}\.){1,9}[a-z]{2,24}/\S*",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?([^/\\:?#\s]+)", re.IGNORECASE)
# The last part in small letters only: "end.Next" lacks a space and is no name.
_NAME = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]+"
    r"|(?<![\w@.-])(?:[A-Za-z0-9-]{1,63}\.){1,9}[a-z]{2,24}\b"
)
_MENTION = re.compile(r"(?<![\w.])@(\w{2,})")
_COMMAND = re.compile(r"(?<![\w/.:<\"'])/[A-Za-z]\w+(?![\w/.])")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
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
            and all(map(self._in_source, _NAME.findall(_URL.sub(" ", sentence))))
            # One that the source tells readers to send is no better.
            and not _COMMAND.search(sentence)
            and all(self._in_source(f"@{name}") for name in _MENTION.findall(sentence))
        )

    def _kept(self, sentences: list[str]) -> list[str]:
        # A name after an @ would call somebody on Telegram who has nothing to do with it.
        return [_MENTION.sub(r"\1", one) for one in sentences if self.allows(one)]

    def _without_markup(self, text: str) -> str:
        text = _MARKDOWN_LINK.sub(r"\1 \2", text[:_MOST])
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
