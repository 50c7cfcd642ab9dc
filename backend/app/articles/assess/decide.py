"""Classifies a page by the sum of the evidence for and against each outcome.

Every piece of evidence adds a weight to an outcome. Evidence of an article (the story's title,
words of its own) is subtracted. What is measured of the whole page in any language (`signs.py`) is
added. An outcome with at least `THRESHOLD` is the page's.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from app.articles.assess import site_words
from app.articles.assess.case import MEDIUM_WORDS, MIN_WORDS, Case, PageVerdict
from app.articles.assess.evidence import (
    by_content,
    by_cookies,
    by_forms,
    by_headings,
    by_listing,
    by_markup,
    by_mechanics,
    by_messages,
    by_phrases,
    by_place,
    by_prices,
    by_status,
    by_title,
)
from app.articles.assess.hits import MIN_CONSENT_PHRASES, Hits
from app.articles.assess.language import are_comparable
from app.articles.assess.likelihood import likelihood_of_a_wall
from app.articles.assess.outcomes import WALLS, PageOutcome
from app.articles.assess.phrases import normalised
from app.articles.assess.related import (
    MIN_PROMISED,
    MIN_TITLE_WORDS,
    agreement_of,
    mentions_title,
    number_of_words,
    shared_part,
)
from app.articles.assess.signs import measure
from app.articles.assess.topics import is_product, is_topic_of
from app.text.words import count_words

THRESHOLD = 2.0
# More likely walls have no beginning of the article, but words about what to pay.
MAX_LIKELIHOOD_OF_A_TEASER = 1.0
LONG_WORDS, SHORT_WORDS = 300, 40
# This many linked headings are a list of other stories.
MIN_STORIES = 3
MIN_OWN_WORDS, MIN_OWN_WORDS_OF_THE_SHORTEST = 8, 20
# Outcomes whose phrases a product's own page also contains.
PRICED = frozenset((PageOutcome.PAYWALL, PageOutcome.SIGN_IN, PageOutcome.CONSENT))
_ABOUT_FAILURES = re.compile(
    r"//(?:status|docs?|developers?|api)\.|/(?:incidents?|docs?|documentation|reference)/"
)
# The heading of a release, and how many make a list of changes.
_RELEASE = re.compile(r"^\D{0,20}\d+\.\d+")
MIN_RELEASES = 2
# The beginning of a page, where it says what it is, in characters.
MAX_LEAD = 400


def decide(case: Case) -> PageVerdict:
    """Whether a page is the article, a part of it, or a wall in front of it."""
    document = case.document
    judged = case.text
    if document is not None:
        judged = "\n".join([*document.headings, case.text])
        if count_words(case.text) < MIN_WORDS:
            judged = " ".join(filter(None, (document.shown, document.offers))) or document.dialogs
    hits = Hits(judged)
    agreement = agreement_of(case)
    _gather(case, judged, hits, agreement)
    standing = {
        one: weight - _evidence_for_an_article(one, case, hits, agreement)
        for one, weight in case.weights.items()
    }
    best = max(standing, key=lambda one: standing[one], default=PageOutcome.ARTICLE)
    likely, likeliest = _likelihood(case)
    if standing.get(best, 0.0) <= 0.0 < likely:
        best = likeliest
    weight = standing.get(best, 0.0)
    why = "; ".join([f"{best} {weight:.1f}", f"signs {likely:+.1f}", *case.why])
    begins = weight >= THRESHOLD and likely <= MAX_LIKELIHOOD_OF_A_TEASER
    if teaser := _teaser(best, case, hits, agreement) if begins else "":
        return PageVerdict(PageOutcome.PARTIAL, teaser, why)
    if _lists_releases(case):
        likely = min(0.0, likely)
    elif best is PageOutcome.PAYWALL or case.unrelated:
        likely = max(0.0, likely)  # a paywall has the title and the markup of its article
    elif agreement >= 0.5 and best is not PageOutcome.SIGN_IN:
        likely = min(0.0, likely)  # other walls do not have its title
    if not case.failed and weight + likely < THRESHOLD:
        text = case.text
        if not is_topic_of(PageOutcome.CONSENT, case.expected.title):
            text = hits.without(PageOutcome.CONSENT, text, MIN_CONSENT_PHRASES)
        return PageVerdict(PageOutcome.ARTICLE, text, why)
    return PageVerdict(best, "", why, frozenset(hits.phrases(best)), case.marked)


def _gather(case: Case, judged: str, hits: Hits, agreement: float) -> None:
    """Collect all evidence."""
    if _is_article_nevertheless(case, hits, agreement):
        case.status = HTTPStatus.OK
    by_status(case)
    by_phrases(case, hits)
    if agreement < 0.5:
        lead = Hits(judged[:MAX_LEAD])
        for outcome in WALLS:
            if hits.words < MEDIUM_WORDS or len(lead.phrases(outcome)) > 1:
                case.add(outcome, 0.75 * lead.weight(outcome), "at the beginning")
    document = case.document
    if document is None:
        return
    by_markup(case, document, hits)
    by_cookies(case, document, hits)
    if agreement < 0.5:
        by_headings(case, document)
        by_mechanics(case, hits)
        by_listing(case, document)
        if not is_product(case.expected.title) and urlsplit(case.url).path not in ("", "/"):
            by_forms(case, document)
    by_prices(case, document, hits)
    by_title(case, document)
    by_place(case, document)
    by_messages(case, document)
    by_content(case, document, hits)
    offers = bool(hits.phrases(PageOutcome.PAYWALL) or hits.phrases(PageOutcome.SIGN_IN))
    listed = document.linked_headings >= MIN_STORIES and hits.words < LONG_WORDS
    if offers and listed and _is_beside_its_title(case):
        case.unrelated = True
        case.add(PageOutcome.PAYWALL, 2.0, "below the title only other stories")
    spoken = shared_part(case.expected.title, case.text)
    if not agreement and not spoken and not document.declares_article:
        for outcome in WALLS:
            if hits.weight(outcome) and hits.own_words(outcome) < LONG_WORDS:
                case.add(outcome, 0.5, "nothing of the story's title")


def _likelihood(case: Case) -> tuple[float, PageOutcome]:
    """How likely the page's signs make it a wall, and the kind of wall that its words indicate."""
    if case.document is None or case.failed or count_words(case.text) < MIN_WORDS:
        return 0.0, PageOutcome.ROBOT_CHECK
    signs = measure(case, case.document)
    outcome = site_words.OUTCOMES.get(signs.subject, PageOutcome.ROBOT_CHECK)
    return likelihood_of_a_wall(signs.values), outcome


def _teaser(outcome: PageOutcome, case: Case, hits: Hits, agreement: float) -> str:
    """The part of the article in front of a paywall or a sign-in; empty if there is none."""
    if case.failed or case.unrelated:
        return ""
    if outcome is PageOutcome.PAYWALL or (outcome is PageOutcome.SIGN_IN and agreement > 0):
        teaser = hits.teaser(outcome, case.text)
        return teaser if _is_of_the_story(case, teaser) else ""
    return ""


def _is_of_the_story(case: Case, teaser: str) -> bool:
    """Whether a teaser has a word of the story's title, where both are in one language."""
    document, title = case.document, case.expected.title
    if document is None or not are_comparable(title, teaser, document.language):
        return True
    return shared_part(title, teaser) != 0.0


def _is_beside_its_title(case: Case) -> bool:
    """Whether a text has no word of the story's title, apart from the title itself."""
    title = normalised(case.expected.title)
    lines = [line for line in case.text.split("\n") if normalised(line) not in title]
    return shared_part(title, "\n".join(lines)) == 0.0


def _lists_releases(case: Case) -> bool:
    """Whether a page is a list of changes, which has few sentences, under headings of versions."""
    headings = case.document.headings if case.document else []
    return sum(_RELEASE.search(one) is not None for one in headings) >= MIN_RELEASES


def _is_article_nevertheless(case: Case, hits: Hits, agreement: float) -> bool:
    """Whether a page is an article although its status says that it is gone, as on some hosts."""
    return (
        case.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
        and case.document is not None
        and agreement >= 0.5
        and hits.words >= SHORT_WORDS
        and (case.document.declares_article or hits.words >= MEDIUM_WORDS)
        and not hits.weight(PageOutcome.NOT_FOUND)
    )


def _evidence_for_an_article(
    outcome: PageOutcome, case: Case, hits: Hits, agreement: float
) -> float:
    """The evidence for an article, against an outcome."""
    if count_words(case.text) < MIN_WORDS or case.unrelated:
        return 0.0
    expected = 0.0 if case.failed or case.marked else _as_expected(outcome, case, hits)
    return expected + _by_words(outcome, case, hits, agreement)


def _as_expected(outcome: PageOutcome, case: Case, hits: Hits) -> float:
    """Whether the story's title explains words that would otherwise indicate a wall.

    A story about captchas mentions captchas, and a product's page has a price.
    """
    document, title = case.document, case.expected.title
    own = hits.without(outcome, case.text, 1)
    titles = f"{' '.join(document.titles)} {' '.join(document.headings)}" if document else ""
    named = shared_part(title, titles) or 0.0
    if is_topic_of(outcome, title) and count_words(own) >= MIN_OWN_WORDS:
        # A wall ends its page; a story that quotes walls goes on.
        goes_on = hits.words_behind(outcome, case.text) >= MIN_WORDS
        if named >= MIN_PROMISED:
            return 4.5 if goes_on else 3.0
        if goes_on and document is not None and document.declares_article:
            return 3.0
    # Pages about failures: incidents, and the documentation of errors.
    explained = outcome is PageOutcome.ERROR and _ABOUT_FAILURES.search(case.expected.url)
    if explained and case.url == case.expected.url and case.failed is False:
        return 3.0 if count_words(case.text) >= SHORT_WORDS else 0.0
    # The page at a site's root is not an article.
    product = is_product(title) or urlsplit(case.url).path in ("", "/")
    if product and named > 0 and outcome in PRICED and mentions_title(title, own):
        return 3.0
    return 0.0


def _by_words(outcome: PageOutcome, case: Case, hits: Hits, agreement: float) -> float:
    if case.failed or outcome in (PageOutcome.PAYWALL, PageOutcome.SIGN_IN):
        own = hits.own_words(outcome)
        return 1.5 if own >= 2 * LONG_WORDS and not case.failed else 0.0
    own = hits.own_words(outcome)
    if own >= LONG_WORDS:
        resistance = 1.5
    elif outcome is PageOutcome.CONSENT:  # which precedes any article, and has long lists
        besides = hits.without(outcome, case.text, 1)
        keeps = agreement >= 0.5 and count_words(besides) >= SHORT_WORDS
        return 2.5 if keeps and mentions_title(case.expected.title, besides) else 0.0
    else:
        resistance = 1.0 if own >= MEDIUM_WORDS else 0.0
    # A title alone is not an article.
    if own >= MIN_WORDS:
        resistance += 1.5 if agreement >= 0.5 else 0.5 if agreement > 0 else 0.0
        # The page has another title, but is about the story.
        spoken = shared_part(case.expected.title, case.text) or 0.0
        resistance += 1.0 if agreement < 0.5 <= spoken else 0.0
    elif own >= MIN_OWN_WORDS_OF_THE_SHORTEST and agreement >= 0.5:
        resistance += 1.0
    if own >= SHORT_WORDS and agreement > 0:
        resistance += 0.5
    if case.document is not None and case.document.declares_article:
        resistance += 0.5
    return resistance + (2.0 if _tells_the_story(case) else 0.0)


def _tells_the_story(case: Case) -> bool:
    """Whether the text has half of the words of the story's title, outside its headings."""
    title = case.expected.title
    if number_of_words(title) < MIN_TITLE_WORDS or case.document is None:
        return False
    headings = {normalised(one) for one in (*case.document.titles, *case.document.headings)}
    lines = [line for line in case.text.split("\n") if normalised(line) not in headings]
    return (shared_part(title, "\n".join(lines)) or 0.0) >= MIN_PROMISED
