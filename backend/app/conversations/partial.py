"""The part of an answer that can be shown while the model is still writing it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable

from app.text.sentences import split

# Where the field `answer` of `prompts.ModelAnswer` begins.
_ANSWER = re.compile(r'"answer"\s*:\s*"')
# The characters of a JSON string up to its end, or up to the end of the input.
_WRITTEN = re.compile(r'(?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*')

# Returns the sentences of a text that may be shown.
Check = Callable[[str], str]


class PartialAnswer:
    """The complete sentences so far that the passages support."""

    def __init__(self) -> None:
        self._content = ""
        self._check: Check | None = None
        self._checked = ("", "")

    def begin(self, check: Check) -> None:
        """Begin a new answer; `check` runs in a thread."""
        self._check = check

    def receive(self, content: str) -> None:
        """Set the answer's JSON so far."""
        self._content = content

    async def text(self) -> str:
        """The text that can be shown; empty until there is a complete sentence."""
        sentences = whole_sentences_of(self._content)
        if self._check is not None and sentences != self._checked[0]:
            self._checked = sentences, await asyncio.to_thread(self._check, sentences)
        return self._checked[1]


def whole_sentences_of(content: str) -> str:
    """The whole sentences of the field `answer` in the beginning of a JSON object.

    A sentence is whole when another one has begun behind it or the field has ended.
    """
    begin = _ANSWER.search(content)
    if begin is None:
        return ""
    written = _WRITTEN.match(content, begin.end())
    assert written is not None  # it may match nothing
    try:
        text: str = json.loads(f'"{written[0]}"', strict=False)
    except ValueError:  # half of a surrogate pair
        return ""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    if content[written.end() : written.end() + 1] == '"':
        return text.strip()
    *paragraphs, last = text.split("\n")
    return "\n".join([*paragraphs, " ".join(split(last)[:-1])]).strip()
