"""Answers a question: by the model from cited passages, or with excerpts without a model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from app.articles.read import ArticleText
from app.conversations import store
from app.conversations.partial import PartialAnswer
from app.conversations.passages import (
    Passage,
    chosen,
    distinctive_words,
    of_comments,
    of_text,
    scores,
)
from app.conversations.store import Question, Subject, Turn
from app.database.connection import Pool
from app.hackernews.discussion_store import comments_of
from app.languages import ENGLISH
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.llm.truncation import PromptMessage
from app.summaries import prompts
from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.languages import language_of
from app.summaries.source_filter import SourceFilter
from app.summaries.store import EXTRACTIVE, LLM
from app.text.html import plain_text
from app.text.sentences import at_most, end_pattern, split, whole

log = logging.getLogger(__name__)

MAX_ANSWER = 3000
MAX_SENTENCES = 30
MAX_SOURCES = 3
MAX_QUOTE = 240
MIN_WORDS_OF_A_QUOTE = 4
# The passages that a prompt contains: the most relevant ones, and the first ones of each text.
MAX_OF_THE_PAGE, FIRST_PASSAGES = 9000, 2
MAX_OF_THE_COMMENTS, FIRST_COMMENTS = 8000, 4
REMEMBERED_TURNS = 4
_SENTENCE_END = end_pattern(":")
# A shorter question ("And why?") refers to the turn before.
MIN_OWN_WORDS = 4
# After this many failures, or interruptions of the process, a question is answered without a model.
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage, and the part of it that is quoted."""

    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    Attributes:
        text: plain text; empty if there are only excerpts.
        method: llm or extractive.
        sources: the passages that support it, or those closest to the question.
        notes: keys of the texts that qualify the answer, in order.
    """

    text: str
    method: str
    sources: tuple[CitedPassage, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def source_ids(self) -> list[str]:
        return [source.passage.id for source in self.sources]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that an answer may be based on."""

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
        kept: returns a page's text if it is stored.
        fetch: returns a page's text, and fetches it again if necessary.
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

    @property
    def has_model(self) -> bool:
        """Whether the model writes answers, which takes longer than excerpts."""
        return self._model.has_key

    async def answer(
        self, question: Question, partial: PartialAnswer | None = None
    ) -> Answer | None:
        """The answer; None if the story no longer exists.

        Raises:
            OUTAGES: PostgreSQL is unavailable.
        """
        subject = await store.subject(self._pool, question.story_id)
        if subject is None:
            return None
        material = await self._material(subject)
        if not material.passages:
            return Answer("", EXTRACTIVE, notes=("ask.nothing_to_read",))
        turns = await store.turns_before(self._pool, question, REMEMBERED_TURNS)
        query = _query(question.question, turns)
        try:
            answer = await self._by_model(question, material, turns, query, partial)
        except ModelError as error:
            return _excerpts(material, query, _note(error.outcome))
        return answer or _excerpts(material, query, "ask.unsupported")

    async def _material(self, subject: Subject) -> Material:
        texts = [plain_text(subject.text)] if subject.text else []
        notes = []
        is_read = subject.article_state == "read"
        if is_read:
            text = await self._kept(subject.id)
            if text is None and (text := await self._fetch(subject.id)):
                notes.append("ask.fetched_again")
            texts += [text] if text else []
        if subject.url and not texts:
            notes.append("ask.page_is_gone" if is_read else "ask.page_not_read")
        placed = await comments_of(self._pool, subject.id)
        comments = of_comments([one.comment for one in placed])
        return Material(subject, of_text("\n\n".join(texts)), comments, notes)

    async def _by_model(
        self,
        question: Question,
        material: Material,
        turns: Sequence[Turn],
        query: str,
        partial: PartialAnswer | None,
    ) -> Answer | None:
        """The model's answer; None if the passages support no part of it.

        Raises:
            ModelError: there is none.
        """
        if question.attempts > MAX_ATTEMPTS:
            raise ModelError(Outcome.SERVER_ERROR, "too many attempts")
        shown = [
            *chosen(material.page, query, characters=MAX_OF_THE_PAGE, first=FIRST_PASSAGES),
            *chosen(material.comments, query, characters=MAX_OF_THE_COMMENTS, first=FIRST_COMMENTS),
        ]
        asked = prompts.question_message(
            material.subject.title,
            [(passage.id, passage.text) for passage in shown],
            question.question[: store.MAX_QUESTION],
        )
        messages: list[PromptMessage] = []
        for turn in turns:
            messages += [("user", turn.question), ("assistant", turn.answer)]
        listening = {}
        if partial is not None:
            partial.begin(lambda text: _supported(text, question.question, material.subject, shown))
            listening["listener"] = partial.receive
        said = await self._model.ask(
            "question",
            prompts.QUESTION,
            [*messages, asked],
            prompts.answer_shape([passage.id for passage in shown]),
            max_tokens=prompts.ANSWER_TOKENS,
            story_id=question.story_id,
            payer=question.payer,
            **listening,
        )
        if not said.answer.strip():
            raise ModelError(Outcome.NONSENSE, "the answer is empty")
        text = await asyncio.to_thread(
            _supported, said.answer, question.question, material.subject, shown
        )
        if not text:
            return None
        known = {passage.id: passage for passage in shown}
        named = [known[one] for one in dict.fromkeys(said.sources) if one in known]
        sources = [_source(one, text, material.subject) for one in named[:MAX_SOURCES]]
        notes = material.notes
        if not sources:
            sources = _closest(material, f"{query} {text}")
            notes = [*notes, "ask.no_source"]
        return Answer(text, LLM, tuple(sources), tuple(notes))


def _supported(answer: str, question: str, subject: Subject, shown: Sequence[Passage]) -> str:
    """The answer without sentences that are unsupported or off topic; paragraphs are kept."""
    source = "\n".join([subject.title, subject.site or "", *(one.text for one in shown)])
    faithful = SourceFilter(source, subject.site, contacts=_of_the_page(shown))
    parts = [SourcePart(one.text, one.author or "") for one in shown]
    checked = SentenceFilter(parts, "", prompts.QUESTION, language_of(question) or ENGLISH)
    kept: list[str] = []
    room = MAX_ANSWER
    for paragraph in answer.split("\n"):
        sentences = faithful.allowed(paragraph)[:MAX_SENTENCES]
        told = whole(checked.kept(sentences, before=kept, answers=True), MAX_ANSWER)
        room -= len(told)
        if kept and room < 0:
            break
        if told:
            kept.append(told)
    return "\n\n".join(kept)


def _excerpts(material: Material, query: str, note: str) -> Answer:
    if closest := _closest(material, query):
        introduced = "ask.excerpts"
    else:
        introduced, closest = _beginning(material, query)
    shown = tuple(one for one in closest if one.quote)
    return Answer("", EXTRACTIVE, shown, (note, *material.notes, introduced))


def _beginning(material: Material, query: str) -> tuple[str, list[CitedPassage]]:
    """The first passage that may be shown, and the text that introduces it."""
    for introduced, passages in (
        ("ask.no_excerpts", material.page),
        ("ask.no_excerpts_of_comments", material.comments),
    ):
        first = [_source(one, query, material.subject) for one in passages[:1]]
        if any(one.quote for one in first):
            return introduced, first
    return "ask.nothing_close", []


def _closest(material: Material, query: str) -> list[CitedPassage]:
    """The most relevant quotes, those of the best passages first."""
    passages = material.passages
    worth = scores([one.text for one in passages], query)
    best = sorted(range(len(passages)), key=lambda n: (-worth[n], n))
    sources = (_source(passages[n], query, material.subject) for n in best if worth[n] > 0)
    speaking = (one for one in sources if any(scores([one.quote], query)))
    return list(islice(speaking, MAX_SOURCES))


def _of_the_page(passages: Sequence[Passage]) -> str:
    return "\n".join(one.text for one in passages if one.comment_id is None)


def _source(passage: Passage, about: str, subject: Subject) -> CitedPassage:
    """The sentences of a passage that are most relevant to `about` and may be shown."""
    faithful = SourceFilter(passage.text, subject.site, contacts=_of_the_page([passage]))
    allowed = [one for one in split(passage.text) if faithful.allows(one)]
    long = [one for one in allowed if len(one.split()) >= MIN_WORDS_OF_A_QUOTE]
    # A heading is not quoted as if it were the beginning of the sentence below it.
    sentences = list(filter(_SENTENCE_END.search, long)) or long or allowed
    if not sentences:
        return CitedPassage(passage, "")
    worth = scores(sentences, about)
    best = max(range(len(sentences)), key=lambda n: (worth[n], -n))
    return CitedPassage(passage, at_most(sentences[best:], MAX_QUOTE))


def _query(question: str, turns: Sequence[Turn]) -> str:
    if len(distinctive_words(question)) >= MIN_OWN_WORDS or not turns:
        return question
    return f"{question} {turns[-1].question} {turns[-1].answer}"


def _note(outcome: Outcome) -> str:
    """The key of the text that explains why the model did not answer."""
    match outcome:
        case Outcome.NO_KEY:
            return "ask.no_key"
        case Outcome.OVER_BUDGET:
            return "ask.over_budget"
        case Outcome.OVER_SHARE:
            return "ask.over_share"
        case Outcome.REFUSED:
            return "ask.refused"
        case _:
            return "ask.no_answer"
