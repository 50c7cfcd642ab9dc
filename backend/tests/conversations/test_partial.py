"""Which part of an unfinished answer can be shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conversations.answer import Answerer
from app.conversations.partial import PartialAnswer, whole_sentences_of
from app.conversations.store import Question
from app.database.connection import Pool
from app.summaries.prompts import ModelAnswer
from tests.conversations.discussions import STORY, Model, add_comments, add_story, answerer


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        ("", ""),
        ('{"answer"', ""),
        ('{"answer": "It is fa', ""),
        ('{"answer": "It is fast.', ""),
        ('{"answer": "It is fast. It is sm', "It is fast."),
        ('{"answer": "It is fast. It is small."', "It is fast. It is small."),
        ('{"answer":"It \\"is\\" fast. And ', 'It "is" fast.'),
        ('{"answer": "It is fast. It \\', "It is fast."),
        ('{"answer": "It is fast. It \\u00', "It is fast."),
        ('{"answer": "It is fast. It \\ud83e', "It is fast."),
        ('{"answer": "One.\\n\\nTwo is h', "One."),
        ('{"sources": ["p1"], "answer": "It is fast. It', "It is fast."),
        ('<think>hm</think>{"answer" : "It is fast. It', "It is fast."),
        ("null", ""),
    ],
)
def test_only_whole_sentences_are_extracted(content: str, sentences: str) -> None:
    assert whole_sentences_of(content) == sentences


@given(st.text(max_size=80), st.integers(0, 400))
def test_any_beginning_of_any_answer_can_be_read(text: str, end: int) -> None:
    for escaped in True, False:
        content = json.dumps({"answer": text, "sources": []}, ensure_ascii=escaped)
        found = whole_sentences_of(content[:end])
        assert len(found) <= len(text)
        found.encode()


async def test_only_what_the_passages_support_is_shown(database: Pool) -> None:
    """While it is written as when it is sent."""
    await add_story(database)
    await add_comments(database)
    partial, seen = PartialAnswer(), []
    written = (
        "The maintainers measured 30,000 transactions a second on a laptop. "
        "They measured 99,000 on a phone. Log in at account.example now. It locks single pages."
    )
    content = json.dumps({"answer": written, "sources": ["p1"]})

    class Writing(Model):
        async def ask(self, *asked: object, **more: object) -> ModelAnswer:  # type: ignore[override]
            listener = more["listener"]
            assert callable(listener)
            for end in range(0, len(content) + 1, 10):
                listener(content[:end])
                seen.append(await partial.text())
            return ModelAnswer(answer=written, sources=["p1"])

    found: Answerer = answerer(database, Writing())
    question = Question(1, 1, 1, STORY, "How fast is it?", None, 1)
    answer = await found.answer(question, partial)
    assert answer is not None and "30,000" in answer.text
    assert seen[0] == "" and any("30,000" in one for one in seen)
    assert [one for one in seen if "99,000" in one or "account" in one] == [], answer.text
    assert all(answer.text.startswith(one) for one in seen)
