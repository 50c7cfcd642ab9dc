"""The tables of commands and buttons, for readers and for the operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.telegram.handle.commands import (
    ask,
    broadcast,
    dead_letters,
    digest,
    follow,
    help,  # noqa: A004 - named as its command
    hn,
    look,
    maintenance,
    memory,
    mutes,
    pause,
    privacy,
    saved,
    search,
    settings,
    share,
    start,
    stats,
    status,
    story,
    topics,
    uncertain,
)
from app.telegram.handle.context import HandlerContext

# Called with the part of the button's callback data after the prefix.
Press = Callable[[HandlerContext, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and its properties."""

    run: Callable[[HandlerContext], Awaitable[None]]
    # Only for admins in groups and channels: it changes what all members receive.
    for_admins: bool = False
    # Whether Telegram's menu lists it, with the text `command.<name>`.
    in_menu: bool = True
    # Its cost in `admission.WORK`.
    cost: int = 0
    # Whether it concerns only the person; see `app.telegram.handle.ephemeral`.
    for_member: bool = False
    # The key of the reply in a chat that is not a reader; None makes the chat a reader.
    to_strangers: str | None = "command.stranger"


@dataclass(frozen=True, slots=True)
class ButtonHandler:
    """The handler of a button's tap."""

    run: Press
    for_admins: bool = False
    # Also for everybody in groups and channels: it posts nothing and changes no shared setting.
    for_subscribers: bool = False
    cost: int = 0  # as of a command
    for_member: bool = False  # as of a command


# In the order of Telegram's menu.
COMMANDS: dict[str, Command] = {
    "digest": Command(digest.digest, cost=2),
    "settings": Command(settings.settings, for_admins=True),
    "topics": Command(topics.topics, for_admins=True),
    "saved": Command(saved.saved, for_member=True),
    "following": Command(follow.following, for_member=True),
    "hn": Command(hn.hn, for_admins=True),
    "search": Command(search.search, cost=1, for_member=True),
    "ask": Command(ask.ask, cost=2),
    "why": Command(story.why_command, for_member=True),
    "memory": Command(memory.memory, for_admins=True),
    "mute": Command(mutes.mute_command, for_admins=True),
    "unmute": Command(mutes.unmute_command, for_admins=True, in_menu=False),
    "stats": Command(stats.stats, cost=1, for_member=True),
    "pause": Command(pause.pause, for_admins=True),
    "resume": Command(pause.resume, for_admins=True),
    "cancel": Command(settings.cancel, for_admins=True, in_menu=False),
    "export_my_data": Command(privacy.export_my_data, for_admins=True, cost=5),
    "delete_me": Command(privacy.delete_me, for_admins=True),
    "start": Command(start.start, for_admins=True, to_strangers=None),
    "help": Command(help.help_, for_member=True, to_strangers="help.text"),
}

BUTTONS: dict[str, ButtonHandler] = {
    "onboard": ButtonHandler(start.on_button, for_admins=True),
    "set": ButtonHandler(settings.on_button, for_admins=True),
    "topic": ButtonHandler(topics.on_button, for_admins=True),
    "meant": ButtonHandler(topics.corrected, for_admins=True),
    "memory": ButtonHandler(memory.on_button, for_admins=True),
    "delete": ButtonHandler(privacy.on_button, for_admins=True, cost=5),
    "look": ButtonHandler(look.on_button, for_admins=True),
    "story": ButtonHandler(story.card),
    "save": ButtonHandler(story.save),
    "like": ButtonHandler(story.like, for_subscribers=True),
    "dislike": ButtonHandler(story.dislike, for_subscribers=True),
    "follow": ButtonHandler(follow.on_button),
    "unfollow": ButtonHandler(follow.unfollow),
    "why": ButtonHandler(story.why, for_member=True),
    "share": ButtonHandler(share.on_button, for_member=True),
    "ask": ButtonHandler(ask.on_button),
    "saved": ButtonHandler(saved.on_button),
    "find": ButtonHandler(search.on_button, cost=1),
}

# Only available in the chat ADMIN_CHAT_ID.
OPERATOR_COMMANDS: dict[str, Command] = {
    "status": Command(status.status),
    "parked": Command(dead_letters.show),
    "uncertain": Command(uncertain.show),
    "broadcast": Command(broadcast.broadcast),
    "maintenance": Command(maintenance.maintenance_command),
}

OPERATOR_BUTTONS: dict[str, ButtonHandler] = {
    "status": ButtonHandler(status.on_button),
    "parked": ButtonHandler(dead_letters.on_button),
    "uncertain": ButtonHandler(uncertain.on_button),
    "broadcast": ButtonHandler(broadcast.on_button),
    "maintenance": ButtonHandler(maintenance.on_button),
}
