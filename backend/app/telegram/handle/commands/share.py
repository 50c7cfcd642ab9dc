"""Links to a story: the button on its card, and what people who follow a link see."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from app.digests.candidates import load_story
from app.digests.parts import MAX_TITLE
from app.telegram.handle.commands import story
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import parse_number
from app.text.telegram_html import single_line, without_links
from app.wording import Html

# Telegram passes on up to 64 of these characters after `start=`.
_PAYLOAD = re.compile(r"s_(\d{1,18})", re.ASCII)


async def on_button(context: HandlerContext, data: str) -> None:
    """`<story id>`: send the link to the story's card, for others."""
    candidate = await load_story(context.connection, parse_number(data) or 0)
    if candidate is None:
        context.answer(context.text("card.gone"))
        return
    if context.username is None:
        context.answer(context.text("share.later"), alert=True)
        return
    link = f"https://t.me/{context.username}?start=s_{candidate.id}"
    title = Html(without_links(candidate.title, MAX_TITLE, candidate.site))
    # Telegram's page for choosing a chat to send to.
    query = urlencode({"url": link, "text": single_line(candidate.title, MAX_TITLE)})
    context.say(
        context.text("share.link", title=title, link=link),
        [[(context.text("share.send"), f"https://t.me/share/url?{query}")]],
        story_id=candidate.id,
    )


async def on_link_followed(context: HandlerContext) -> bool:
    """/start from a link to a story: show its card. Returns whether it was such a link."""
    payload = _PAYLOAD.fullmatch(context.argument)
    if payload is None or not context.is_private:
        return False
    await story.card(context, payload[1])
    return True
