"""Commands that are typed without a slash, such as "mute crypto", "why 2" or the number alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import cache

from app.readers.interests.vocabulary import topic_of
from app.telegram.handle.commands import ask, follow, mutes, search, story, topics
from app.telegram.handle.commands.ask import HN_PAGE
from app.telegram.handle.commands.named_settings import is_separated
from app.telegram.handle.commands.numbered import number_in, story_by_number
from app.telegram.handle.commands.small_talk import command_meant, is_question, is_symbols
from app.telegram.handle.context import HandlerContext
from app.wording import LANGUAGES
from app.wording.typed_words import MAX_TYPED, bare, typed_words, without_talk

# Longer words are a sentence.
MAX_WORDS = 3
# About a story of the last digest.
NUMBERED = ("why", "save", "follow", "open")
# Whose words may stand before the verb, as in "Krypto stummschalten".
_BEHIND = ("mute", "add_topics", "remove_topics", *NUMBERED)
# "add rust" and "topics: falconry", but not "add more detail" or "topics covered".
_OF_TOPICS = ("topics", "add_topics", "remove_topics")
OPEN = "open"
# The address of a story on Hacker News, which opens it.
_LINKED = "linked"
# May be typed while something else is asked for, which stays open.
AT_ANY_TIME = ("mute", "unmute")


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command, and what was typed for it."""

    name: str
    argument: str


async def on_text(context: HandlerContext, words: str, *, only: tuple[str, ...] = ()) -> bool:
    """Carry out a command that was typed without its slash, if it is one of `only`, which are all
    if empty. Returns whether there was one.
    """
    typed = typed_command(words)
    if typed is None or (only and typed.name not in only):
        return False
    await _RUN[typed.name](context, typed.argument)
    return True


def typed_command(words: str) -> TypedCommand | None:
    """The command in the words; None if they are something else, such as "save time on builds"."""
    if len(words) > MAX_TYPED or command_meant(words) is not None:
        return None
    if page := HN_PAGE.fullmatch(words.strip()):
        return TypedCommand(_LINKED, page[1])
    words = without_talk(words, "courtesy")
    if _number(words):
        return TypedCommand(OPEN, _number(words))
    for name, argument in _divided(words):
        if taken := _argument(name, argument, words):
            return TypedCommand(name, taken)
    return None


def _divided(words: str) -> Iterator[tuple[str, str]]:
    """Each command whose verb begins or ends the words, and the rest of them."""
    parts = words.split()
    for count in range(len(parts) - 1, 0, -1):
        for name in _names(bare(" ".join(parts[:count]))):
            yield name, " ".join(parts[count:])
        for name in _names(bare(" ".join(parts[-count:]))):
            if name in _BEHIND:
                yield name, " ".join(parts[:-count])


def _argument(name: str, argument: str, words: str) -> str:
    """What a command is to be carried out with; empty if it is not meant."""
    if is_symbols(argument):  # as in "🔇 Stumm", which is a button
        return ""
    if name in NUMBERED:
        return _number(argument)
    if name == "ask":
        number, _, question = argument.partition(" ")
        return argument if number_in(number) is not None and question.strip() else ""
    if name in _OF_TOPICS and not (is_separated(words, argument) or _has_topic(argument)):
        return ""
    short = len(argument.replace(",", " ").split()) <= MAX_WORDS or "," in argument
    return argument if short and not is_question(words) else ""


def _has_topic(words: str) -> bool:
    return any(topic_of(part.strip()) for part in words.split(","))


def _number(words: str) -> str:
    """The number in words such as "3", "#3", "story 3" or "the third one"; empty if they are no
    number.
    """
    named = [part for part in words.split() if bare(part) not in _words_for_numbers()]
    if len(named) != 1:
        return ""
    number = number_in(named[0])
    if number is None:
        number = _ordinals().get(bare(named[0]))
    return "" if number is None else str(number)


@cache
def _words_for_numbers() -> frozenset[str]:
    return frozenset().union(*(typed_words(one).numbered for one in LANGUAGES))


@cache
def _ordinals() -> dict[str, int]:
    return {word: n for one in LANGUAGES for word, n in typed_words(one).ordinals.items()}


def _names(verb: str) -> list[str]:
    """The commands that a verb stands for, in any language."""
    return [name for one in LANGUAGES for name in typed_words(one).verbs.get(verb, ())]


async def _open(context: HandlerContext, words: str) -> None:
    story_id = await story_by_number(context, int(words))
    if story_id is not None:
        await story.card(context, str(story_id))


async def _add_topics(context: HandlerContext, words: str) -> None:
    await topics.add(context, words)


async def _open_linked(context: HandlerContext, words: str) -> None:
    await story.card(context, words)


_RUN: dict[str, Callable[[HandlerContext, str], Awaitable[None]]] = {
    "mute": mutes.mute,
    "unmute": mutes.unmute,
    "save": story.save_typed,
    "follow": follow.follow_typed,
    "why": story.why_typed,
    "ask": ask.ask_typed,
    "search": search.search_typed,
    "topics": _add_topics,
    "add_topics": _add_topics,
    "remove_topics": topics.remove,
    _LINKED: _open_linked,
    OPEN: _open,
}
