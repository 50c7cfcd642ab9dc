"""What readers and the operator can do: the table of commands and of buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.telegram.commands import digest, help, pause, start, story, topics  # noqa: A004
from app.telegram.exchange import Exchange

Command = Callable[[Exchange], Awaitable[None]]
# Gets what stands behind the prefix in the button's callback data.
Press = Callable[[Exchange, str], Awaitable[None]]

COMMANDS: dict[str, Command] = {
    "start": start.start,
    "digest": digest.digest,
    "topics": topics.topics,
    "pause": pause.pause,
    "resume": pause.resume,
    "help": help.help_,
}

BUTTONS: dict[str, Press] = {
    "onboard": start.pressed,
    "topic": topics.pressed,
    "story": story.card,
    "save": story.save,
    "like": story.like,
    "dislike": story.dislike,
    "why": story.why,
}
