"""Lists of words in the languages of claims, one file of `words/` for each language."""

from __future__ import annotations

import tomllib
from pathlib import Path

_FILES = sorted((Path(__file__).parent / "words").glob("*.toml"))
_LISTS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in _FILES}

# Words without content of their own, by language.
STOPWORDS = {code: frozenset(lists["stopwords"].split()) for code, lists in _LISTS.items()}
# Words that can be replaced without changing a claim, by language.
LIGHT_WORDS = {
    code: frozenset(lists["light"].split()) for code, lists in _LISTS.items() if "light" in lists
}
