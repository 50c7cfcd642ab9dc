"""The words that readers may type for a setting, in each language."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import Any

from app.text.decomposition import decomposed
from app.wording import FALLBACK, LANGUAGES
from app.wording.locales import FOLDER

# They turn a character into an emoji, or join several.
_INVISIBLE = "\ufe0f\u200d"
# Longer than all seven weekdays spelled out.
MAX_TYPED = 120
# Abbreviations of weekdays need this many letters.
MIN_BEGINNING = 3
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
WORKING_DAYS, WEEKEND = (1, 2, 3, 4, 5), (6, 7)


@dataclass(frozen=True, slots=True)
class TimeWords:
    """A language's words for times of day: `named` times such as noon, `parts` from phrases with
    `{hour}` to minutes from the hour, and `between`, which separates hours and minutes in digits.
    """

    filler: tuple[str, ...]
    named: dict[str, time]
    am: tuple[str, ...]
    pm: tuple[str, ...]
    night: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]
    between: tuple[str, ...]
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class TypedWords:
    """A language's words, folded with `fold_typed`."""

    yes: frozenset[str]
    off: frozenset[str]
    points: tuple[str, ...]
    at_most: tuple[str, ...]
    a_day: tuple[str, ...]
    vague: frozenset[str]
    weekdays: dict[str, int]
    groups: dict[str, tuple[int, ...]]
    joins: frozenset[str]
    spans: frozenset[str]
    filler: frozenset[str]
    exceptions: frozenset[str]
    numbers: dict[str, int]
    time: TimeWords
    small_talk: frozenset[str]
    thanks: frozenset[str]
    with_thanks: frozenset[str]
    commands: dict[str, str]
    verbs: dict[str, tuple[str, ...]]
    numbered: frozenset[str]
    ordinals: dict[str, int]
    done: frozenset[str]
    no: frozenset[str]
    remove: tuple[str, ...]
    add: tuple[str, ...]
    styles: dict[str, str]
    settings: dict[str, frozenset[str]]
    around: dict[str, frozenset[str]]

    def weekday(self, name: str) -> int | None:
        """The ISO number of a weekday's name or abbreviation; None if it is neither."""
        for word in (name, name.removesuffix("s")):
            if day := self.weekdays.get(word):
                return day
            if len(word) >= MIN_BEGINNING:
                days = {day for full, day in self.weekdays.items() if full.startswith(word)}
                if len(days) == 1:
                    return days.pop()
        return None


@cache
def typed_words(language: str) -> TypedWords:
    """The words of a language with a folder."""
    tables = tomllib.loads((FOLDER / language / "typed.toml").read_text("utf-8"))
    days = tables["weekdays"]
    groups = ((EVERY_DAY, "every_day"), (WORKING_DAYS, "working_days"), (WEEKEND, "weekend"))
    return TypedWords(
        yes=frozenset(tables["yes"]),
        off=frozenset(tables["off"]),
        points=_longest_first(tables["points"]),
        at_most=_longest_first(tables["at_most"]),
        a_day=_longest_first(tables["a_day"]),
        vague=frozenset(tables["vague"]),
        weekdays={name: day for day in EVERY_DAY for name in days[str(day)]},
        groups={name: group for group, key in groups for name in days[key]},
        joins=frozenset(days["and"]),
        spans=frozenset(days["to"]),
        filler=frozenset(days["filler"]),
        exceptions=frozenset(days["except"]),
        numbers=tables["numbers"],
        time=_time_words(tables["time"]),
        small_talk=frozenset(tables["small_talk"]),
        thanks=frozenset(tables["thanks"]),
        with_thanks=frozenset(tables["with_thanks"]),
        commands={name: command for command, names in tables["commands"].items() for name in names},
        verbs=_commands_by_verb(tables["verbs"]),
        numbered=frozenset(tables["numbered"]),
        ordinals={word: number for number, word in enumerate(tables["ordinals"], 1)},
        done=frozenset(tables["answers"]["done"]),
        no=frozenset(tables["answers"]["no"]),
        remove=_longest_first(tables["answers"]["remove"]),
        add=_longest_first(tables["answers"]["add"]),
        styles={name: style for style, names in tables["styles"].items() for name in names},
        settings={name: frozenset(names) for name, names in tables["settings"].items()},
        around={kind: frozenset(names) for kind, names in tables["around"].items()},
    )


def without_talk(words: str, *kinds: str) -> str:
    """`words`, in their spelling, without what people say before and after what they mean.

    Args:
        kinds: keys of the table `around`, whose words of all languages are left out.
    """
    said, parts = _talk(kinds), words.split()
    longest = max(len(one.split()) for one in said)
    while True:
        for count in range(min(longest, len(parts) - 1), 0, -1):
            if bare(" ".join(parts[:count])) in said:
                parts = parts[count:]
                break
            if bare(" ".join(parts[-count:])) in said:
                parts = parts[:-count]
                break
        else:
            return " ".join(parts)


def without_courtesy(words: str) -> str:
    """The beginning of the words, folded, without politeness."""
    return bare(without_talk(words[: 2 * MAX_TYPED], "courtesy"))


def is_talk(words: str, kind: str) -> bool:
    """Whether the words are only what people say around what they mean; see `without_talk`."""
    return bare(words) in _talk((kind,))


def unwanted(words: str, kind: str = "unwanted") -> str:
    """What follows words for "no" or "but not", in any language; empty if there are none. With the
    kind `left_out`, only words that begin no topic, such as "nothing about".
    """
    whole = " ".join(words.split())
    rest = without_talk(whole, kind)
    return rest if rest != whole and whole.endswith(rest) else ""


@cache
def _talk(kinds: tuple[str, ...]) -> frozenset[str]:
    words = [typed_words(language).around for language in LANGUAGES]
    return frozenset().union(*(one[kind] for one in words for kind in kinds))


def _commands_by_verb(verbs: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    every = {verb for names in verbs.values() for verb in names}
    return {
        verb: tuple(command for command, names in verbs.items() if verb in names) for verb in every
    }


def _longest_first(words: list[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=len, reverse=True))


def _time_words(table: dict[str, Any]) -> TimeWords:
    return TimeWords(
        filler=_longest_first(table["filler"]),
        named={
            name: time.fromisoformat(at) for at, names in table["named"].items() for name in names
        },
        am=_longest_first(table["am"]),
        pm=_longest_first(table["pm"]),
        night=_longest_first(table["night"]),
        parts=tuple(sorted(table["parts"].items(), key=lambda part: -len(part[0]))),
        between=tuple(table["between"]),
        numbers={
            word: number
            for number, words in enumerate(table["numbers"], 1)
            for word in words.split("|")
        },
    )


def in_order(language: str) -> list[str]:
    """All languages, the reader's first and English second, because people mix them."""
    return list(dict.fromkeys((language, FALLBACK, *LANGUAGES)))


def bare(words: str) -> str:
    """Folded, without the marks of buttons and lists. What is longer than any setting is cut before
    it is folded, because a single letter may fold to 18.
    """
    said = fold_typed(words[:MAX_TYPED])
    first = next((n for n, sign in enumerate(said) if _is_word(sign) or sign in "+-/"), 0)
    end = next((n for n, sign in enumerate(reversed(said)) if _is_word(sign)), 0)
    return said[first : len(said) - end]


def _is_word(sign: str) -> bool:
    """Whether a character belongs to a word, including vowel signs, which are not letters."""
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"


def fold_typed(words: str) -> str:
    """Lower case without accents and apostrophes, one space between words."""
    plain = decomposed(words.casefold())
    plain = "".join(
        letter for letter in plain if not unicodedata.combining(letter) and letter not in _INVISIBLE
    )
    return " ".join(plain.replace("'", " ").replace("’", " ").split())
