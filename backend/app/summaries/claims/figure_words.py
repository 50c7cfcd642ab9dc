"""Words around figures that determine the kind of the figure."""

from __future__ import annotations

from app.summaries.claims.figures import ABOUT, OVER, UNDER
from app.text import vocabulary

# "Half a metre".
HALF_A = vocabulary.words("claims.half_a")
# Between a number and its half or unit.
OF_A = vocabulary.words("claims.of_a")
# Months that are also other words, and words before a month.
DOUBTFUL_MONTHS = vocabulary.words("claims.doubtful_months")
BEFORE_MONTHS = vocabulary.words("claims.before_months")
# After these, "a week" is a duration.
DURATION_PREPOSITIONS = vocabulary.words("claims.before_durations")
# After these, a unit of time is a frequency.
PER = vocabulary.words("claims.per")
# These words mean nothing else than a frequency; "a" and others may also mean a duration.
ALWAYS_PER = vocabulary.words("claims.always_per")
EACH = vocabulary.words("claims.each")
# "Per" in two words; those that may be another preposition; those that may begin a date.
PER_AND_ARTICLE = vocabulary.phrases("claims.per_and_article")
UNSURE_PER = vocabulary.words("claims.unsure_per")
PER_OR_DATE = vocabulary.words("claims.per_or_date")
# Before a period they may mean one.
UNSURE_ARTICLES = vocabulary.words("claims.unsure_articles")
# Words that are not nouns counted by a number.
NO_NOUNS = vocabulary.words("claims.no_nouns")
# A change by an amount, and a change to an amount.
BY = vocabulary.words("claims.by")
TO = vocabulary.words("claims.to")
# Those that are also other words, by language: a change only after a number or a word.
TO_AFTER_A_NUMBER = vocabulary.words_by_language("claims.to_after_a_number")
FROM = vocabulary.words("claims.from")
TO_AFTER_FROM = vocabulary.words("claims.to_after_from")
# "A day later" is a duration.
LATER = vocabulary.words("claims.later")
# How verbs of rising and falling begin.
CHANGING = tuple(vocabulary.words("claims.changing"))
HEDGES = {
    word: kind
    for kind, key in ((ABOUT, "about"), (OVER, "over"), (UNDER, "under"))
    for word in vocabulary.words(f"claims.{key}")
}
# "More than", "less than", and "at least" in two words.
THAN = vocabulary.words("claims.than")
LESS = vocabulary.words("claims.less")
AT_LEAST = vocabulary.phrases("claims.at_least")
# "Three times as many".
MULTIPLES = vocabulary.words("claims.multiples")
FRACTIONS = {word: 1 / int(part) for word, part in vocabulary.meanings("claims.fractions").items()}
# The languages in which such a word is never an ordinal.
FRACTIONS_ARE_NOT_ORDINALS = vocabulary.by_language("claims.fractions_are_not_ordinals").keys()
HALVES = vocabulary.words("claims.halves")
ONE_AND_A_HALF = vocabulary.words("claims.one_and_a_half")
# "One and a half".
AND = vocabulary.words("claims.and")
A = vocabulary.words("claims.a")
# Words after "a third" that make it a fraction, and "a third of" something else.
BEHIND_FRACTIONS = vocabulary.words("claims.behind_fractions") | {""}
OF = vocabulary.words("claims.of")
# "Three quarters of a year".
OF_ONE = vocabulary.words("claims.of_one")
# "Nine in ten".
OUT_OF = vocabulary.words("claims.out_of")
# "Two hundred and thirty", "thirty and two".
AND_AFTER_HUNDREDS = vocabulary.words("claims.and_after_hundreds")
BETWEEN_TENS_AND_ONES = vocabulary.words_by_language("claims.between_tens_and_ones")
HUNDREDS = {word: float(n) for word, n in vocabulary.table("claims.hundreds").items()}
# Scales that do not multiply the number before them, and that are no number alone.
NO_MULTIPLIERS = vocabulary.words("claims.no_multipliers")
NO_NUMBERS = vocabulary.words("claims.no_numbers")
# Articles that stress the number.
ONE = vocabulary.words("claims.one")
# "Per cent", "parts per million".
PER_OF_PERCENT = vocabulary.words("claims.per_of_percent")
CENT_OF_PERCENT = vocabulary.words("claims.cent_of_percent")
PARTS_OF = vocabulary.words("claims.parts")
PER_OF_PARTS = vocabulary.words("claims.per_of_parts")
# "11 of March", "March of 2024".
DAY_TO_MONTH = vocabulary.words("claims.day_to_month") | {"."}
MONTH_TO_YEAR = vocabulary.words("claims.month_to_year") | {",", "."}
MONTHS = {
    word: number
    for names in vocabulary.by_language("claims.months").values()
    for number, listed in enumerate(names, 1)
    for word in listed.split()
}
ORDINALS = {word: float(n) for word, n in vocabulary.meanings("claims.ordinals").items()}
