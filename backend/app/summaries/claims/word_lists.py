"""Lists of words by language."""

from __future__ import annotations

from app.text import language_words

# Words without content of their own.
STOPWORDS = language_words.words_by_language("claims.stopwords")
# The languages whose nouns are capitalised like names.
WITH_CAPITALISED_NOUNS = language_words.by_language("claims.capitalised_nouns").keys()
# Words that can be replaced without changing a claim.
LIGHT_WORDS = language_words.words_by_language("claims.light")
