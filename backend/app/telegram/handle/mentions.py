"""The bot's own name in what people write in groups."""

from __future__ import annotations


def without_mention(words: str, username: str | None) -> str:
    """The words without the bot's name, such as `@hnpal_bot`, at their beginning or end."""
    parts, name = words.split(), f"@{username}".casefold()
    for place in (0, -1) if username else ():
        if parts and parts[place].rstrip(",:.!").casefold() == name:
            left = parts[1:] if place == 0 else parts[:-1]
            return " ".join(left)
    return words
