"""/ask, the button 💬, and replies to stories: questions, and which story they are about."""

from __future__ import annotations

import re
from html import escape

import telegram

from app.conversations import store, turns
from app.conversations.answer import MOST_QUESTION
from app.digests import store as digests
from app.digests.parts import plain, safe
from app.telegram import outbox
from app.telegram.answers import waiting_messages
from app.telegram.exchange import Exchange
from app.telegram.messages import number_in, text_message
from app.wording import Html

MOST_LISTED = 10
MOST_LABEL = 56
MOST_TITLE = 120
_HN_PAGE = re.compile(r"https://news\.ycombinator\.com/item\?id=(\d{1,15})")
_NUMBER = re.compile(r"#?(\d{1,2})[.:)]?(?:\s+|$)")

Listed = list[tuple[int, str]]


async def ask(exchange: Exchange) -> None:
    """`/ask`, `/ask question`, or `/ask 3 question` for the third story of the last digest, as also
    its page on Hacker News names it; in reply to a story it is about that.
    """
    words = exchange.argument
    replied = await _replied_to(exchange)
    listed = replied or await digests.latest_stories(
        exchange.connection, exchange.chat.id, MOST_LISTED
    )
    number, page = _NUMBER.match(words), _HN_PAGE.match(words)
    if len(listed) > 1 and number and 1 <= int(number[1]) <= len(listed):
        stories, words = [listed[int(number[1]) - 1]], words[number.end() :]
    elif page:
        stories = await store.known_stories(exchange.connection, [int(page[1])])
        words = words[page.end() :].strip()
        if not stories:
            exchange.say(exchange.text("ask.unknown_story"))
            return
    else:
        stories = replied or await _spoken_of(exchange) or listed
    await _go_on(exchange, stories, words)


async def heard_reply(exchange: Exchange, words: str) -> bool:
    """Words in reply to a message of ours. Returns whether that was about any story."""
    stories = await _replied_to(exchange)
    if stories:
        await _go_on(exchange, stories, words)
    return bool(stories)


async def heard(exchange: Exchange, words: str) -> bool:
    """Plain words. Returns whether a conversation is under way, which they go on with."""
    stories = await _spoken_of(exchange)
    if stories:
        await _go_on(exchange, stories, words)
    return bool(stories)


async def pressed(exchange: Exchange, data: str) -> None:
    """`<story id>`, or `<story id>:<question id>` when the question is there already."""
    story, _, question = data.partition(":")
    stories = await store.known_stories(exchange.connection, [number_in(story) or 0])
    if not stories:
        exchange.answer(exchange.text("card.gone"))
        return
    story_id, title = stories[0]
    question_id = number_in(question)
    if question_id is None:
        await _begin(exchange, story_id, title)
        return
    taken = await store.take_open(
        exchange.connection, question_id, exchange.chat.id, exchange.user_id
    )
    if taken is None:
        exchange.answer(exchange.text("ask.asked_already"))
        return
    words, message_id = taken
    await _put(exchange, story_id, words, message_id)


async def _go_on(exchange: Exchange, stories: Listed, words: str) -> None:
    if not stories:
        exchange.say(exchange.text("ask.no_stories"))
    elif len(stories) > 1:
        await _which(exchange, stories, words)
    elif words:
        message = exchange.message
        await _put(exchange, stories[0][0], words, message.message_id if message else None)
    else:
        await _begin(exchange, *stories[0])


async def _begin(exchange: Exchange, story_id: int, title: str) -> None:
    """Ask for the question; what is typed next is that, whatever was asked for before."""
    if exchange.chat.type == telegram.Chat.CHANNEL:
        # Nobody can reply there.
        if exchange.update.callback_query is not None:
            exchange.answer(exchange.text("ask.post"), alert=True)
        else:
            exchange.say(exchange.text("ask.post"))
        return
    if exchange.reader.awaiting is not None:
        await exchange.change_settings(awaiting=None)
    await store.speak_of(
        exchange.connection,
        exchange.chat.id,
        exchange.user_id,
        story_id,
        turns=0,
        now=exchange.now,
    )
    name = Html(f"<b>{safe(title, MOST_TITLE)}</b>")
    if exchange.is_private:
        exchange.say(exchange.text("ask.begin", title=name), story_id=story_id)
        return
    who = exchange.user.full_name if exchange.user else exchange.chat.effective_name or ""
    mention = f'<a href="tg://user?id={exchange.user_id}">{escape(plain(who, 60))}</a>'
    words = exchange.text("ask.begin_group", title=name, who=Html(mention))
    # Bots in groups hear only replies, so the person's client is asked to reply.
    forced = {
        "force_reply": True,
        "selective": True,
        "input_field_placeholder": exchange.text("ask.field"),
    }
    exchange.call("sendMessage", text_message(words) | {"reply_markup": forced}, story_id=story_id)


async def _which(exchange: Exchange, stories: Listed, words: str) -> None:
    """Let the story be chosen; what was asked is kept until then."""
    suffix = ""
    if words:
        message = exchange.message
        question_id = await store.add(
            exchange.connection,
            chat_id=exchange.chat.id,
            user_id=exchange.user_id,
            story_id=None,
            question=words[:MOST_QUESTION],
            reply_to_message_id=message.message_id if message else None,
        )
        suffix = f":{question_id}"
    keyboard = [
        [(f"{number}. {plain(title, MOST_LABEL)}", f"ask:{story_id}{suffix}")]
        for number, (story_id, title) in enumerate(stories[:MOST_LISTED], 1)
    ]
    exchange.say(exchange.text("ask.which"), keyboard)


async def _put(exchange: Exchange, story_id: int, words: str, message_id: int | None) -> None:
    """Keep the question for those who answer, and say that it was heard."""
    if not any(map(str.isalnum, words)):
        return
    most = exchange.settings.questions_per_day
    since = turns.midnight(exchange.reader, exchange.now)
    if await store.asked_since(exchange.connection, exchange.user_id, since) >= most:
        exchange.say(exchange.text("ask.limit" if most else "ask.off", count=most))
        return
    await turns.take_turn(
        exchange.connection, exchange.chat.id, exchange.user_id, story_id, exchange.now
    )
    question_id = await store.add(
        exchange.connection,
        chat_id=exchange.chat.id,
        user_id=exchange.user_id,
        story_id=story_id,
        question=words[:MOST_QUESTION],
        reply_to_message_id=message_id,
    )
    # Excerpts are there at once; a model takes its time.
    if exchange.settings.openai_api_key is not None:
        html = exchange.text("ask.wait")
        exchange.outgoing += waiting_messages(
            question_id, exchange.chat.id, story_id, html, message_id
        )


async def _spoken_of(exchange: Exchange) -> Listed:
    """The story of the conversation that is under way, if one is."""
    spoken = await turns.under_way(
        exchange.connection, exchange.chat.id, exchange.user_id, exchange.now
    )
    if spoken is None:
        return []
    return await store.known_stories(exchange.connection, [spoken.story_id])


async def _replied_to(exchange: Exchange) -> Listed:
    """The stories of the bot's message that is replied to."""
    message = exchange.message
    replied = message.reply_to_message if message else None
    if replied is None:
        return []
    # In a channel nobody is named, and all posts are the chat's own.
    if replied.from_user is not None and not replied.from_user.is_bot:
        return []
    story_id = await outbox.story_of_message(
        exchange.connection, exchange.chat.id, replied.message_id
    )
    # The outbox forgets; the links in the message itself do not.
    named = [story_id] if story_id else _linked_stories(replied)
    return await store.known_stories(exchange.connection, named)


def _linked_stories(message: telegram.Message) -> list[int]:
    links = (_HN_PAGE.fullmatch(entity.url or "") for entity in message.entities)
    return list(dict.fromkeys(int(found[1]) for found in links if found))
