"""Refusals in the form of answers."""

from __future__ import annotations

import pytest

from app.summaries.refusals import refuses


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, I can’t help with this.",
        "Sorry, I cannot summarise this text.",
        "I cannot provide a summary of this content.",
        "I am unable to summarize the text.",
        "As an AI, I have no opinion.",
        "Unfortunately, I can't access the page.",
        "I won't comply with that.",
    ],
)
def test_a_refusal(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "I built a voice agent from scratch.",
        "Sorry states of bridges cost the town a million.",
        "The model says it cannot help with that.",
        "Unfortunately, iron bridges rust.",
        "Image processing on phones got faster.",
        "As an AI-written compiler it is slow.",
    ],
)
def test_a_summary(text: str) -> None:
    assert not refuses(text)
