"""What the simulated model writes of the sample day passes the checks of the product."""

from __future__ import annotations

import pytest

from app.conversations.passages import chosen, of_comments, of_text
from app.hackernews.items import Comment
from app.summaries import prompts
from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.source_filter import SourceFilter
from app.text.sentences import split
from simulators.llm_extracting import NOTHING, extracted
from simulators.sample_day.stories import SampleStory, load_stories

NAMES = ("one-handed-keyboard", "job-queue", "archived-project", "tide-clock", "fair-shuffle")
STORIES = {one.name: one for one in load_stories() if one.name in NAMES}


def comments_of(story: SampleStory) -> list[Comment]:
    parents = {-1: 1}
    found = []
    for number, one in enumerate(story.comments, 100):
        parents[one.depth] = number
        found.append(Comment(number, parents[one.depth - 1], one.author, one.text, None))
    return found


@pytest.mark.parametrize("name", STORIES)
def test_summaries_are_shown(name: str) -> None:
    story = STORIES[name]
    instructions = prompts.summary_instructions("basic", "article")
    checked = SentenceFilter([SourcePart(story.page)], story.title, instructions)
    written = extracted("ArticleSummary", prompts.story_message(story.title, story.page)[1])
    sentences = split(written["summary"])
    assert len(sentences) == 2
    assert checked.kept(sentences) == sentences
    assert len(checked.kept(written["key_points"])) >= 3


@pytest.mark.parametrize("name", STORIES)
def test_discussions_are_shown(name: str) -> None:
    story = STORIES[name]
    comments = comments_of(story)
    checked = SentenceFilter(
        [SourcePart(one.text or "", one.author or "") for one in comments],
        story.title,
        prompts.DISCUSSION,
    )
    written = extracted("DiscussionSummary", prompts.comments_message(story.title, comments)[1])
    assert checked.kept([written["line"]])
    claims = [*written["agreements"], *written["disagreements"]]
    assert len(claims) >= 2
    for claim in claims:
        cited = {one.id - 100 for one in comments if one.id in claim["comment_ids"]}
        assert cited
        assert checked.kept([claim["text"]], cited=cited), claim


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize(
    "question", ["How was it measured, and what went wrong at first?", "Who disagrees?", "zzz"]
)
def test_answers_are_shown(name: str, question: str) -> None:
    story = STORIES[name]
    shown = [
        *chosen(of_text(story.page), question, characters=9000, first=2),
        *chosen(of_comments(comments_of(story)), question, characters=8000, first=4),
    ]
    passages = [(one.id, one.text) for one in shown]
    message = prompts.question_message(story.title, passages, question)
    written = extracted("ModelAnswer", message[1])
    parts = [SourcePart(one.text, one.author or "") for one in shown]
    faithful = SourceFilter("\n".join(one.text for one in shown))
    checked = SentenceFilter(parts, "", prompts.QUESTION)
    for paragraph in written["answer"].split("\n\n"):
        sentences = faithful.allowed(paragraph)
        assert sentences and checked.kept(sentences, answers=True) == sentences
    assert written["sources"] and set(written["sources"]) <= dict(passages).keys()
    assert (written["answer"] == NOTHING) >= (question == "zzz")


@pytest.mark.parametrize("source", ["", "<text>\n\n</text>", "<text>\n???\n</text>", "a" * 50_000])
def test_nothing_is_made_of_nothing(source: str) -> None:
    for shape in "StorySummary", "DiscussionSummary", "ModelAnswer":
        assert extracted(shape, source) == {}
