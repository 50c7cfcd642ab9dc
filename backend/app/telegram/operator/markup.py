"""The operator's text as Telegram HTML, from client formatting or typed tags.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser

import telegram
from telegram import MessageEntity

from app.telegram.api.types import Entity, Message
from app.text.telegram_html import MAX_UNITS, size

# Entities that Telegram detects in any text; they are not formatting.
_DETECTED = frozenset(
    {
        MessageEntity.BOT_COMMAND,
        MessageEntity.CASHTAG,
        MessageEntity.EMAIL,
        MessageEntity.HASHTAG,
        MessageEntity.MENTION,
        MessageEntity.PHONE_NUMBER,
        MessageEntity.URL,
    }
)
# The supported tags with their attributes.
_TAGS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("b", "strong", "i", "em", "u", "ins", "s", "strike", "del"), frozenset()),
    "a": frozenset({"href"}),
    "code": frozenset({"class"}),
    "pre": frozenset(),
    "blockquote": frozenset({"expandable"}),
    "tg-spoiler": frozenset(),
}
_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?>", re.IGNORECASE)
_TARGET = re.compile(r"(?:https?://|tg://|mailto:)\S+", re.IGNORECASE)


class MarkupError(ValueError):
    """The HTML cannot be sent; `key` names the text with the reason, `values` are its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def html_after_command(message: Message) -> str:
    """The text after the command of `message`, as HTML; empty if there is none.

    Raises:
        MarkupError: typed tags are not supported by Telegram, or a limit is exceeded.
    """
    words = message.text or ""
    parts = words.split(maxsplit=1)
    rest = parts[1] if len(parts) > 1 else ""
    if not words.startswith("/"):
        rest = words
    cut = len(words[: len(words) - len(rest)].encode("utf-16-le")) // 2
    formatting = [one for one in message.entities if one.type not in _DETECTED]
    if formatting:
        html = _formatted(rest, _after(formatting, cut))
    elif _TAG.search(rest):
        html = _checked(rest)
    else:
        html = escape(rest, quote=False)
    if size(html).units > MAX_UNITS:
        raise MarkupError("broadcast.too_long", most=MAX_UNITS)
    return html.strip()


def _after(entities: list[Entity], cut: int) -> list[MessageEntity]:
    """The entities of the text without its first `cut` UTF-16 units."""
    kept = []
    for entity in entities:
        start, end = max(entity.offset, cut), entity.offset + entity.length
        if end > start:
            kept.append(
                MessageEntity(
                    type=entity.type,
                    offset=start - cut,
                    length=end - start,
                    url=entity.url and escape(entity.url),
                    user=_person(entity.user_id),
                    language=entity.language,
                    custom_emoji_id=entity.custom_emoji_id,
                )
            )
    return kept


def _person(user_id: int | None) -> telegram.User | None:
    """The person that a mention names; only the id is needed."""
    return None if user_id is None else telegram.User(user_id, "", is_bot=False)


def _formatted(rest: str, entities: list[MessageEntity]) -> str:
    """Uses the library's own renderer, which needs a message."""
    chat = telegram.Chat(1, telegram.Chat.PRIVATE)
    return telegram.Message(1, datetime.now(UTC), chat, text=rest, entities=entities).text_html


class _Checker(HTMLParser):
    """Writes out what it parses, so that the result is well formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise MarkupError("broadcast.unknown_tag", tag=tag)
        kept = "".join(
            f' {name}="{escape(value)}"' if value is not None else f" {name}"
            for name, value in attrs
            if name in _TAGS[tag]
        )
        if tag == "a" and not _TARGET.fullmatch(dict(attrs).get("href") or ""):
            raise MarkupError("broadcast.bad_link")
        self.open.append(tag)
        self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            raise MarkupError("broadcast.misplaced_tag", tag=tag)
        self.open.pop()
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))


def _checked(markup: str) -> str:
    checker = _Checker()
    checker.feed(markup)
    checker.close()
    if checker.open:
        raise MarkupError("broadcast.unclosed_tag", tag=checker.open[-1])
    return "".join(checker.parts)
