"""What the simulated model writes of the material in a prompt: sentences of it, as they are.

A summary is its first sentences, an answer the ones that share most with the question, and a
discussion what its comments say, quoted where they speak for themselves.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

MAX_SENTENCES, MAX_POINTS, MAX_CHARACTERS = 2, 4, 240
# Of a contradiction, which a digest shows in one line.
MAX_OF_A_SIDE = 110
MIN_WORDS, MIN_LETTERS, STEM = 5, 4, 5
# An answer's further sentences have at least this share of the best one's overlap.
MIN_SHARE = 0.6
# No comment has this id; models sometimes invent one.
INVENTED_ID = 999_999_999_999
NOTHING = "The passages say nothing about that."
_PART = re.compile(
    r'<(title|text|passage|comment|question)(?: id="(\w+)")?(?: replies_to="(\d+)")?>'
    r"\n(.*?)\n</\1>",
    re.DOTALL,
)
_SENTENCE = re.compile(r"[^\s.!?][^.!?]*(?:[.!?](?=[\w\"”’)])[^.!?]*)*[.!?][\"”’)]*")
_WORD = re.compile(r"[^\W_]+")
_LEANS = re.compile(
    r"(?:he|she|they|it|its|this|that|these|those|his|her|their|and|but|or|so|then|also|however"
    r"|instead|there|here|what|which|yes|no|such|you)\b",
    re.IGNORECASE,
)
_SPEAKS_OF_ITSELF = re.compile(r"\b(?:I|[Mm][ey]|[Mm]ine|[Ww]e|us|[Oo]urs?)\b")
# Words that begin a sentence with a capital, and are no names.
_LOWERED = re.compile(
    r"(?:The|An?|In|If|People|Nobody|Every|Everybody|One|Most|Some|For|With)\b|\d"
)
_CONTRADICTS = re.compile(
    r"\b(?:disagree|but|however|wrong|instead|not|never|nobody|rather)\b|n['’]t\b", re.IGNORECASE
)
# Words of so many letters that every text has.
_COMMON = re.compile(
    "about|after|again|also|been|before|being|could|does|done|from|have|here|into|just|like|many"
    "|more|most|much|only|other|over|said|same|should|some|such|than|that|their|them|then|there"
    "|these|they|this|those|through|very|want|were|what|when|where|which|while|whom|whose|will"
    "|with|would|your"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A text between tags: its kind, its id, and the id that a comment answers."""

    kind: str
    id: str
    parent: str
    text: str

    @property
    def sentences(self) -> list[str]:
        return sentences_of(self.text)


def extracted(title: str, source: str) -> Json:
    """The fields of an answer of the shape with this title; none for shapes without material."""
    parts = [Part(*found.groups("")) for found in _PART.finditer(source)]
    by_kind = {
        kind: [one for one in parts if one.kind == kind]
        for kind in ("title", "text", "passage", "comment", "question")
    }
    if title in ("StorySummary", "ArticleSummary") and by_kind["text"]:
        return _summary(by_kind["title"], by_kind["text"][-1])
    if title == "ModelAnswer" and by_kind["question"]:
        return _answer(by_kind["question"][-1].text, by_kind["passage"])
    if title == "DiscussionSummary" and by_kind["comment"]:
        return _discussion(by_kind["comment"])
    return {}


def sentences_of(text: str) -> list[str]:
    """The sentences of several words that are no questions."""
    found = (one.strip() for line in text.split("\n") for one in _SENTENCE.findall(line))
    return [one for one in found if len(one.split()) >= MIN_WORDS and not one.endswith("?")]


def standing(sentences: Sequence[str]) -> list[str]:
    """Those that can be understood alone, and said by somebody else."""
    return [
        one
        for one in sentences
        if len(one) <= MAX_CHARACTERS
        and (one[0].isupper() or one[0].isdigit())
        and not _LEANS.match(one)
        and not _SPEAKS_OF_ITSELF.search(one)
    ]


def _summary(titles: Sequence[Part], text: Part) -> Json:
    sentences = text.sentences
    told = standing(sentences) or sentences
    if not told:
        return {}
    rest = told[MAX_SENTENCES:]
    # The last sentence too, where injected orders may stand.
    points = [*rest[:: max(1, len(rest) // MAX_POINTS)][: MAX_POINTS - 1], *rest[-1:]]
    titled = _stems(" ".join(one.text for one in titles))
    spoken = Counter(
        one.lower() for one in _WORD.findall(text.text) if one[:STEM].lower() in titled
    )
    return {
        "summary": " ".join(told[:MAX_SENTENCES]),
        "key_points": list(dict.fromkeys(points)),
        "topics": [word for word, _ in spoken.most_common(2)],
    }


def _answer(question: str, passages: Sequence[Part]) -> Json:
    """The sentences that share most with the question, those of one passage in one paragraph."""
    placed = [(part, one) for part in passages for one in part.sentences]
    weights = _weights([one for _, one in placed])
    asked = _stems(question)
    worth = [sum(weights[stem] for stem in asked & _stems(one)) for _, one in placed]
    best = max(worth, default=0.0)
    if not best:
        return {"answer": NOTHING, "sources": [part.id for part in passages[:1]]}
    ranked = sorted(range(len(placed)), key=lambda n: (-worth[n], n))[: MAX_SENTENCES + 1]
    chosen = [placed[n] for n in sorted(ranked) if worth[n] >= MIN_SHARE * best]
    told: dict[str, list[str]] = {}
    for part, sentence in chosen:
        own = part.id.startswith("p") and not _SPEAKS_OF_ITSELF.search(sentence)
        told.setdefault(part.id, []).append(sentence if own else _quoted(part, sentence))
    return {
        "answer": "\n\n".join(" ".join(sentences) for sentences in told.values()),
        "sources": list(told),
    }


def _quoted(part: Part, sentence: str) -> str:
    who = "The author writes" if part.id.startswith("p") else "A commenter writes"
    return f"{who}: “{_unquoted(sentence)}”"


def _unquoted(sentence: str) -> str:
    return sentence.translate({ord(mark): None for mark in '“”"'})


def _discussion(comments: Sequence[Part]) -> Json:
    """The most central sentence, further ones, and a comment with one that contradicts it."""
    placed = [(part, one) for part in comments for one in standing(part.sentences)]
    if not placed:
        return {}
    weights = _weights([one for _, one in placed])
    likes = [[_likeness(one, other.text, weights) for other in comments] for _, one in placed]
    ranked = sorted(range(len(placed)), key=lambda n: (-sum(likes[n]), n))
    agreements = []
    for n in ranked[1:3]:
        part, sentence = placed[n]
        others = sorted(range(len(comments)), key=lambda m: (-likes[n][m], m))
        second = next((comments[m].id for m in others if comments[m] is not part), part.id)
        ids = [*sorted({int(part.id), int(second)}), INVENTED_ID]
        agreements.append({"text": sentence, "comment_ids": ids})
    told = [placed[n][1] for n in ranked[:3]]
    return {
        "line": told[0],
        "agreements": agreements,
        "disagreements": _contradictions(comments, weights, told),
    }


def _other_than(told: Sequence[str], comment: Part) -> list[str]:
    found = (_unquoted(one) for one in standing(comment.sentences) if one not in told)
    return [one for one in found if len(one) <= MAX_OF_A_SIDE]


def _contradictions(
    comments: Sequence[Part], weights: Mapping[str, float], told: Sequence[str]
) -> list[Json]:
    """The comment and the contradicting reply whose sentences share most."""
    by_id = {one.id: one for one in comments}
    best, found = -1.0, []
    for reply in comments:
        said = by_id.get(reply.parent)
        for first in _other_than(told, said) if said else ():
            for second in _other_than(told, reply):
                worth = _likeness(first, second, weights)
                against = _CONTRADICTS.search(second) and _LOWERED.match(second)
                if said and against and worth > best:
                    replied = f"{second[0].lower()}{second[1:]}"
                    text = f"One commenter writes “{first[:-1]}”, and another answers “{replied}”"
                    ids = [int(said.id), int(reply.id)]
                    best, found = worth, [{"text": text, "comment_ids": ids}]
    return found


def _stems(text: str) -> set[str]:
    words = (one.lower() for one in _WORD.findall(text))
    return {
        one[:STEM]
        for one in words
        if one[0].isdigit() or (len(one) >= MIN_LETTERS and not _COMMON.fullmatch(one))
    }


def _weights(sentences: Sequence[str]) -> dict[str, float]:
    """Rare words count more."""
    number = Counter(stem for one in sentences for stem in _stems(one))
    return {stem: math.log(1 + len(sentences) / count) for stem, count in number.items()}


def _likeness(sentence: str, text: str, weights: Mapping[str, float]) -> float:
    return sum(weights.get(stem, 0.0) for stem in _stems(sentence) & _stems(text))
