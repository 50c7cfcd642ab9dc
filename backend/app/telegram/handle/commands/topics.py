"""/topics, and the buttons for interests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.digests.buttons import Button
from app.digests.matches import MAX_PHRASES, without_stories
from app.readers import tastes
from app.readers.interests.spelling import suggest_spelling
from app.readers.interests.topics import (
    MAX_INTERESTS,
    TOPICS,
    interest_name,
    parse_phrases,
    topic_label,
)
from app.readers.interests.vocabulary import topic_of
from app.readers.parsing import is_done, is_no
from app.telegram.handle.commands.small_talk import asks_nothing, is_question, is_symbols, is_thanks
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import TICK, Keyboard, in_fitting_rows, in_rows, tag
from app.text.phrases import fold_phrase
from app.wording.typed_words import bare, in_order, typed_words

COLUMNS = 3
MAX_ON_A_BUTTON = 24
_LIST = ("list",)
# The reader's open question after the list.
AWAITED = "topics"


async def topics(context: HandlerContext) -> None:
    """`/topics` shows the interests, `/topics rust, climate` adds some, `/topics remove rust`
    removes one.
    """
    words, language = context.argument, context.reader.language
    removed = _behind(words, language, "remove")
    added = _behind(words, language, "add")
    if removed is not None or words.startswith("-"):
        await remove(context, words.lstrip("- ") if removed is None else removed)
    elif added is not None:
        await add(context, added)
    elif words and words.lower() not in _LIST:
        await add(context, words)
    else:
        await context.change_settings(awaiting=AWAITED if context.is_private else None)
        names = await chosen(context)
        rows = [] if _is_channel(context) else keyboard(names, language)
        context.say(_listed(context, names), rows)


def _behind(words: str, language: str, action: str) -> str | None:
    """The words after the word for an action, in any language; None if there is no such word."""
    typed = words.split()
    names = {name for one in in_order(language) for name in getattr(typed_words(one), action)}
    for count in sorted({len(name.split()) for name in names}, reverse=True):
        if bare(" ".join(typed[:count])) in names:
            return " ".join(typed[count:])
    return None


async def on_text(context: HandlerContext, words: str) -> bool:
    """Handle words typed after the list. Returns whether they were an answer; more may follow,
    until something else is said.
    """
    if is_done(words, context.reader.language) or is_no(words, context.reader.language):
        await context.change_settings(awaiting=None)
        names = await chosen(context)
        context.say(
            context.text("topics.list" if names else "topics.none", topics=_shown(context, names))
        )
        return True
    if is_symbols(words) and not is_thanks(words):
        context.say(context.text("topics.not_understood"))
        return True
    if asks_nothing(words) or is_question(words):
        await context.change_settings(awaiting=None)
        return False
    await add(context, words)
    return True


def names_none(words: str) -> bool:
    """Whether the words are a question or small talk rather than topics."""
    return is_question(words) or (asks_nothing(words) and not topic_of(words))


async def add(context: HandlerContext, typed: str, *, done: Button | None = None) -> bool:
    """Add typed phrases and say so; with a button to be `done`. Returns whether there were any that
    could be added.
    """
    parsed = parse_phrases(typed)
    phrases, rejected = parsed.wanted, parsed.unwanted
    known = await chosen(context)
    end = [[done]] if done else []
    if too_many(known, phrases):
        words = context.text("topics.too_many", count=len(known), most=MAX_INTERESTS)
        context.say(words, end)
        return False
    unwanted = context.text("topics.unwanted", topics=", ".join(rejected)) if rejected else ""
    if not phrases:
        context.say(unwanted or context.text("topics.not_understood"), end)
        return False
    await tastes.add_interests(context.connection, context.chat.id, phrases)
    words, rows = await _added(context, phrases)
    if unwanted:
        words = f"{words}\n{unwanted}"
    if done:
        words = f"{words}\n\n{context.text('topics.more', done=done[0])}"
        if not context.is_private:
            words = f"{words} {context.text('start.reply')}"
    context.say(words, [*rows, *end])
    return True


async def corrected(context: HandlerContext, tagged: str) -> None:
    """The button below a mistyped interest: replace it by the suggested one."""
    typed = next((name for name in await chosen(context) if tag(name) == tagged), None)
    meant = suggest_spelling(typed) if typed else None
    if typed is None or meant is None:
        context.answer(context.text("button.unknown"))
        return
    await tastes.remove_interest(context.connection, context.chat.id, typed)
    await tastes.add_interests(context.connection, context.chat.id, [meant])
    context.change(*await _added(context, [meant]))


async def on_button(context: HandlerContext, name: str) -> None:
    """A topic was tapped in the list of /topics."""
    await toggle(context, name)
    names = await chosen(context)
    context.change(_listed(context, names), keyboard(names, context.reader.language))


async def toggle(context: HandlerContext, name: str) -> None:
    """Add or remove a topic; a button for the reader's own phrase contains its tag."""
    names = await chosen(context)
    phrase = TOPICS.get(name) or next((one for one in names if tag(one) == name), None)
    if phrase is None:
        context.answer(context.text("button.unknown"))
    elif named := _alike(names, [phrase]):
        for one in named:
            await tastes.remove_interest(context.connection, context.chat.id, one)
    elif len(names) < MAX_INTERESTS:
        await tastes.add_interests(context.connection, context.chat.id, [phrase])
    else:
        context.answer(
            context.text("topics.too_many", count=len(names), most=MAX_INTERESTS), alert=True
        )


async def chosen(context: HandlerContext) -> list[str]:
    """The phrases that the reader has named."""
    known = await tastes.load_tastes(context.connection, [context.chat.id])
    interests = known[context.chat.id].interests
    return [interest.phrase for interest in interests if interest.source == tastes.READER]


def too_many(names: Sequence[str], phrases: Sequence[str]) -> bool:
    """Whether adding `phrases` to the interests `names` would exceed the limit."""
    return len({fold_phrase(phrase) for phrase in (*names, *phrases)}) > MAX_INTERESTS


def keyboard(names: list[str], language: str, prefix: str = "topic") -> Keyboard:
    """All topics, the chosen ones ticked, and the reader's own phrases."""
    buttons = [
        (
            f"{TICK if _alike(names, [phrase]) else ''}{topic_label(name, language)}",
            f"{prefix}:{name}",
        )
        for name, phrase in TOPICS.items()
    ]
    topics_named = _alike(names, TOPICS.values())
    own = [name for name in names if name not in topics_named]
    buttons += [(f"{TICK}{name[:MAX_ON_A_BUTTON]}", f"{prefix}:{tag(name)}") for name in own]
    return in_fitting_rows(buttons)


async def _added(context: HandlerContext, phrases: list[str]) -> tuple[str, Keyboard]:
    """What was added, the phrases without any story, and suggestions for mistyped ones."""
    lines = [context.text("topics.added", topics=_shown(context, phrases))]
    unmatched = await without_stories(context.connection, phrases)
    if unmatched:
        lines.append(context.text("topics.unmatched", topics=_shown(context, unmatched)))
    # A phrase that occurs in stories is not mistyped.
    doubtful = phrases[:MAX_PHRASES] if unmatched is None else unmatched
    mistyped = {phrase: meant for phrase in doubtful if (meant := suggest_spelling(phrase))}
    lines += [
        context.text("topics.did_you_mean", typed=typed, meant=meant)
        for typed, meant in mistyped.items()
    ]
    buttons = [
        (meant[:MAX_ON_A_BUTTON], f"meant:{tag(typed)}") for typed, meant in mistyped.items()
    ]
    return "\n".join(lines), [] if _is_channel(context) else in_rows(buttons, COLUMNS)


def _listed(context: HandlerContext, names: list[str]) -> str:
    known = context.text("topics.list" if names else "topics.none", topics=_shown(context, names))
    how = context.text("topics.post" if _is_channel(context) else "topics.tap")
    return f"{known}\n\n{how}"


def _is_channel(context: HandlerContext) -> bool:
    """Whether the chat is a channel, where all subscribers would see the buttons."""
    return context.chat.is_channel


async def remove(context: HandlerContext, typed: str) -> None:
    """Remove typed phrases, and say so."""
    phrases = parse_phrases(typed).wanted
    removed = _alike(await chosen(context), phrases)
    if not removed:
        context.say(context.text("topics.not_there", topics=_shown(context, phrases)[:200] or "–"))
        return
    for name in removed:
        await tastes.remove_interest(context.connection, context.chat.id, name)
    context.say(context.text("topics.removed", topics=_shown(context, removed)))


def _shown(context: HandlerContext, phrases: Iterable[str]) -> str:
    return ", ".join(interest_name(phrase, context.reader.language) for phrase in phrases)


def _alike(names: Iterable[str], phrases: Iterable[str]) -> list[str]:
    """The `names` that mean the same as one of `phrases`, such as rust and Rust."""
    wanted = set(map(fold_phrase, phrases))
    return [name for name in names if fold_phrase(name) in wanted]
