"""Recognises stories whose titles explain words that would otherwise indicate a wall."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.articles.assess.outcomes import PageOutcome

_TOPICS: Mapping[PageOutcome, re.Pattern[str]] = {
    outcome: re.compile(
        # About the web itself and its failures.
        rf"\b(?:{words}|http|status\ codes?|error\ pages?|[45]\d\d)\b",
        re.IGNORECASE | re.VERBOSE,
    )
    for outcome, words in {
        PageOutcome.ROBOT_CHECK: r"""
            \w*captcha\w* | (?:ro)?bots? | crawl\w* | scrap(?:ers?|ing) | cloudflare | anubis | waf
            | block(?:ed|ing|s)? | firewalls? | ddos | access\ denied | proof.of.work
        """,
        PageOutcome.CONSENT: r"""
            cookies? | consent | gdpr | dsgvo | rgpd | banners? | track(?:ing|ers?) | privacy
        """,
        PageOutcome.SIGN_IN: r"""
            \w*log.?ins? | sign.?(?:ins?|ups?) | passwor[dt]\w* | passkeys? | accounts? | auth\w*
            | oauth | sso | 2fa | members?(?:hips?)?
            | (?:an|ab)meld\w* | einlogg\w* | (?:benutzer)?kont(?:o|en)
            | contraseñas? | cuentas? | mots?\ de\ passe | comptes?
        """,
        PageOutcome.PAYWALL: r"""
            pay.?wall\w* | subscri\w+ | abos? | newsletters? | journalis\w+ | members?(?:hips?)?
            | bezahlschranken? | abonn\w+ | suscri\w+ | muros?\ de\ pago
        """,
        PageOutcome.NOT_FOUND: r"""
            404s? | not\ found | (?:dead|broken)\ links? | link\ rot | deleted | gone
            | nicht\ gefunden | no\ encontrad\w | introuvables?
        """,
        PageOutcome.ERROR: r"""
            errors? | outages? | (?:is|are|was|goes|went)\ down | downtime | maintenance
            | incidents? | javascript | browsers? | crash\w* | post.?mortem
            | fehler\w* | ausfall\w* | ausgefallen | wartung\w* | caíd[ao]s? | erreurs? | pannes?
        """,
        PageOutcome.PARKED: r"domains? | dns | registrars?",
    }.items()
}
_PRODUCT = re.compile(r"^(?:show|launch) hn\b", re.IGNORECASE)


def is_topic_of(outcome: PageOutcome, title: str) -> bool:
    """Whether a story's title is about the subject of an outcome's pages."""
    topic = _TOPICS.get(outcome)
    return topic is not None and topic.search(title) is not None


def is_product(title: str) -> bool:
    """Whether a story shows its author's product, so that the page offers it."""
    return _PRODUCT.match(title) is not None
