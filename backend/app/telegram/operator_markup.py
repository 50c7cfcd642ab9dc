"""What the operator wrote, as HTML that Telegram takes: formatted in the client, or typed as tags.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from telegram import Message, MessageEntity

from app.digests.parts import MOST_UNITS, size

# What Telegram finds by itself in any text, so it is no formatting.
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
# Tags and the attributes that they may have.
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
    """The HTML cannot be sent; `key` names the text that says why, `values` are its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def html_after_command(message: Message) -> str:
    """The text behind the command of `message`, as HTML; empty when there is none.

    Raises:
        MarkupError: when tags were typed that Telegram would not take, or too much of everything.
    """
    words = message.text or ""
    parts = words.split(maxsplit=1)
    rest = parts[1] if len(parts) > 1 else ""
    if not words.startswith("/"):
        rest = words
    cut = len(words[: len(words) - len(rest)].encode("utf-16-le")) // 2
    formatting = [one for one in message.entities if one.type not in _DETECTED]
    if formatting:
        html = _formatted(message, rest, _after(formatting, cut))
    elif _TAG.search(rest):
        html = _checked(rest)
    else:
        html = escape(rest, quote=False)
    if size(html).units > MOST_UNITS:
        raise MarkupError("broadcast.too_long", most=MOST_UNITS)
    return html.strip()


def _after(entities: list[MessageEntity], cut: int) -> list[MessageEntity]:
    """The entities of what remains when `cut` UTF-16 units are taken away from the beginning."""
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
                    user=entity.user,
                    language=entity.language,
                    custom_emoji_id=entity.custom_emoji_id,
                )
            )
    return kept


def _formatted(message: Message, rest: str, entities: list[MessageEntity]) -> str:
    remaining = Message(
        message_id=message.message_id,
        date=message.date,
        chat=message.chat,
        text=rest,
        entities=entities,
    )
    return remaining.text_html


class _Checker(HTMLParser):
    """Writes down again what it parses, so that what comes out is well formed."""

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
