# /// script
# requires-python = ">=3.11"
# dependencies = ["babel==2.18.0", "wordfreq==3.1.1"]
# ///
"""Write `app/readers/interests/words/unmistaken.txt`: correct words that resemble a known phrase.

    PYTHONPATH=backend uv run docs/trials/unmistaken.py

The words are those of wordfreq that occur at least once in ten million words, and that hunspell's
dictionaries know (Debian: hunspell, hunspell-en-us, hunspell-en-gb, hunspell-de-de, hunspell-es).
"""

import subprocess
import textwrap
from pathlib import Path

from wordfreq import top_n_list, zipf_frequency

from app.readers.interests.spelling import MIN_LENGTH, nearest_phrase
from app.readers.interests.vocabulary import topic_of
from app.text.phrases import fold_phrase

FILE = Path(__file__).parents[2] / "backend/app/readers/interests/words/unmistaken.txt"
DICTIONARIES = {"en": ("en_US", "en_GB"), "de": ("de_DE",), "es": ("es_ES",)}
MAX_WORDS, MIN_FREQUENCY = 400_000, 2.0


def main() -> None:
    found = set()
    for language, dictionaries in DICTIONARIES.items():
        frequent = [
            word
            for word in top_n_list(language, MAX_WORDS)
            if len(word) >= MIN_LENGTH
            and word.isalpha()
            and zipf_frequency(word, language) >= MIN_FREQUENCY
        ]
        unknown = set.intersection(*(misspelled(frequent, one) for one in dictionaries))
        for word in frequent:
            folded = fold_phrase(word)
            if word not in unknown and topic_of(word) is None and nearest_phrase(folded):
                found.add(folded)
    FILE.write_text("\n".join(textwrap.wrap(" ".join(sorted(found)), 118)) + "\n", "utf-8")
    print(f"{len(found)} words")


def misspelled(words: list[str], dictionary: str) -> set[str]:
    """The words that the dictionary has neither as they are nor with a capital letter."""
    small = listed(words, dictionary)
    capital = listed([word.capitalize() for word in small], dictionary)
    return {word for word in small if word.capitalize() in capital}


def listed(words: list[str], dictionary: str) -> set[str]:
    """The words that hunspell lists as misspelled."""
    command = ("hunspell", "-i", "utf-8", "-d", dictionary, "-l")
    told = subprocess.run(command, input="\n".join(words), capture_output=True, text=True)
    return set(told.stdout.split())


if __name__ == "__main__":
    main()
