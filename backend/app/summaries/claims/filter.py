"""Selects the model's sentences that may be shown to readers; used for all of its texts."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.languages import ENGLISH
from app.summaries.claims import form
from app.summaries.claims.check import Checker
from app.summaries.claims.evidence import Source, SourcePart
from app.summaries.claims.statement import Finding
from app.summaries.languages import is_in, language_of

log = logging.getLogger(__name__)

# A longer sentence is not worth its cost.
MAX_OF_A_SENTENCE = 700


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that is not shown, with the reason."""

    sentence: str
    verdict: Finding


class SentenceFilter:
    """Checks sentences against the model's prompt.

    Args:
        parts: an article as one part, or comments, each with its author.
        title: the story's title, which must not be repeated as a sentence.
        instructions: the model's instructions.
        language: the requested language; assumed for a source of unknown language.
    """

    def __init__(
        self, parts: list[SourcePart], title: str, instructions: str, language: str = ENGLISH
    ) -> None:
        text = "\n".join(part.text for part in parts)
        self.dropped: list[Dropped] = []
        self._source = Source(parts, language_of(text) or language, title)
        self._checker = Checker(self._source, language)
        self._title = title
        self._instructions = instructions
        self._language = language

    def kept(
        self,
        sentences: Iterable[str],
        *,
        cited: Collection[int] | None = None,
        before: Iterable[str] = (),
        answers: bool = False,
    ) -> list[str]:
        """The sentences that may be shown.

        Args:
            cited: the numbers of the parts that support them, if the model names them.
            before: texts shown beside them, which must not be repeated.
            answers: whether they answer a question; they may then say that the source does not.
        """
        found: list[str] = []
        said = list(before)
        follows: bool | None = None
        for sentence in sentences:
            if answers and form.states_an_absence(sentence):
                verdict = Finding()
            else:
                verdict = self.verdict(sentence, cited, answers=answers)
            if verdict.kept and form.repeats_sentence(sentence, said, self._language):
                verdict = Finding("repetition")
            # An answer may begin with whom the question has named.
            begins = answers and follows is None
            if verdict.kept and not begins and form.refers_back(sentence, follows=follows):
                verdict = Finding("reference")
            follows = verdict.kept
            if verdict.kept:
                found.append(sentence)
                said.append(sentence)
            else:
                self.dropped.append(Dropped(sentence, verdict))
                words = f"{verdict.reason} {verdict.detail}".strip()
                log.info("A sentence was dropped: %s", words, extra={"sentence": sentence})
        return found

    def verdict(
        self, sentence: str, cited: Collection[int] | None = None, *, answers: bool = False
    ) -> Finding:
        """Whether one sentence may be shown."""
        if len(sentence) > MAX_OF_A_SENTENCE:
            return Finding("length")
        source = self._source
        if flaw := form.find_flaw(sentence, source.text, source.author_names, answers=answers):
            return Finding("form", flaw)
        if not is_in(sentence, self._language):
            return Finding("language")
        if form.repeats_title(sentence, self._title, self._language):
            return Finding("title")
        if form.repeats_instructions(sentence, self._instructions, self._source.text):
            return Finding("instructions")
        return self._checker.verdict(sentence, cited)
