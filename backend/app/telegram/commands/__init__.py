"""What readers and the operator can do: the table of commands and of buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.telegram.commands import (
    ask,
    broadcast,
    digest,
    help,  # noqa: A004
    memory,
    mutes,
    parked,
    pause,
    privacy,
    saved,
    search,
    settings,
    start,
    stats,
    status,
    story,
    topics,
)
from app.telegram.exchange import Exchange

# Gets what stands behind the prefix in the button's callback data.
Press = Callable[[Exchange, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """What is done at a command."""

    run: Callable[[Exchange], Awaitable[None]]
    # It changes what all readers of a group or channel get.
    for_admins: bool = False
    # Telegram's menu lists it, described by the text `command.<name>`.
    in_menu: bool = True


@dataclass(frozen=True, slots=True)
class Button:
    """What is done when a button is pressed."""

    run: Press
    for_admins: bool = False
    # Also where many only read, as in channels: it posts nothing and changes no list of the chat's.
    for_subscribers: bool = False


# In the order of Telegram's menu.
COMMANDS: dict[str, Command] = {
    "digest": Command(digest.digest),
    "settings": Command(settings.settings, for_admins=True),
    "topics": Command(topics.topics, for_admins=True),
    "saved": Command(saved.saved),
    "search": Command(search.search),
    "ask": Command(ask.ask),
    "why": Command(story.why_command),
    "memory": Command(memory.memory, for_admins=True),
    "mute": Command(mutes.mute_command, for_admins=True),
    "unmute": Command(mutes.unmute_command, for_admins=True, in_menu=False),
    "stats": Command(stats.stats),
    "pause": Command(pause.pause, for_admins=True),
    "resume": Command(pause.resume, for_admins=True),
    "cancel": Command(settings.cancel, for_admins=True, in_menu=False),
    "export_my_data": Command(privacy.export_my_data, for_admins=True),
    "delete_me": Command(privacy.delete_me, for_admins=True),
    "start": Command(start.start, for_admins=True),
    "help": Command(help.help_),
}

BUTTONS: dict[str, Button] = {
    "onboard": Button(start.pressed, for_admins=True),
    "set": Button(settings.pressed, for_admins=True),
    "topic": Button(topics.pressed, for_admins=True),
    "memory": Button(memory.pressed, for_admins=True),
    "delete": Button(privacy.pressed, for_admins=True),
    "story": Button(story.card),
    "save": Button(story.save),
    "like": Button(story.like, for_subscribers=True),
    "dislike": Button(story.dislike, for_subscribers=True),
    "why": Button(story.why),
    "ask": Button(ask.pressed),
    "saved": Button(saved.pressed),
    "find": Button(search.pressed),
}

# These exist in the chat ADMIN_CHAT_ID and nowhere else.
OPERATOR_COMMANDS: dict[str, Command] = {
    "status": Command(status.status),
    "parked": Command(parked.parked),
    "broadcast": Command(broadcast.broadcast),
}

OPERATOR_BUTTONS: dict[str, Button] = {
    "status": Button(status.pressed),
    "parked": Button(parked.pressed),
    "broadcast": Button(broadcast.pressed),
}
