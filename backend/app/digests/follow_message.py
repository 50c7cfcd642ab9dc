"""The message that tells a reader what is new about a followed story."""

from __future__ import annotations

from datetime import datetime

from app.digests.addresses import hn_link
from app.digests.candidates import Candidate
from app.digests.compose import Composed
from app.digests.description import describe_story
from app.digests.follow_news import FollowNews
from app.digests.parts import (
    MAX_TITLE,
    discussion_line,
    discussion_read,
    sentences,
    site,
    title_link,
)
from app.digests.select import SelectedStory
from app.readers.store import Reader
from app.text.telegram_html import link, without_links
from app.wording import Html, text
from app.wording.locales import number

MAX_SENTENCES = 500
MAX_LINE = 240


def compose_follow_news(
    news: FollowNews, story: Candidate | None, reader: Reader, now: datetime
) -> Composed:
    """`story` is the story to show; None if it is not summarised."""
    language = reader.language
    title = Html(without_links(news.followed_title, MAX_TITLE, news.site))
    told = text(
        f"follow.{news.kind}",
        language,
        title=title,
        before=Html(number(news.before, language)),
        count=news.comment_count,
    )
    comments = text("digest.comments", language, count=news.comment_count)
    points = text("digest.points", language, count=news.points)
    blocks = [
        told,
        f"<b>{title_link(news)}</b>{site(news)}\n{points} · {link(hn_link(news.id), comments)}",
    ]
    buttons = [(text("follow.unfollow", language), f"unfollow:{news.story_id}")]
    if story is not None:
        block = describe_story(SelectedStory(story, {}), reader.style, reads=reader.reads)
        if news.kind == "grown":
            line = discussion_line(block, language, MAX_LINE)
            read = discussion_read(story.discussion, reader, now)
            blocks.append("\n".join(filter(None, (line, read))))
        else:
            blocks.append(sentences(block, language, MAX_SENTENCES))
        buttons.insert(0, (text("follow.open", language), f"story:{news.id}"))
    return Composed("\n\n".join(filter(None, blocks)), (tuple(buttons),))
