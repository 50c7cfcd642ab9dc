"""Lists of words by language."""

from __future__ import annotations

from app.text import vocabulary

# Words without content of their own.
STOPWORDS = vocabulary.words_by_language("claims.stopwords")
# The languages whose nouns are capitalised like names.
WITH_CAPITALISED_NOUNS = vocabulary.by_language("claims.capitalised_nouns").keys()
# Words that can be replaced without changing a claim.
LIGHT_WORDS = vocabulary.words_by_language("claims.light")
