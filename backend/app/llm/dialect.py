"""The differences between OpenAI-compatible servers, learned from their errors.

A request to OpenAI starts with what its current models accept; a request to any other server starts
with everything that one of them may need. A server that rejects a parameter responds with 400 or
422 (https://platform.openai.com/docs/guides/error-codes), names the parameter, and charges nothing;
later requests then omit it. The limit for a prompt's length is learned in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.llm import tokens, truncation
from app.llm.error_responses import ErrorResponse
from app.llm.servers import Server, ServerKind
from app.llm.shapes import Shape, in_words, response_format
from app.llm.truncation import PromptMessage

# Models that reason before they answer; the reasoning is charged as output and needs room.
_THINKING = re.compile(r"gpt-5|o\d")
ROOM_TO_THINK = 2000  # tokens, in addition to the answer's
_NOT_THINKING = re.compile(r"gpt-[34]")
# The divisor for the answer's and the reasoning's part of a small context.
PART_OF_THE_ANSWER = 3
MIN_PROMPT = 100  # tokens; with a shorter prompt there is nothing to answer from
# A prompt that exceeds an unknown limit is cut to this fraction of it. If a prompt should have fit
# but did not, the estimate of its tokens is multiplied by this factor.
SHORTER, LONGER = 0.6, 1.3

_NEW, _OLD = "max_completion_tokens", "max_tokens"
# Some servers reject the two parameters together.
_BOTH = re.compile(r"\bboth\b|at the same time|mutually exclusive|only one of", re.IGNORECASE)
_SIZE = re.compile(r"too (?:large|big|small|high)|must be (?:greater|less|at)", re.IGNORECASE)


@dataclass(slots=True)
class Dialect:
    """How to call one model at one server."""

    model: str
    server: Server
    limits: tuple[str, ...] = field(init=False)
    format: Literal["json_schema", "json_object", "none"] = "json_schema"
    effort: bool = field(init=False)
    # Limits in tokens for a prompt with its answer, and for an answer alone; None: unknown.
    context: int | None = field(init=False)
    max_answer: int | None = None
    # The model's tokens for each token of the estimate.
    tokens_per_token: float = 1.0

    def __post_init__(self) -> None:
        self.effort = _THINKING.match(self.model) is not None
        self.context = self.server.context
        # Ollama silently ignores the new name.
        self.limits = (_NEW,) if self.server.kind is ServerKind.OPENAI else (_NEW, _OLD)

    def tokens(self, max_tokens: int) -> int:
        """The token limit to send for an answer of at most `max_tokens`."""
        room = 0 if _NOT_THINKING.match(self.model) else ROOM_TO_THINK
        limit = max_tokens + room
        if self.context is not None:
            limit = max(max_tokens, min(limit, self.context // PART_OF_THE_ANSWER))
        return min(limit, self.max_answer or limit)

    def prompt_tokens(
        self, instructions: str, messages: Sequence[PromptMessage], shape: type[Shape]
    ) -> int:
        """About how many tokens a prompt takes, including the description of the answer."""
        own = tokens.estimate(instructions) + tokens.estimate(in_words(shape))
        counted = own + truncation.TOKENS_OF_A_MESSAGE + truncation.size(messages)
        return round(counted * self.tokens_per_token)

    def fit(
        self,
        instructions: str,
        messages: Sequence[PromptMessage],
        shape: type[Shape],
        max_tokens: int,
    ) -> list[PromptMessage] | None:
        """The messages, shortened to fit the context. None: the context holds no prompt."""
        if self.context is None:
            return list(messages)
        room = self.context - self.tokens(max_tokens)
        if self.prompt_tokens(instructions, messages, shape) <= room:
            return list(messages)
        left = room - self.prompt_tokens(instructions, (), shape)
        if left < MIN_PROMPT:
            return None
        return truncation.truncated(messages, int(left / self.tokens_per_token))

    def request(
        self,
        instructions: str,
        messages: Sequence[PromptMessage],
        shape: type[Shape],
        max_tokens: int,
    ) -> dict[str, Any]:
        """The request's JSON. It sets no temperature: reasoning models accept only the default."""
        # Other servers may silently ignore a schema, so the instructions describe it too.
        if self.server.kind is not ServerKind.OPENAI or self.format != "json_schema":
            instructions = f"{instructions}\n\n{in_words(shape)}"
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": instructions},
                *({"role": role, "content": content} for role, content in messages),
            ],
            **dict.fromkeys(self.limits, self.tokens(max_tokens)),
        }
        if self.effort:
            request["reasoning_effort"] = "low"
        if self.format == "json_schema":
            request["response_format"] = response_format(shape)
        elif self.format == "json_object":
            request["response_format"] = {"type": "json_object"}
        return request

    def learn_length(self, complaint: ErrorResponse, asked: int) -> None:
        """Learn a limit from an error about a prompt that, with its answer, took `asked` tokens."""
        limit = complaint.context
        if limit is None:
            self.context = int(asked * SHORTER)
        elif self.context is None or limit < self.context:
            self.context = limit
        else:
            self.tokens_per_token *= LONGER

    def adapt(self, complaint: ErrorResponse) -> bool:
        """Learn from an error about a parameter; False: there is nothing to learn."""
        if (most := complaint.max_answer) is not None:
            learned = self.max_answer is None or most < self.max_answer
            self.max_answer = most if learned else self.max_answer
            return learned
        return not _SIZE.search(complaint.text) and self._drop(complaint)

    def _drop(self, complaint: ErrorResponse) -> bool:
        if len(self.limits) > 1 and _BOTH.search(complaint.text):
            self.limits = (_NEW,)
            return True
        effort = ("reasoning_effort",) if self.effort else ()
        formats = () if self.format == "none" else ("response_format", "json_schema", "json_object")
        limits = () if self.limits == (_OLD,) else self.limits
        known = (*effort, *limits, *formats)
        parameter = complaint.named(known)
        if parameter is None and self.format != "none" and "schema" in complaint.text:
            parameter = "json_schema"
        if parameter is None:
            return False
        if parameter in effort:
            self.effort = False
        elif parameter in limits:
            # One of two names is dropped; a single new name is replaced by the old one.
            self.limits = tuple(one for one in limits if one != parameter) or (_OLD,)
        else:
            self.format = "json_object" if self.format == "json_schema" else "none"
        return True
