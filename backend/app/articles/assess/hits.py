"""Finds the phrases of each outcome in a text."""

from __future__ import annotations

import re
from collections import defaultdict

from app.articles.assess import site_words
from app.articles.assess.language import is_english
from app.articles.assess.outcomes import PageOutcome
from app.articles.assess.phrases import normalised, phrases_in, unquoted
from app.text.language_words import alternatives
from app.text.sentences import CLOSING_MARKS, SPACED_MARKS, UNSPACED_MARKS, split
from app.text.words import count_words

# The parts of a long text that are searched: walls are short, and prompts are at the end.
MAX_BEGINNING, MAX_END = 12_000, 4_000
# A line of an article with this many consent phrases is a cookie notice.
MIN_CONSENT_PHRASES = 2
# A wall with this many words contains more than one of its phrases.
MIN_WORDS_OF_SEVERAL = 80
# A teaser has at least this many words.
MIN_TEASER_WORDS = 25
# After this many sentences with phrases, what follows is no beginning of the article.
MIN_OFFERS_BEFORE = 3
# A sentence with this many words of offers is an offer.
MIN_OFFERED = 2
# A sentence that is neither a heading nor a price nor a reference.
_PROSE = re.compile(
    r"^(?!.{0,80}\((?:19|20)\d\d\))(?!.*(?:[$€£¥₽₺]\s?\d|\d\s?"
    rf"(?:[$€£¥₽₺]|{alternatives('pages.currencies')}|kr|EUR|TL)\b|charged))"
    rf"(?:.{{30,}}[{SPACED_MARKS}]|.{{8,}}[{UNSPACED_MARKS}])[{CLOSING_MARKS}]*$",
    re.IGNORECASE,
)


class Hits:
    """The phrases of a text by outcome, and the share of the text that their sentences take."""

    def __init__(self, text: str) -> None:
        self.words = count_words(text)
        if len(text) > MAX_BEGINNING + MAX_END:
            text = f"{text[:MAX_BEGINNING]}\n{text[-MAX_END:]}"
        self._found = phrases_in(unquoted(text))
        self._phrases: dict[PageOutcome, set[str]] = defaultdict(set)
        self._covered: dict[PageOutcome, int] = defaultdict(int)
        self._length = 0
        if self._found:
            for sentence in split(text):
                self._count(unquoted(sentence))

    def _count(self, sentence: str) -> None:
        self._length += len(sentence)
        covered: dict[PageOutcome, set[int]] = defaultdict(set)
        for phrase in sorted(self._found, key=lambda one: -len(one.words)):
            if not phrase.occurs(sentence):
                continue
            outcome, start = PageOutcome(phrase.outcome), sentence.find(phrase.parts[0])
            place = set(range(start, start + len(phrase.parts[0])))
            # Overlapping ones count once: "subscribe to continue" and "to continue reading".
            if not place & covered[outcome]:
                self._phrases[outcome].add(phrase.words)
            covered[outcome] |= place
        for outcome in covered:
            self._covered[outcome] += len(sentence)

    def phrases(self, outcome: PageOutcome) -> set[str]:
        return self._phrases.get(outcome, set())

    def share(self, outcome: PageOutcome) -> float:
        """The share of the text that the outcome's sentences take, between 0 and 1."""
        return self._covered.get(outcome, 0) / self._length if self._length else 0.0

    def own_words(self, outcome: PageOutcome) -> float:
        """The number of words outside the outcome's sentences."""
        return self.words * (1 - self.share(outcome))

    def weight(self, outcome: PageOutcome) -> float:
        """The weight of the phrases for the outcome, which grows with their share of the text."""
        number, share = len(self.phrases(outcome)), self.share(outcome)
        if not number:
            return 0.0
        if number == 1 and self.words >= MIN_WORDS_OF_SEVERAL:
            return 1.0 if share >= 0.25 else 0.0
        if share >= 0.5:
            return 2.0 + min(number - 1, 2) / 2
        if share >= 0.25:
            # A single sentence that addresses the reader does not make a wall.
            return 0.5 if number == 1 else 1.0 + min(number - 1, 2) / 2
        if share >= 0.15 and number >= 4:
            return 2.0
        return 0.5 if share >= 0.1 or number >= 3 else 0.0

    def without(self, outcome: PageOutcome, text: str, number: int) -> str:
        """`text` without the sentences that have at least `number` phrases of the outcome."""
        known = [phrase for phrase in self._found if phrase.outcome == outcome]
        if len(known) < number:
            return text
        lines = []
        for line in text.split("\n"):
            words = normalised(line)
            if sum(phrase.occurs(words) for phrase in known) < number:
                lines.append(line)
            elif kept := [
                one
                for one in split(line)
                if sum(phrase.occurs(normalised(one)) for phrase in known) < number
            ]:
                lines.append(" ".join(kept))
        return "\n".join(lines).strip()

    def words_behind(self, outcome: PageOutcome, text: str) -> int:
        """The number of words of prose after the last sentence with a phrase of the outcome."""
        known = [phrase for phrase in self._found if phrase.outcome == outcome]
        words = 0
        for sentence in split(text):
            if any(phrase.occurs(normalised(sentence)) for phrase in known):
                words = 0
            elif _PROSE.search(sentence):
                words += count_words(sentence)
        return words

    def teaser(self, outcome: PageOutcome, text: str) -> str:
        """The part of the article that a page shows before its wall.

        It is the longest stretch of prose without a phrase of the outcome or several of its words,
        with everything before it. Everything after it belongs to the wall.
        """
        known = [phrase for phrase in self._found if phrase.outcome == outcome]
        english = is_english(text, "")
        lines: list[str] = []
        best, best_words, words, offers = 0, 0, 0, 0
        for line in text.split("\n"):
            for sentence in split(line):
                if any(phrase.occurs(normalised(sentence)) for phrase in known):
                    words = 0
                    offers += 1
                    continue
                if _offers(sentence, english=english):
                    words = 0
                words += count_words(sentence) if _PROSE.search(sentence) else 0
                lines.append(sentence)
                if words > best_words and offers < MIN_OFFERS_BEFORE:
                    best, best_words = len(lines), words
            lines.append("\n")
        if best_words < MIN_TEASER_WORDS:
            return ""
        return "\n".join(part.strip() for part in " ".join(lines[:best]).split("\n")).strip()


def _offers(sentence: str, *, english: bool) -> bool:
    """Whether a sentence speaks of what to pay, or how to sign in, rather than of the story."""
    said = site_words.subjects_in(sentence, english=english)
    return max(said.get("payment", 0), said.get("account", 0)) >= MIN_OFFERED
