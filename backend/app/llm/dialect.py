"""What the servers that call themselves OpenAI-compatible do not agree on.

A request starts out as OpenAI's present models want it. A server that does not know one of its
parameters says so with 400 or 422 (https://platform.openai.com/docs/guides/error-codes), names it,
and charges nothing; from then on it is asked in the way that it understands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.llm.shapes import Shape, in_words, response_format

Message = tuple[Literal["user", "assistant"], str]

# Models that think before they answer; the thoughts are output, are charged, and need room.
_THINKING = re.compile(r"gpt-5|o\d")
ROOM_TO_THINK = 2000  # tokens, on top of the answer's
_NOT_THINKING = re.compile(r"gpt-[34]")


@dataclass(slots=True)
class Dialect:
    """How to ask one model at one server."""

    model: str
    # A server other than OpenAI's may ignore a schema without a word, so it is told in words too.
    own_server: bool
    limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    format: Literal["json_schema", "json_object", "none"] = "json_schema"
    effort: bool = field(init=False)

    def __post_init__(self) -> None:
        self.effort = _THINKING.match(self.model) is not None

    def tokens(self, most_tokens: int) -> int:
        """The limit to set for an answer of at most `most_tokens`."""
        return most_tokens + (0 if _NOT_THINKING.match(self.model) else ROOM_TO_THINK)

    def request(
        self,
        instructions: str,
        messages: Sequence[Message],
        shape: type[Shape],
        most_tokens: int,
    ) -> dict[str, Any]:
        """The request's JSON. No temperature: thinking models refuse any but the default."""
        if self.own_server or self.format != "json_schema":
            instructions = f"{instructions}\n\n{in_words(shape)}"
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": instructions},
                *({"role": role, "content": content} for role, content in messages),
            ],
            self.limit: self.tokens(most_tokens),
        }
        if self.effort:
            request["reasoning_effort"] = "low"
        if self.format == "json_schema":
            request["response_format"] = response_format(shape)
        elif self.format == "json_object":
            request["response_format"] = {"type": "json_object"}
        return request

    def adapt(self, complaint: str) -> bool:
        """Learn from a server's complaint about a request; False: there is nothing to learn."""
        if self.effort and "reasoning_effort" in complaint:
            self.effort = False
        elif self.limit == "max_completion_tokens" and self.limit in complaint:
            self.limit = "max_tokens"
        elif self.format == "json_schema" and re.search(r"response_format|schema", complaint):
            self.format = "json_object"
        elif self.format == "json_object" and re.search(r"response_format|json", complaint):
            self.format = "none"
        else:
            return False
        return True
