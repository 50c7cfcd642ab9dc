"""Finds the speaker that a sentence names, by verbs of saying."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SAYING = """
say says said saying tell tells told state states stated claim claims claimed argue argues argued
report reports reported note notes noted write writes wrote add adds added explain explains
explained believe believes believed think thinks thought admit admits admitted confirm confirms
confirmed deny denies denied warn warns warned insist insists insisted criticise criticises
criticised criticize criticizes criticized complain complains complained announce announces
announced suggest suggests suggested recommend recommends recommended advise advises advised
acknowledge acknowledges acknowledged concede concedes conceded predict predicts predicted worry
worries worried fear fears feared doubt doubts doubted suspect suspects suspected propose proposes
proposed demand demands demanded agree agrees agreed object objects objected oppose opposes
opposed mention mentions mentioned point points pointed reply replies replied respond responds
responded ask asks asked describe describes described call calls called consider considers
considered contend contends contended emphasise emphasised emphasize emphasized stress stresses
stressed stressing estimate estimates estimated assure assures assured reiterate reiterated
reiterates promise promises promised praise praises praised welcome welcomes welcomed caution
cautions cautioned hold holds held notify notifies notified express expressed find finds found
reject rejects rejected quote quoted remark remarks remarked sagt sagte sagen sagten erklärt
erklärte erklären erklärten meint meinte betont betonte behauptet behauptete berichtet berichtete
schreibt schrieb fordert forderte kritisiert kritisierte warnt warnte befürchtet befürchtete
glaubt glaubte bestätigt bestätigte bedauert bedauerte widerspricht widersprach vermutet vermutete
beklagt beklagte räumt lobt lobte bezeichnet bezeichnete verweist verwies begrüßt begrüßte
empfiehlt empfahl teilt teilte dijo dice dicen dijeron afirma afirmó aseguró asegura señaló señala
explicó explica declaró declara cree creen advirtió advierte criticó critica pidió pide anunció
anuncia recordó recuerda admitió admite negó niega confirmó confirma considera consideró propuso
propone recomienda recomendó lamentó denunció sostiene sostuvo descartó escribe escribió
"""
SAYING = frozenset(_SAYING.split())
# Those that are also nouns.
_ALSO_NOUNS = """
state states report reports claim claims note notes point points call calls hold holds find finds
estimate estimates object objects demand demands fear fears doubt doubts suspect suspects promise
promises praise stress quote worry caution express reply replies
"""
_NOUNS = frozenset(_ALSO_NOUNS.split())
_ACCORDING = re.compile(
    r"\b(?:laut|nach (?:ansicht|angaben|meinung|worten)(?: (?:des|der|von))?|gemäß)\s+"
    r"((?-i:(?:[a-zäöü]{3} )?(?:[A-ZÄÖÜ][\w.-]+(?:\s(?=[A-ZÄÖÜ]))?){1,5}|[\w.-]+))"
    r"|\b(?:according to|in the (?:view|opinion|words) of|según|en opinión de|selon|d'après)\s+"
    r"([^,;:.]{2,80}?)(?=,|;|:|\.|$|\s(?:who|which|that|there|sind|ist|hat|wird)\b)"
    r"|\b([\w.'’-]+(?:\s[\w.'’-]+){0,3}) zufolge\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:(?:several|many|most|some|all|other|multiple|various|numerous|a few|both|two|three)"
    r"\s+(?:of the\s+)?(?:\w+\s+)?(?:commenters?|users?|people|readers?|participants?|posters?"
    r"|others|respondents?|contributors?|members?)"
    r"|(?:commenters|users|readers|participants|posters|people|everyone|everybody|opinions)\s+"
    r"(?:\w+ly\s+)?(?:agree|say|think|argue|complain|praise|report|criticise|criticize|believe|note"
    r"|point|recommend|are|share|describe|mention|prefer|warn|find|discuss|debate|disagree)"
    r"|(?:general|broad|wide|widespread) (?:agreement|consensus)|consensus"
    r"|(?:mehrere|viele|einige|alle|die meisten)\s+(?:\w+\s+)?"
    r"(?:kommentatoren|nutzer|leser|teilnehmer)"
    r"|(?:varios|muchos|algunos|todos)\s+(?:\w+\s+)?(?:comentaristas|usuarios|lectores))\b",
    re.IGNORECASE,
)
_SHARED = re.compile(
    r"\b(?:agree\w*|consensus|disagree\w*|share[sd]?|experienc\w+|prefer\w*|solved?|raten|empfehl\w+"
    r"|commenters?|users?|readers?|kommentator\w*|nutzer|comentaristas|usuarios)\b",
    re.IGNORECASE,
)
_IMPERSONAL = re.compile(
    r"\s*(?:it|there|this|that|what|they|es|das)\b",
    re.IGNORECASE,
)
# "The report", "to call", "was described" are no speech of the subject's.
_NO_SUBJECTS = (
    "is are was were be been to the a an of by no wird wurde zu der die das el la los fue"
)
_NOT_SAYING = frozenset(_NO_SUBJECTS.split())
# After such a word of saying, it is a noun: "the state is", "a report of".
_VERBS = "is are was were be has have had will would can could must may might should of"
_AFTER_A_NOUN = frozenset(_VERBS.split())
_VERB_FIRST = re.compile(r",[\"”»]?\s+(?:so )?(\w+)\s+([^,;:]{2,80})[.!]?$")
_VERB_LAST = re.compile(r",[\"”»]?\s+((?:[\w.'’-]+\s+){1,5})(\w+)[.!]?$")
_WORD = re.compile(r"[\w@][\w.'’@-]*[\w]|\w")
MAX_WORDS_OF_A_SPEAKER = 9


@dataclass(frozen=True, slots=True)
class Speech:
    """The named speaker, in the claim's words."""

    who: str


def speaker(sentence: str) -> Speech | None:
    """The speaker of a sentence; None if there is none, or nobody in particular."""
    who = _according(sentence) or _before_verb(sentence) or _at_the_end(sentence)
    return Speech(who) if who and who.strip() and not _IMPERSONAL.match(who) else None


def _according(sentence: str) -> str | None:
    match = _ACCORDING.search(sentence)
    return next(filter(None, match.groups())) if match else None


def _before_verb(sentence: str) -> str | None:
    """ "The judges found that …": the words before the first verb of saying."""
    words = list(_WORD.finditer(sentence))
    for place, word in enumerate(words[: MAX_WORDS_OF_A_SPEAKER + 1]):
        if place and word[0].lower() in SAYING:
            before = words[place - 1][0].lower()
            if before in _NOT_SAYING:
                return None
            after = words[place + 1][0].lower() if place + 1 < len(words) else ""
            if after in _AFTER_A_NOUN and word[0].lower() in _NOUNS:
                continue
            if before in {"percentage", "data", "end", "starting", "sticking", "two", "three"}:
                continue
            return sentence[: word.start()].split(",", maxsplit=1)[0]
    return None


def _at_the_end(sentence: str) -> str | None:
    """ "…, said Haddad." and "…, Haddad said."."""
    if (match := _VERB_FIRST.search(sentence)) and match[1].lower() in SAYING:
        return match[2]
    if (match := _VERB_LAST.search(sentence)) and match[2].lower() in SAYING:
        return match[1]
    return None


def says(text: str) -> bool:
    """Whether a sentence has a verb of saying."""
    return any(word[0].lower() in SAYING for word in _WORD.finditer(text))


def about_several(sentence: str) -> bool:
    """Whether a sentence says that several people say something."""
    return _SEVERAL.search(sentence) is not None and (
        says(sentence) or _SHARED.search(sentence) is not None
    )
