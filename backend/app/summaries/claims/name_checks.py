"""Checks that a claim's names and speakers belong to its statements.

A sentence that matches much better at a place without the name ("Okafor said" with what Brandt
said) was combined from two.
"""

from __future__ import annotations

import re

from app.summaries.claims import names
from app.summaries.claims.evidence import Sentence
from app.summaries.claims.fit import Fit
from app.summaries.claims.speakers import SAYING, about_several, says, speaker
from app.summaries.claims.statement import Finding
from app.summaries.claims.terms import Term
from app.summaries.claims.word_lists import STOPWORDS, WITH_CAPITALISED_NOUNS
from app.text.language_words import alternatives

# How much more of the claim a place that does not belong to the name may contain.
MAX_GAP, MAX_GAP_OF_A_SPEAKER, MAX_GAP_OF_AN_ADJECTIVE = 0.25, 0.5, 0.9
_ADJECTIVE = ("ese", "ish", "ian", "ean")
# The author as the speaker of a whole article.
_AUTHOR = re.compile(
    rf"(?:{alternatives('claims.author_articles')})?(?:\w+ )?(?:{alternatives('claims.authors')})",
    re.IGNORECASE,
)
# Who publishes an article in the first person.
_OWNER = re.compile(
    rf"(?:{alternatives('claims.owner_articles')})?(?:\w+ )?(?:{alternatives('claims.owners')})",
    re.IGNORECASE,
)
# "@maker/part", "snake_case", "acme-convert".
_CODE = re.compile(r"(?<![\w@/])@?[a-z][\w.]*(?:[/_-][\w.]+)+")
_CODE_HEAD = re.compile(r"@?[a-z][\w.]*[/_-]")
_ANSWERS = re.compile(
    rf"\b(?:{alternatives('claims.answers')})\W+(?:\w+\W+){{0,2}}$", re.IGNORECASE
)
MIN_LIKE = 0.8
MIN_OWN_SENTENCES = 3
# The least share of a claim about several commenters that each of them must say.
MIN_SHARE_OF_ONE = 0.5


def check_names(fit: Fit) -> Finding | None:
    """Each name must be in the source, and belong to the claim's statement."""
    if (wrong := _misspelt(fit) or _other_code(fit)) is not None:
        return Finding("name", wrong)
    for name in fit.claim.names:
        if not any(names.are_alike(name, other) for other in fit.source.names):
            if not _is_known(fit, name):
                return Finding("name", name)
            continue
        linked = [_is_about(fit, one, name) for one in fit.pool]
        gap = fit.gap(linked, *fit.claim.span_of_name(name))
        # Nouns may be capitalised too.
        loose = name.endswith(_ADJECTIVE) or fit.claim.language in WITH_CAPITALISED_NOUNS
        if gap > (MAX_GAP_OF_AN_ADJECTIVE if loose else MAX_GAP):
            return Finding("name", f"{name} elsewhere {gap:.2f}")
    return None


def _is_known(fit: Fit, name: str) -> bool:
    """Whether the source has a word written like a name: "the Web", "TF-IDF", "CFO"."""
    text = fit.source.text.casefold()
    if names.abbreviates(name, text) or name.replace("-", "") in text.replace("-", ""):
        return True
    passing = names.AFFIXES | STOPWORDS.get(fit.claim.language, frozenset())
    parts = [one for one in name.split("-") if len(one) > 1 and one not in passing]
    return all(
        fit.source.has_stem(one, fit.claim.language)
        or any(names.are_alike(one, other) for other in fit.source.names)
        for one in parts
    )


def _misspelt(fit: Fit) -> str | None:
    """A capitalised word that the source does not have, but nearly the same name."""
    for name in names.names_in(fit.claim.text):
        if fit.source.has_stem(name, fit.claim.language) or name in fit.source.text.casefold():
            continue
        if any(names.is_misspelt(name, other) for other in fit.source.names):
            return name
    return None


def _other_code(fit: Fit) -> str | None:
    """The name of a package or a program that is not in the source, where others like it are."""
    text = fit.source.text.casefold()
    is_ordinary = fit.claim.is_ordinary
    for match in _CODE.finditer(fit.claim.text):
        code = match[0].casefold().rstrip(".")
        head = _CODE_HEAD.match(code)
        if code in text or head is None or is_ordinary(head[0][:-1]):
            continue
        if re.search(rf"(?<![\w@/]){re.escape(head[0])}[\w.-]+", text):
            return code
    return None


def _is_about(fit: Fit, sentence: Sentence, name: str, *, said: bool = False) -> bool:
    """Whether a sentence has a name, refers back to it, or is in the first person by that author.

    With `said`, whether it may be a statement by the person of this name.
    """
    if any(names.are_alike(name, one) for one in sentence.names):
        return True
    source = fit.source
    if any(names.are_alike(name, one) for one in sentence.voices):
        return bool(source.authors[sentence.part]) or sentence.first_person
    if said and sentence.first_person and sentence.voices:
        return False
    foreign = sentence.names - set(fit.claim.names) - source.topics
    if said and foreign and says(sentence.text):
        return False
    return _points_to(fit, sentence, name) or (
        not foreign and any(names.are_alike(name, one) for one in source.topics)
    )


def _points_to(fit: Fit, sentence: Sentence, name: str) -> bool:
    """Whether a neighbouring sentence names the subject of the sentence."""
    source = fit.source
    before = source.before(sentence)
    if before is not None and (sentence.backward or not sentence.names):
        further = source.before(before) if before.backward else None
        if any(one is not None and _names(one, name) for one in (before, further)):
            return True
    after = source.after(sentence)
    foreign = sentence.names - set(fit.claim.names) - source.topics
    open_ended = not foreign and not says(sentence.text)
    if open_ended and after is not None and after.backward and _names(after, name):
        return True
    if not source.authors[sentence.part] or foreign:
        return False
    beside = [one for one in fit.pool if one.part == sentence.part]
    asked = source.asked(sentence.part)
    if _is_answered(fit, name) and any(name in one.voices for one in asked):
        return True
    return any(_names(one, name) for one in [*beside, *asked])


def _is_answered(fit: Fit, name: str) -> bool:
    """Whether a claim says that somebody agrees with, or answers, the person of a name."""
    before = fit.claim.text[: fit.claim.place_of(name)]
    return _ANSWERS.search(before) is not None


def _names(sentence: Sentence, name: str) -> bool:
    return any(names.are_alike(name, one) for one in sentence.names)


def check_speaker(fit: Fit) -> Finding | None:
    """A named speaker must have made the statement."""
    claim = fit.claim
    said = speaker(claim.text)
    if said is None or _AUTHOR.fullmatch(said.who.strip()):
        return None
    begin = claim.text.find(said.who)
    end = begin + len(said.who)
    role = [one for one in claim.terms if begin <= one.start < end]
    speakers = [one for one in claim.names if one in said.who.casefold()]
    if not speakers and _OWNER.fullmatch(said.who.strip()) and _speaks_for_itself(fit):
        return None
    if speakers:
        linked = [any(_is_about(fit, one, n, said=True) for n in speakers) for one in fit.pool]
    else:
        linked = [_is_by_role(fit, one, role) for one in fit.pool]
    if (not role and not speakers) or (not speakers and not any(linked)):
        return None
    gap = fit.gap(linked, begin, end, fades=False)
    return (
        Finding("speaker", f"{said.who.strip()} {gap:.2f}") if gap > MAX_GAP_OF_A_SPEAKER else None
    )


def _speaks_for_itself(fit: Fit) -> bool:
    """Whether an article speaks of "us", and the best place for the claim has no other speaker."""
    if any(fit.source.authors) or not fit.pool:
        return False
    own = sum(one.first_person and not says(one.text) for one in fit.source.sentences)
    best = max(range(len(fit.pool)), key=fit.held)
    return own >= MIN_OWN_SENTENCES and not says(fit.pool[best].text)


def _is_by_role(fit: Fit, sentence: Sentence, role: list[Term]) -> bool:
    """Whether a sentence, or the one it refers to, has a speaker such as "the union"."""
    before = fit.source.before(sentence) if sentence.backward else None
    return _has_role(fit, sentence, role) or (before is not None and _has_role(fit, before, role))


def _has_role(fit: Fit, sentence: Sentence, role: list[Term]) -> bool:
    likes = (fit.source.likeness(one) for one in role)
    found = [any(like.get(t.stem, 0.0) >= MIN_LIKE for t in sentence.terms) for like in likes]
    return 2 * sum(found) > len(role)


def check_several_speakers(fit: Fit) -> Finding | None:
    """If several people are said to say something, each of two must say a good part."""
    if not about_several(fit.claim.text) or not any(fit.source.authors):
        return None
    weights = [0.0 if one.text.lower() in SAYING else 1.0 for one in fit.claim.terms]
    authors = set()
    for part in {one.part for one in fit.pool}:
        places = [n for n, one in enumerate(fit.pool) if one.part == part]
        have = sum(
            w * max(row[n] for n in places) for w, row in zip(weights, fit.grid, strict=True)
        )
        if have >= MIN_SHARE_OF_ONE * sum(weights):
            authors.add(fit.source.authors[part])
    return None if len(authors) > 1 else Finding("speaker", "several")
