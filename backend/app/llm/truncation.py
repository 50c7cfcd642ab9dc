"""Shortens prompts to a server's limit: some servers cut them silently, others reject them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from app.llm import tokens

PromptMessage: TypeAlias = tuple[Literal["user", "assistant"], str]

TOKENS_OF_A_MESSAGE = 5  # for the markers around it
# A text's subject is at its beginning; its conclusion and the question are at its end.
BEGINNING = 0.65
_LEFT_OUT = "\n[…]\n"


def size(messages: Sequence[PromptMessage]) -> int:
    """The estimated tokens of the messages."""
    return sum(tokens.estimate(text) + TOKENS_OF_A_MESSAGE for _, text in messages)


def truncated(messages: Sequence[PromptMessage], most: int) -> list[PromptMessage]:
    """The messages in at most `most` tokens: without the oldest turns, and without the middle of
    the last one.
    """
    kept = list(messages)
    while len(kept) > 1 and size(kept) > most:
        del kept[0]
    role, text = kept[0]
    room = max(0, most - TOKENS_OF_A_MESSAGE)
    while text and (needed := tokens.estimate(text)) > room:
        text = _without_middle(text, round(len(text) * min(room / needed, 0.98)) - len(_LEFT_OUT))
    return [(role, text), *kept[1:]]


def _without_middle(text: str, characters: int) -> str:
    if characters <= 0:
        return ""
    beginning = round(characters * BEGINNING)
    return f"{text[:beginning]}{_LEFT_OUT}{text[len(text) - (characters - beginning) :]}"
