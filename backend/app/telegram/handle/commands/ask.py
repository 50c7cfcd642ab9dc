"""/ask, the button 💬, and replies to stories: questions, and the stories that they are about."""

from __future__ import annotations

import re
from html import escape

from app.conversations import question_counts, store, turns
from app.digests import store as digests
from app.telegram.api.types import Chat, Message
from app.telegram.handle.admission import is_named
from app.telegram.handle.commands.numbered import say_no_such
from app.telegram.handle.commands.small_talk import is_symbols
from app.telegram.handle.context import HandlerContext
from app.telegram.placeholder import placeholder_message
from app.telegram.send import outbox
from app.telegram.send.messages import parse_number, text_message
from app.text.telegram_html import escaped_line, single_line
from app.wording import Html

MAX_LISTED = 10
MAX_LABEL = 56
MAX_TITLE = 120
HN_PAGE = re.compile(r"https://news\.ycombinator\.com/item\?id=(\d{1,15})")
# A number alone, or before the question; a longer one, such as a year, is part of the question.
_NUMBER = re.compile(r"#?(\d{1,3}(?=[.:)]?\s)|\d{1,18}(?=[.:)]?$))[.:)]?\s*", re.ASCII)

Listed = list[tuple[int, str]]


async def ask(context: HandlerContext) -> None:
    """`/ask`, `/ask question`, or `/ask 3 question` for the third story of the last digest. Instead
    of the 3, an id on Hacker News is accepted. In a reply to a story, the question is about that
    story.
    """
    await ask_typed(context, context.argument)


async def ask_typed(context: HandlerContext, words: str) -> None:
    """Ask what was typed after the command."""
    replied = await _replied_to(context)
    if page := HN_PAGE.match(words):
        stories = await store.known_stories(context.connection, [int(page[1])])
        if stories:
            await _go_on(context, stories, words[page.end() :].strip())
        else:
            context.say_privately(context.text("ask.unknown_story"))
        return
    number = _NUMBER.match(words)
    if number and len(replied) != 1:
        await _ask_by_number(context, replied, int(number[1]), words[number.end() :])
        return
    stories = replied or await _spoken_of(context) or await _last_digest(context)
    await _go_on(context, stories, words)


async def _ask_by_number(context: HandlerContext, replied: Listed, number: int, words: str) -> None:
    """Ask about the story with this number in the replied-to digest, or in the last one."""
    listed = await _digest_replied_to(context) or replied or await _last_digest(context)
    if listed and not 1 <= number <= len(listed):
        say_no_such(context, number, len(listed))
    else:
        await _go_on(context, listed[number - 1 : number], words)


async def _last_digest(context: HandlerContext) -> Listed:
    return await digests.stories_of_digest(context.connection, context.chat.id)


async def _digest_replied_to(context: HandlerContext) -> Listed:
    """The stories of the replied-to digest, including its other messages."""
    replied = context.message.reply_to_message if context.message else None
    if replied is None:
        return []
    chat_id = context.chat.id
    digest_id = await outbox.digest_of_message(context.connection, chat_id, replied.message_id)
    if digest_id is None:
        return []
    return await digests.stories_of_digest(context.connection, chat_id, digest_id)


async def on_reply(context: HandlerContext, words: str) -> bool:
    """Handle a reply to the bot's message. Returns whether it is a question about a story."""
    stories = await _replied_to(context)
    if stories:
        await _go_on(context, stories, words)
    return bool(stories)


async def on_text(context: HandlerContext, words: str) -> bool:
    """Handle typed words. Returns whether they continue a conversation."""
    stories = await _spoken_of(context)
    if stories:
        await _go_on(context, stories, words)
    return bool(stories)


async def on_button(context: HandlerContext, data: str) -> None:
    """`<story id>`, or `<story id>:<question id>` if the question exists already."""
    story, _, question = data.partition(":")
    stories = await store.known_stories(context.connection, [parse_number(story) or 0])
    if not stories:
        context.answer(context.text("card.gone"))
        return
    story_id, title = stories[0]
    question_id = parse_number(question)
    if question_id is None:
        await _begin(context, story_id, title)
        return
    taken = await store.take_open_question(
        context.connection, question_id, context.chat.id, context.user_id
    )
    if taken is None:
        context.answer(context.text("ask.asked_already"))
        return
    words, message_id = taken
    await _put(context, story_id, words, message_id)


async def on_draft_stopped(context: HandlerContext) -> None:
    """The button below an answer that is being written: the text so far becomes the answer."""
    draft = context.update.stopped
    assert draft is not None
    await store.mark_stopped(context.connection, draft.draft_id, context.chat.id)


async def _go_on(context: HandlerContext, stories: Listed, words: str) -> None:
    if not stories:
        context.say_privately(context.text("ask.no_stories"))
    elif len(stories) > 1:
        await _which(context, stories, words)
    elif words:
        message = context.message
        await _put(context, stories[0][0], words, message.message_id if message else None)
    else:
        await _begin(context, *stories[0])


async def _begin(context: HandlerContext, story_id: int, title: str) -> None:
    """Ask for the question; the next typed words are taken as that."""
    if context.chat.is_channel:
        # Nobody can reply in a channel.
        if context.update.callback_query is not None:
            context.answer(context.text("ask.post"), alert=True)
        else:
            context.say(context.text("ask.post"))
        return
    if context.reader.awaiting is not None:
        await context.change_settings(awaiting=None)
    await store.save_turn(
        context.connection,
        context.chat.id,
        context.user_id,
        story_id,
        turns=0,
        now=context.now,
    )
    name = Html(f"<b>{escaped_line(title, MAX_TITLE)}</b>")
    if context.is_private:
        context.say(context.text("ask.begin", title=name), story_id=story_id)
        return
    who = context.user.full_name if context.user else context.chat.name or ""
    mention = f'<a href="tg://user?id={context.user_id}">{escape(single_line(who, 60))}</a>'
    words = context.text("ask.begin_group", title=name, who=Html(mention))
    # In groups bots receive only replies, so the person's client is asked to reply.
    forced = {
        "force_reply": True,
        "selective": True,
        "input_field_placeholder": context.text("ask.field"),
    }
    context.call("sendMessage", text_message(words) | {"reply_markup": forced}, story_id=story_id)


async def _which(context: HandlerContext, stories: Listed, words: str) -> None:
    """Offer the stories to choose from; the question is stored until then."""
    suffix = ""
    if words:
        message = context.message
        question_id = await store.add(
            context.connection,
            chat_id=context.chat.id,
            user_id=context.user_id,
            story_id=None,
            question=words[: store.MAX_QUESTION],
            reply_to_message_id=message.message_id if message else None,
        )
        suffix = f":{question_id}"
    keyboard = [
        [(f"{number}. {single_line(title, MAX_LABEL)}", f"ask:{story_id}{suffix}")]
        for number, (story_id, title) in enumerate(stories[:MAX_LISTED], 1)
    ]
    context.say_privately(context.text("ask.which"), keyboard)


async def _put(context: HandlerContext, story_id: int, words: str, message_id: int | None) -> None:
    """Store the question for the worker, and confirm it."""
    if is_symbols(words):
        return
    most = context.settings.questions_per_day
    payer = question_counts.counting_key(context.settings, *_payer(context), context.now)
    if not await question_counts.count_question(context.connection, payer, most):
        context.say_privately(context.text("ask.limit" if most else "ask.off", count=most))
        return
    await turns.count_turn(
        context.connection, context.chat.id, context.user_id, story_id, context.now
    )
    direct = context.chat.type == Chat.DIRECT_MESSAGES
    topic_id = context.thread_id if direct else None
    question_id = await store.add(
        context.connection,
        chat_id=context.chat.id,
        user_id=context.user_id,
        story_id=story_id,
        question=words[: store.MAX_QUESTION],
        reply_to_message_id=message_id,
        topic_id=topic_id,
        payer=payer,
    )
    # Excerpts are immediate; a model takes time, during which a draft shows what it has written.
    if context.has_model and not (context.is_private and context.shows_drafts):
        html = context.text("ask.wait")
        context.outgoing.append(
            placeholder_message(question_id, context.chat.id, story_id, html, message_id, topic_id)
        )


def _payer(context: HandlerContext) -> tuple[str, int]:
    """Whose allowance a question counts against: the person's; for anonymous admins the group's; in
    channels that of the person who added the bot.
    """
    if is_named(context.update):
        return "person", context.user_id
    if context.chat.is_channel and context.reader.added_by is not None:
        return "person", context.reader.added_by
    return "chat", context.chat.id


async def _spoken_of(context: HandlerContext) -> Listed:
    """The story of the current conversation, if there is one."""
    spoken = await turns.active_conversation(
        context.connection, context.chat.id, context.user_id, context.now
    )
    if spoken is None:
        return []
    return await store.known_stories(context.connection, [spoken.story_id])


async def _replied_to(context: HandlerContext) -> Listed:
    """The stories of the bot's message that is replied to."""
    message = context.message
    replied = message.reply_to_message if message else None
    if replied is None:
        return []
    # In a channel nobody is named, and all posts are by the chat.
    if replied.from_user is not None and not replied.from_user.is_bot:
        return []
    story_id = await outbox.story_of_message(
        context.connection, context.chat.id, replied.message_id
    )
    # Old messages are not in the outbox; the links in the message are used instead.
    named = [story_id] if story_id else _linked_stories(replied)
    return await store.known_stories(context.connection, named)


def _linked_stories(message: Message) -> list[int]:
    links = (HN_PAGE.fullmatch(entity.url or "") for entity in message.entities)
    return list(dict.fromkeys(int(found[1]) for found in links if found))
