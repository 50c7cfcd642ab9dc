"""Parses the error responses of model servers.

OpenAI-compatible servers share neither error codes nor texts. The ones that these patterns were
written for are in `simulators/llm_servers.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 4000  # characters that are examined
MAX_TOLD = 500
MIN_SECRET = 8  # characters; shorter keys, such as "x" or "ollama", are placeholders

# The prompt and its answer exceed the limit of the model or the account.
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|size|window|limit)|(?:length|size|window).{0,20}context"
    r"|maximum (?:model|prompt|sequence|input) len|max_seq_len|n_ctx"
    r"|(?:prompt|input|request|messages?) (?:is |are )?too (?:long|large)"
    r"|too (?:many|much) (?:input )?tokens|reduce (?:the|your) (?:length|prompt|message|input)"
    r"|tokens?.{0,40}exceed|exceed.{0,60}tokens?|tokens must be reduced"
    r"|max_new_tokens.{0,10}must be"
    r"|input token count",
    re.IGNORECASE | re.DOTALL,
)
_CONTEXT = re.compile(
    r"n_ctx\W{1,4}(\d+)|limit of (\d+)|limit:? (\d+), requested|must be <= ?(\d+)"
    r"|tokens? ?> ?(\d+) max|tokens allowed \((\d+)|with (\d+) maximum context"
    r"|(?:context|model|prompt|sequence|input)[ _](?:length|size|window|limit)\D{0,24}?(\d+)",
    re.IGNORECASE,
)
# Other words for a limit of the prompt, which name the tokens that a model takes.
_LIMITED = re.compile(
    r"\b(?:room|fits?|hold|holds|at most|up to|only|supports?|allows?|accepts?|handles?|larger"
    r"|longer|greater|more|fewer|less|exceed\w*|budget|capacity|max\w*|limit\w*|available|space|cache"
    r"|overflow\w*)\b",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"\btokens?\b", re.IGNORECASE)
# Limits of the answer, and of what an account may use, which a shorter prompt does not keep.
_OTHER_LIMIT = re.compile(
    r"max_\w*tokens|completions?\b|output|generat|response|\bper\b|\b[rt]p[md]\b|rate.?limit|quota"
    r"|credits?\b|afford|balance|billing",
    re.IGNORECASE,
)
_LARGE_NUMBER = re.compile(r"(?<![\w.-])\d{3,8}(?![\w-])")
MIN_CONTEXT = 256  # tokens; a smaller number means something else
# Only the answer's limit is too high.
_MAX_ANSWER = re.compile(
    r"supports at most (\d+) completion|less than or equal to \W?(\d+)", re.IGNORECASE
)
_FILTERED = re.compile(
    r"content[_ -]?(?:filter|policy|management|exists risk|safety)|responsibleai|data_inspection"
    r"|inappropriate content|moderation|flagged|usage polic|prohibited_content"
    r"|safety (?:system|filt)"
    r"|violat\w+.{0,60}(?:polic|guideline)|unsafe content|sensitive content|invalid_prompt"
    r"|不安全|敏感",
    re.IGNORECASE | re.DOTALL,
)
_OF_AN_ACCOUNT = re.compile(
    r"\b(?:account|access|organi[sz]ation|api key|billing)\b", re.IGNORECASE
)
_FILTERING_STATUSES = frozenset({400, 403, 422, 451})
_TOO_LONG_STATUSES = frozenset({400, 413, 422, 429, 500})
_TOO_LARGE_FOR_EVER = re.compile(r"request too large", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error response: its status and what the server says about it."""

    status: int
    text: str
    code: str = ""
    parameter: str = ""
    retry_after: float = 0.0

    @property
    def is_too_long(self) -> bool:
        """Whether a shorter prompt would be accepted, while waiting would not help."""
        if self.status not in _TOO_LONG_STATUSES or self.max_answer is not None:
            return False
        # A rate limit also counts tokens; a request that exceeds all of it never succeeds.
        if self.status == 429:
            return _TOO_LARGE_FOR_EVER.search(self.text) is not None
        return (
            self.status == 413
            or _TOO_LONG.search(self.text) is not None
            or _limit_in_tokens(self.text) is not None
        )

    @property
    def is_filtered(self) -> bool:
        """Whether the server's policy blocks the question or its answer."""
        return (
            self.status in _FILTERING_STATUSES
            and _FILTERED.search(f"{self.code} {self.text}") is not None
            and not (self.status == 403 and _OF_AN_ACCOUNT.search(self.text))
        )

    @property
    def context(self) -> int | None:
        """The limit for a prompt and its answer in tokens, if the error names it."""
        return _number(_CONTEXT, self.text) or _limit_in_tokens(self.text)

    @property
    def max_answer(self) -> int | None:
        """The limit for an answer in tokens, if the error is about that."""
        return _number(_MAX_ANSWER, self.text) if self.context is None else None

    def named(self, parameters: Sequence[str]) -> str | None:
        """Which of these parameters the error is about: its `param`, or the first one named."""
        given = [one for one in parameters if one == self.parameter.rpartition(".")[2]]
        places = {one: place for one in parameters if (place := self.text.find(one)) >= 0}
        return given[0] if given else min(places, key=places.__getitem__, default=None)

    def told(self, key: str) -> str:
        """The error's text for people, without the key, which some servers repeat."""
        text = f"{self.status}, {self.text}"
        if len(key) >= MIN_SECRET:
            text = text.replace(key, "•••")
        return text[:MAX_TOLD]


def parse_error_response(
    status: int, body: object, retry_after: str | None = None
) -> ErrorResponse:
    """Parse the `error` object of a response, or the whole response if it has none."""
    values: dict[str, Any] = body if isinstance(body, dict) else {}
    message = values.get("message")
    text = message if isinstance(message, str) and message else _as_text(body)
    # Some servers name limits and filters only outside the message.
    more = {
        name: values[name]
        for name in ("n_ctx", "innererror", "metadata", "error_type")
        if values.get(name)
    }
    return ErrorResponse(
        status=status,
        text=f"{text} {_as_text(more) if more else ''}".strip()[:MAX_TEXT],
        code=f"{values.get('code') or ''} {values.get('type') or ''}".strip(),
        parameter=str(values.get("param") or ""),
        retry_after=_seconds(retry_after),
    )


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""


def _limit_in_tokens(text: str) -> int | None:
    """The number of tokens for which a server says that it has room; None for other limits."""
    if not (_TOKENS.search(text) and _LIMITED.search(text)) or _OTHER_LIMIT.search(text):
        return None
    numbers = [int(one) for one in _LARGE_NUMBER.findall(_plain(text)) if int(one) >= MIN_CONTEXT]
    # The prompt, if it is counted too, exceeds the limit.
    return min(numbers, default=None)


def _plain(text: str) -> str:
    """A text with "4,096" as 4096."""
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    for found in pattern.finditer(_plain(text)):
        digits = next(filter(None, found.groups()))
        if len(digits) < 9 and int(digits) >= MIN_CONTEXT:
            return int(digits)
    return None


def _seconds(retry_after: str | None) -> float:
    try:
        seconds = float(retry_after or 0)
    except ValueError:  # an HTTP date
        return 0.0
    return seconds if 0 <= seconds < 86_400 else 0.0
