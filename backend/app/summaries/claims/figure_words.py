"""Words around figures that determine the kind of the figure, in four languages."""

from __future__ import annotations

from app.summaries.claims.figures import ABOUT, OVER, UNDER

_WORDS = {
    # "half a metre"
    "half_a": """
half halbe halben halber halbes medio media demi
""",
    # between a number and its half or unit
    "of_a": """
of a an the de un una une d
""",
    # months that are also other words
    "doubtful_months": """
may march mar mars jan sep august avril
""",
    # words before a month
    "before_months": """
in on since until till by of from before after early late mid during last next im seit bis am ab
vor nach ende anfang mitte en desde hasta de a para entre between and to through
""",
    # after these, "a week" is a duration
    "duration_prepositions": """
after within for in than over nearly almost about around by under of last past next first another
lasted takes took nach binnen innerhalb seit fast etwa rund über vor von um als dauerte tras en
durante casi hace dentro de pendant après dans with credited one at close to zu
""",
    # after these, a unit of time is a frequency
    "per": """
per a an each every / pro je jede jeden jedes jeder cada al por par im
""",
    # words that are not nouns counted by a number
    "no_nouns": """
to and or of in on at by for from with the a an that which who is are was were has have had versus
through instead rather without as than but when while because since so not only also more less up
down under over after before until between per each every against bis und oder von im am auf zu
zum zur der die das den dem des ist sind war waren hat haben als wie mit für nach vor aus bei um
gegen y o de del la el los las en con por para al que es son fue et ou du le les à
""",
}
HALF_A = frozenset(_WORDS["half_a"].split())
OF_A = frozenset(_WORDS["of_a"].split())
DOUBTFUL_MONTHS = frozenset(_WORDS["doubtful_months"].split())
BEFORE_MONTHS = frozenset(_WORDS["before_months"].split())
DURATION_PREPOSITIONS = frozenset(_WORDS["duration_prepositions"].split())
PER = frozenset(_WORDS["per"].split())
NO_NOUNS = frozenset(_WORDS["no_nouns"].split())
# A change by an amount, and a change to an amount; German uses "um" and "auf".
BY = frozenset(("by", "um", "another"))
TO = frozenset(("to", "auf"))
FROM = frozenset(("von", "de", "desde"))
# "A day later" is a duration.
_LATER = "later earlier before after ago on long old später zuvor danach después antes"
LATER = frozenset(_LATER.split())
# These words mean nothing else than a frequency; "a", "in der" and others may also mean a duration.
ALWAYS_PER = frozenset(("per", "/", "pro", "por", "par", "je"))
EACH = frozenset(("each", "every", "jede", "jeden", "jedes", "jeder", "cada"))
# How verbs of rising and falling begin.
_CHANGING = """
rise rising rose risen fall fell drop cut grow grew increas decreas reduc lower rais jump climb
narrow slip slid sag tumbl plung soar surg widen swell went slump shrink shrank declin steig stieg
sank sink gesunken gestiegen fiel senk gesenk erhöh sub baj aument reduj redu cay creci
"""
CHANGING = tuple(_CHANGING.split())

_APPROXIMATE = {
    ABOUT: "about around roughly approximately approx circa ca some near ~ rund etwa ungefähr "
    "unos unas aproximadamente alrededor environ quelque cerca zirka",
    OVER: "over above exceeding than gut mehr über plus más least mindestens menos beyond "
    "superior upwards",
    UNDER: "nearly almost under below knapp fast beinahe casi presque weniger unter close most "
    "höchstens bis",
}
HEDGES = {word: kind for kind, words in _APPROXIMATE.items() for word in words.split()}
FRACTIONS = {
    "half": 1 / 2, "halves": 1 / 2, "hälfte": 1 / 2, "mitad": 1 / 2, "moitié": 1 / 2,
    "third": 1 / 3, "thirds": 1 / 3, "drittel": 1 / 3, "tercio": 1 / 3, "tercios": 1 / 3,
    "tercera": 1 / 3, "tiers": 1 / 3,
    "quarter": 1 / 4, "quarters": 1 / 4, "viertel": 1 / 4, "cuarto": 1 / 4, "cuartos": 1 / 4,
    "cuarta": 1 / 4, "quart": 1 / 4, "quarts": 1 / 4,
    "fifth": 1 / 5, "fifths": 1 / 5, "fünftel": 1 / 5, "quinto": 1 / 5, "quinta": 1 / 5,
    "sixth": 1 / 6, "sechstel": 1 / 6, "eighth": 1 / 8, "achtel": 1 / 8,
    "tenth": 1 / 10, "tenths": 1 / 10, "zehntel": 1 / 10, "décimo": 1 / 10,
}  # fmt: skip  # fmt: skip
_MONTHS = (
    "january jan januar jänner enero janvier",
    "february feb februar febrero février",
    "march mar märz marzo mars",
    "april apr abril avril",
    "may mai mayo",
    "june jun juni junio juin",
    "july jul juli julio juillet",
    "august aug agosto août",
    "september sept sep septiembre septembre",
    "october oct oktober octubre octobre",
    "november nov noviembre novembre",
    "december dec dezember diciembre décembre",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
ORDINALS = {
    word: float(number)
    for number, words in enumerate(
        (
            "second zweite zweiten zweiter zweites segundo segunda deuxième",
            "third dritte dritten dritter drittes tercer tercero tercera troisième",
            "fourth vierte vierten vierter viertes cuarto cuarta",
            "fifth fünfte fünften fünfter fünftes quinto quinta",
            "sixth sechste sechsten sechster sexto sexta",
            "seventh siebte siebten siebter séptimo séptima",
            "eighth achte achten achter octavo octava",
            "ninth neunte neunten neunter noveno novena",
            "tenth zehnte zehnten zehnter décimo décima",
        ),
        2,
    )
    for word in words.split()
}
