"""Words around figures that determine the kind of the figure."""

from __future__ import annotations

from app.summaries.claims.figures import ABOUT, OVER, UNDER
from app.text import language_words

# "Half a metre".
HALF_A = language_words.words("claims.half_a")
# Between a number and its half or unit.
OF_A = language_words.words("claims.of_a")
# Months that are also other words, and words before a month.
DOUBTFUL_MONTHS = language_words.words("claims.doubtful_months")
BEFORE_MONTHS = language_words.words("claims.before_months")
# After these, "a week" is a duration.
DURATION_PREPOSITIONS = language_words.words("claims.before_durations")
# After these, a unit of time is a frequency.
PER = language_words.words("claims.per")
# These words mean nothing else than a frequency; "a" and others may also mean a duration.
ALWAYS_PER = language_words.words("claims.always_per")
EACH = language_words.words("claims.each")
# "Per" in two words; those that may be another preposition; those that may begin a date.
PER_AND_ARTICLE = language_words.phrases("claims.per_and_article")
UNSURE_PER = language_words.words("claims.unsure_per")
PER_OR_DATE = language_words.words("claims.per_or_date")
# Before a period they may mean one.
UNSURE_ARTICLES = language_words.words("claims.unsure_articles")
# Words that are not nouns counted by a number.
NO_NOUNS = language_words.words("claims.no_nouns")
# A change by an amount, and a change to an amount.
BY = language_words.words("claims.by")
TO = language_words.words("claims.to")
# Those that are also other words, by language: a change only after a number or a word.
TO_AFTER_A_NUMBER = language_words.words_by_language("claims.to_after_a_number")
FROM = language_words.words("claims.from")
TO_AFTER_FROM = language_words.words("claims.to_after_from")
# "A day later" is a duration.
LATER = language_words.words("claims.later")
# How verbs of rising and falling begin.
CHANGING = tuple(language_words.words("claims.changing"))
HEDGES = {
    word: kind
    for kind, key in ((ABOUT, "about"), (OVER, "over"), (UNDER, "under"))
    for word in language_words.words(f"claims.{key}")
}
# "More than", "less than", and "at least" in two words.
THAN = language_words.words("claims.than")
LESS = language_words.words("claims.less")
AT_LEAST = language_words.phrases("claims.at_least")
# "Three times as many".
MULTIPLES = language_words.words("claims.multiples")
_PARTS = language_words.meanings("claims.fractions")
FRACTIONS = {word: 1 / int(part) for word, part in _PARTS.items()}
# The languages in which such a word is never an ordinal.
FRACTIONS_ARE_NOT_ORDINALS = language_words.by_language("claims.fractions_are_not_ordinals").keys()
HALVES = language_words.words("claims.halves")
ONE_AND_A_HALF = language_words.words("claims.one_and_a_half")
# "One and a half".
AND = language_words.words("claims.and")
A = language_words.words("claims.a")
# Words after "a third" that make it a fraction, and "a third of" something else.
BEHIND_FRACTIONS = language_words.words("claims.behind_fractions") | {""}
OF = language_words.words("claims.of")
# "Three quarters of a year".
OF_ONE = language_words.words("claims.of_one")
# "Nine in ten".
OUT_OF = language_words.words("claims.out_of")
# "Two hundred and thirty", "thirty and two".
AND_AFTER_HUNDREDS = language_words.words("claims.and_after_hundreds")
BETWEEN_TENS_AND_ONES = language_words.words_by_language("claims.between_tens_and_ones")
HUNDREDS = {word: float(n) for word, n in language_words.table("claims.hundreds").items()}
# Scales that do not multiply the number before them, and that are no number alone.
NO_MULTIPLIERS = language_words.words("claims.no_multipliers")
NO_NUMBERS = language_words.words("claims.no_numbers")
# Articles that stress the number.
ONE = language_words.words("claims.one")
# "Per cent", "parts per million".
PER_OF_PERCENT = language_words.words("claims.per_of_percent")
CENT_OF_PERCENT = language_words.words("claims.cent_of_percent")
PARTS_OF = language_words.words("claims.parts")
PER_OF_PARTS = language_words.words("claims.per_of_parts")
# "11 of March", "March of 2024".
DAY_TO_MONTH = language_words.words("claims.day_to_month") | {"."}
MONTH_TO_YEAR = language_words.words("claims.month_to_year") | {",", "."}
MONTHS = {
    word: number
    for names in language_words.by_language("claims.months").values()
    for number, listed in enumerate(names, 1)
    for word in listed.split()
}
ORDINALS = {word: float(n) for word, n in language_words.meanings("claims.ordinals").items()}
