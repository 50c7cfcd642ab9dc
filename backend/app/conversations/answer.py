"""A question's answer: by the model, held to the passages it names, or as excerpts without one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from app.conversations import store
from app.conversations.passages import Passage, chosen, of_comments, of_text, scores, words_of
from app.conversations.store import Question, Subject, Turn
from app.database.connection import Pool
from app.hackernews.discussion_store import comments_of
from app.hackernews.markup import plain_text
from app.llm.dialect import Message
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.summaries import prompts
from app.summaries.faithful import Faithful
from app.summaries.sentences import at_most, split
from app.summaries.store import EXTRACTIVE, LLM

log = logging.getLogger(__name__)

MOST_QUESTION = 1000
MOST_ANSWER = 3000
MOST_SENTENCES = 30
MOST_SOURCES = 3
MOST_QUOTE = 240
LEAST_WORDS_OF_A_QUOTE = 4
# What one question shows the model: the passages that speak most of it, and how both begin.
MOST_OF_THE_PAGE, FIRST_PASSAGES = 9000, 2
MOST_OF_THE_COMMENTS, FIRST_COMMENTS = 8000, 4
REMEMBERED_TURNS = 4
# "And why?" is about what was said before.
FEW_WORDS = 4
# A question that ends process after process, or fails in the same way, is answered without a model.
MOST_ATTEMPTS = 3

ArticleText = Callable[[int], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage, and what of it is quoted."""

    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said in return.

    Attributes:
        text: plain text; empty when there are excerpts only.
        method: how it was made, llm or extractive.
        sources: what it rests on, or what comes closest to the question.
        notes: keys of texts that say what has to be known about it, in their order.
    """

    text: str
    method: str
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def source_ids(self) -> list[str]:
        return [source.passage.id for source in self.sources]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything there is to answer from."""

    subject: Subject
    page: list[Passage]
    comments: list[Passage]
    notes: list[str] = field(default_factory=list)

    @property
    def passages(self) -> list[Passage]:
        return [*self.page, *self.comments]


class Answerer:
    """Answers questions about stories.

    Args:
        kept: a page's text, if it is still here.
        fetch: a page's text, fetched again if it must be.
    """

    def __init__(
        self,
        pool: Pool,
        model: LanguageModel,
        kept: ArticleText,
        fetch: ArticleText,
    ) -> None:
        self._pool = pool
        self._model = model
        self._kept = kept
        self._fetch = fetch

    async def answer(self, question: Question) -> Answer | None:
        """What to say; None when the story is not known any more.

        Raises:
            OUTAGES: when PostgreSQL is away.
        """
        subject = await store.subject(self._pool, question.story_id)
        if subject is None:
            return None
        material = await self._material(subject)
        if not material.passages:
            return Answer("", EXTRACTIVE, notes=(*material.notes, "ask.nothing_to_read"))
        turns = await store.turns_before(self._pool, question, REMEMBERED_TURNS)
        query = _query(question.question, turns)
        try:
            return await self._by_model(question, material, turns, query)
        except ModelError as error:
            return _excerpts(material, query, _note(error.outcome))

    async def _material(self, subject: Subject) -> Material:
        texts = [plain_text(subject.text)] if subject.text else []
        notes = []
        if subject.article_state == "read":
            text = await self._kept(subject.id)
            if text is None:
                text = await self._fetch(subject.id)
                notes.append("ask.fetched_again" if text else "ask.page_is_gone")
            texts += [text] if text else []
        elif subject.url and not texts:
            notes.append("ask.page_not_read")
        placed = await comments_of(self._pool, subject.id)
        comments = of_comments([one.comment for one in placed])
        return Material(subject, of_text("\n\n".join(texts)), comments, notes)

    async def _by_model(
        self, question: Question, material: Material, turns: Sequence[Turn], query: str
    ) -> Answer:
        if question.attempts > MOST_ATTEMPTS:
            raise ModelError(Outcome.SERVER_ERROR, "too many attempts")
        shown = [
            *chosen(material.page, query, characters=MOST_OF_THE_PAGE, first=FIRST_PASSAGES),
            *chosen(
                material.comments, query, characters=MOST_OF_THE_COMMENTS, first=FIRST_COMMENTS
            ),
        ]
        asked = prompts.question_message(
            material.subject.title,
            [(passage.id, passage.text) for passage in shown],
            question.question[:MOST_QUESTION],
        )
        messages: list[Message] = []
        for turn in turns:
            messages += [("user", turn.question), ("assistant", turn.answer)]
        said = await self._model.ask(
            "question",
            prompts.QUESTION,
            [*messages, asked],
            prompts.answer_shape([passage.id for passage in shown]),
            most_tokens=prompts.ANSWER_TOKENS,
            story_id=question.story_id,
        )
        text = _harmless(said.answer, material.subject, shown)
        if not text:
            raise ModelError(Outcome.NONSENSE, "nothing of the answer can be shown")
        known = {passage.id: passage for passage in shown}
        named = [known[one] for one in dict.fromkeys(said.sources) if one in known]
        sources = [_source(one, text, material.subject) for one in named[:MOST_SOURCES]]
        notes = material.notes
        if not sources:
            sources = _closest(material, f"{query} {text}")
            notes = [*notes, "ask.no_source"]
        return Answer(text, LLM, tuple(sources), tuple(notes))


def _harmless(answer: str, subject: Subject, shown: Sequence[Passage]) -> str:
    """The answer without what leads away from the story, its paragraphs kept."""
    source = "\n".join([subject.title, subject.site or "", *(one.text for one in shown)])
    faithful = Faithful(source, subject.site)
    paragraphs = [
        faithful.sentences(paragraph, number=MOST_SENTENCES, characters=MOST_ANSWER)
        for paragraph in answer.split("\n")
    ]
    kept: list[str] = []
    room = MOST_ANSWER
    for paragraph in filter(None, paragraphs):
        room -= len(paragraph)
        if kept and room < 0:
            break
        kept.append(paragraph)
    return "\n\n".join(kept)


def _excerpts(material: Material, query: str, note: str) -> Answer:
    closest = _closest(material, query)
    notes = [note, *material.notes, "ask.excerpts" if closest else "ask.no_excerpts"]
    if not closest:
        first = [*material.page[:1], *material.comments[:1]]
        closest = [_source(one, query, material.subject) for one in first]
    return Answer("", EXTRACTIVE, tuple(one for one in closest if one.quote), tuple(notes))


def _closest(material: Material, query: str) -> list[Source]:
    """The quotes that speak of the query, those of the best passages first."""
    passages = material.passages
    worth = scores([one.text for one in passages], query)
    best = sorted(range(len(passages)), key=lambda n: (-worth[n], n))
    sources = (_source(passages[n], query, material.subject) for n in best if worth[n] > 0)
    speaking = (one for one in sources if any(scores([one.quote], query)))
    return list(islice(speaking, MOST_SOURCES))


def _source(passage: Passage, about: str, subject: Subject) -> Source:
    """The sentences of a passage that speak most of something, of those that may be shown."""
    faithful = Faithful(passage.text, subject.site)
    allowed = [one for one in split(passage.text) if faithful.allows(one)]
    sentences = [one for one in allowed if len(one.split()) >= LEAST_WORDS_OF_A_QUOTE] or allowed
    if not sentences:
        return Source(passage, "")
    worth = scores(sentences, about)
    best = max(range(len(sentences)), key=lambda n: (worth[n], -n))
    return Source(passage, at_most(sentences[best:], MOST_QUOTE))


def _query(question: str, turns: Sequence[Turn]) -> str:
    if len(words_of(question)) >= FEW_WORDS or not turns:
        return question
    return f"{question} {turns[-1].question} {turns[-1].answer}"


def _note(outcome: Outcome) -> str:
    """Why there is no answer by the model."""
    match outcome:
        case Outcome.NO_KEY:
            return "ask.no_key"
        case Outcome.OVER_BUDGET:
            return "ask.over_budget"
        case Outcome.REFUSED:
            return "ask.refused"
        case _:
            return "ask.no_answer"
