"""The tables of commands and buttons, for readers and for the operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.telegram.handle.commands.deferred import deferred
from app.telegram.handle.context import HandlerContext

# Called with the part of the button's callback data after the prefix.
Press = Callable[[HandlerContext, str], Awaitable[None]]


ADMINS_ONLY = "group.admins_only"


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
    # The key of the reply to a member of a group who is no admin.
    refusal: str = ADMINS_ONLY


@dataclass(frozen=True, slots=True)
class ButtonHandler:
    """The handler of a button's tap."""

    run: Press
    for_admins: bool = False
    # Also for everybody in groups and channels: it posts nothing and changes no shared setting.
    for_subscribers: bool = False
    cost: int = 0  # as of a command
    for_member: bool = False  # as of a command


_DATA_OF_A_GROUP = "group.data"

# In the order of Telegram's menu.
COMMANDS: dict[str, Command] = {
    "digest": Command(deferred("digest:digest"), cost=2),
    "settings": Command(deferred("settings:settings"), for_admins=True),
    "topics": Command(deferred("topics:topics"), for_admins=True),
    "saved": Command(deferred("saved:saved"), for_member=True),
    "save": Command(deferred("story:save_command"), in_menu=False),
    "follow": Command(deferred("follow:follow_command"), in_menu=False),
    "following": Command(deferred("follow:following"), for_member=True),
    "hn": Command(deferred("hn:hn"), for_admins=True),
    "search": Command(deferred("search:search"), cost=1, for_member=True),
    "ask": Command(deferred("ask:ask"), cost=2),
    "why": Command(deferred("story:why_command"), for_member=True),
    "memory": Command(deferred("memory:memory"), for_admins=True),
    "mute": Command(deferred("mutes:mute_command"), for_admins=True),
    "unmute": Command(deferred("mutes:unmute_command"), for_admins=True, in_menu=False),
    "stats": Command(deferred("stats:stats"), cost=1, for_member=True),
    "pause": Command(deferred("pause:pause"), for_admins=True),
    "resume": Command(deferred("pause:resume"), for_admins=True),
    "cancel": Command(deferred("settings:cancel"), for_admins=True, in_menu=False),
    "export_my_data": Command(
        deferred("privacy:export_my_data"), for_admins=True, cost=5, refusal=_DATA_OF_A_GROUP
    ),
    "delete_me": Command(deferred("privacy:delete_me"), for_admins=True, refusal=_DATA_OF_A_GROUP),
    "start": Command(deferred("start:start"), for_admins=True, to_strangers=None),
    "help": Command(deferred("help:help_"), for_member=True, to_strangers="help.text"),
}

BUTTONS: dict[str, ButtonHandler] = {
    "onboard": ButtonHandler(deferred("start:on_button"), for_admins=True),
    "set": ButtonHandler(deferred("settings:on_button"), for_admins=True),
    "topic": ButtonHandler(deferred("topics:on_button"), for_admins=True),
    "meant": ButtonHandler(deferred("topics:corrected"), for_admins=True),
    "memory": ButtonHandler(deferred("memory:on_button"), for_admins=True),
    "delete": ButtonHandler(deferred("privacy:on_button"), for_admins=True, cost=5),
    "look": ButtonHandler(deferred("look:on_button"), for_admins=True),
    "story": ButtonHandler(deferred("story:card")),
    "save": ButtonHandler(deferred("story:save")),
    "like": ButtonHandler(deferred("story:like"), for_subscribers=True),
    "dislike": ButtonHandler(deferred("story:dislike"), for_subscribers=True),
    "follow": ButtonHandler(deferred("follow:on_button")),
    "unfollow": ButtonHandler(deferred("follow:unfollow")),
    "why": ButtonHandler(deferred("story:why"), for_member=True),
    "share": ButtonHandler(deferred("share:on_button"), for_member=True),
    "ask": ButtonHandler(deferred("ask:on_button")),
    "saved": ButtonHandler(deferred("saved:on_button")),
    "find": ButtonHandler(deferred("search:on_button"), cost=1),
}

# Only available in the chat ADMIN_CHAT_ID.
OPERATOR_COMMANDS: dict[str, Command] = {
    "status": Command(deferred("status:status")),
    "parked": Command(deferred("dead_letters:show")),
    "uncertain": Command(deferred("uncertain:show")),
    "broadcast": Command(deferred("broadcast:broadcast")),
    "maintenance": Command(deferred("maintenance:maintenance_command")),
}

OPERATOR_BUTTONS: dict[str, ButtonHandler] = {
    "status": ButtonHandler(deferred("status:on_button")),
    "parked": ButtonHandler(deferred("dead_letters:on_button")),
    "uncertain": ButtonHandler(deferred("uncertain:on_button")),
    "broadcast": ButtonHandler(deferred("broadcast:on_button")),
    "maintenance": ButtonHandler(deferred("maintenance:on_button")),
}
