"""Recognises typed words without a question or an answer: greetings, thanks, names of commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.wording import LANGUAGES
from app.wording.typed_words import MAX_TYPED, TypedWords, fold_typed, typed_words, without_talk

# Longer texts are not small talk, and matching must be cheap.
MAX_WORDS = 8
# Of Latin, East Asian and Arabic scripts.
_QUESTION_MARKS = "?？؟"
_THANKS = "👍👌🙏❤♥🧡💛💚💙💜🖤😊🙂😀😃😄😁😍🥰😘🤗👏🎉💯🔥💪🤝🙌🫶⭐"
_EMOTICONS = frozenset((":)", ":-)", ";)", ";-)", ":D", ":-D", "<3", "^^", "xD", "(:"))
_OTHER_SIGNS = re.compile(r"[^\w\s]+")


def is_symbols(words: str) -> bool:
    """Whether the words have no letter and no digit, such as 👍; also if they are empty."""
    return not any(map(str.isalnum, words))


def is_question(words: str) -> bool:
    """Whether the words have a question mark."""
    return not set(_QUESTION_MARKS).isdisjoint(words)


def is_thanks(words: str) -> bool:
    """Whether the words are only thanks or praise, in any language, or a symbol such as 👍."""
    said = _folded(words)
    if is_symbols(said) or words.strip() in _EMOTICONS:
        return words.strip() in _EMOTICONS or not set(_THANKS).isdisjoint(words)
    return not is_question(words) and any(_thanks(said, known) for known in _languages())


def _thanks(said: str, known: TypedWords) -> bool:
    parts = said.split()
    return said in known.thanks or (
        len(parts) <= MAX_WORDS
        and not known.thanks.isdisjoint(parts)
        and all(part in known.small_talk | known.thanks | known.with_thanks for part in parts)
    )


def asks_nothing(words: str) -> bool:
    """Whether the words are small talk in any language, or only symbols such as 👍."""
    said = _folded(words)
    return (
        is_symbols(said)
        or _command_named(words) is not None
        or is_thanks(words)
        or any(said in known.small_talk or _consists_of(said, known) for known in _languages())
    )


def command_meant(words: str) -> str | None:
    """The command that the words name, in any language; None if they contain anything else. A
    command of several words may be followed by more, such as "change the time to 9".
    """
    said = _folded(words)
    if named := _command_named(words):
        return named
    if len(said.split()) > MAX_WORDS:
        return None
    begun = (
        command
        for known in _languages()
        for name, command in known.commands.items()
        if " " in name and command != "help" and said.startswith(f"{name} ")
    )
    return next(begun, None)


def _command_named(words: str) -> str | None:
    """The command whose name the words are, maybe with a please."""
    for form in _folded(words), _folded(without_talk(words[:MAX_TYPED], "courtesy")):
        for known in _languages():
            if command := known.commands.get(form):
                return command
    return None


def _consists_of(said: str, known: TypedWords) -> bool:
    parts = said.split()
    return len(parts) <= MAX_WORDS and all(part in known.small_talk for part in parts)


def _languages() -> Iterator[TypedWords]:
    return map(typed_words, LANGUAGES)


def _folded(words: str) -> str:
    """Folded like the words of a language, without symbols."""
    return " ".join(_OTHER_SIGNS.sub(" ", fold_typed(words)).split())
