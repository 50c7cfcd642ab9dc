"""Removes the formatting of a message whose entities Telegram cannot parse."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def without_entities(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a send or edit, with the HTML reduced to its visible text."""
    plain = {name: value for name, value in parameters.items() if name != "parse_mode"}
    for name in "text", "caption":
        if name in plain:
            parser = _Text()
            parser.feed(plain[name])
            parser.close()
            plain[name] = "".join(parser.parts)
    return plain
