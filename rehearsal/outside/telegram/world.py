"""What the simulated Telegram knows: chats, messages, counters and the troubles it was told to
have.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.outside.telegram.flood import Flood, FloodLimits
from rehearsal.outside.telegram.updates import UpdateQueue

Json = dict[str, Any]
BOT_USER = {"id": 4242, "is_bot": True, "first_name": "HN Pal", "username": "hnpal_bot"}


@dataclass(slots=True)
class Trouble:
    """One thing that goes wrong with calls of `method` (`*` for all), `times` times or until
    `until`.

    kind: `status` answers with an error; `drop` closes the connection before doing anything;
    `hang` does the thing and never answers; `drop_after` does the thing and closes the
    connection; `delay` answers late.
    """

    method: str
    kind: str
    times: int | None = 1
    until: float | None = None
    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 0.0

    def applies(self, method: str, now: float) -> bool:
        if self.until is not None and now > self.until:
            return False
        return self.times != 0 and self.method in ("*", method)


@dataclass(slots=True)
class Chat:
    """A chat as the simulated Telegram sees it."""

    id: int
    type: str = "private"
    title: str | None = None
    first_name: str | None = None
    refusal: tuple[int, str] | None = None  # status and description of every send
    migrated_to: int | None = None
    admins: list[int] | None = None  # the users who are; None: whoever is asked about
    messages: list[Json] = field(default_factory=list)

    def as_json(self) -> Json:
        name = {"first_name": self.first_name or "Reader"} if self.type == "private" else {}
        title = {"title": self.title or "A chat"} if self.type != "private" else {}
        return {"id": self.id, "type": self.type, **name, **title}


class World:
    """Everything that one simulated Telegram knows."""

    def __init__(self, token: str | None, limits: FloodLimits, memory: Path | None) -> None:
        self.token = token
        self.queue = UpdateQueue()
        self.flood = Flood(limits)
        self.chats: dict[int, Chat] = {}
        self.troubles: list[Trouble] = []
        self.counts: Counter[str] = Counter()
        self.sent: list[Json] = []
        self.polls: list[Json] = []
        self.commands: list[Json] = []
        self.menus: dict[str, list[Json]] = {}  # by scope, and language where it has one
        self.descriptions: dict[str, str] = {}  # by language
        self.webhook = ""
        self.queries: dict[str, float] = {}  # the buttons' queries, and when they were pressed
        self.files: dict[str, tuple[str, bytes]] = {}
        self.strict_chats = False
        self.latency = 0.0
        self._listeners: set[asyncio.Queue[Json]] = set()
        self._memory = memory
        self._next_message = 1

    # -- chats and messages

    def chat(self, chat_id: int, **known: Any) -> Chat:
        """The chat with this id, made when it is new."""
        chat = self.chats.get(chat_id)
        if chat is None:
            kind = "private" if chat_id > 0 else "supergroup"
            chat = self.chats[chat_id] = Chat(chat_id, kind)
        for name, value in known.items():
            if value is not None:
                setattr(chat, name, value)
        return chat

    def new_message(self, chat: Chat, content: Json) -> Json:
        """Give `content` an id and a date and keep it in the chat."""
        message = {
            "message_id": self._next_message,
            "date": int(time.time()),
            "chat": chat.as_json(),
            **content,
        }
        self._next_message += 1
        chat.messages.append(message)
        return message

    def find_message(self, chat_id: int, message_id: int) -> Json | None:
        chat = self.chats.get(chat_id)
        messages = chat.messages if chat else []
        return next((m for m in reversed(messages) if m["message_id"] == message_id), None)

    def push(self, content: Json) -> int | None:
        """Add an update to the queue; see `UpdateQueue.push`."""
        query = content.get("callback_query")
        if query:
            self.queries[query["id"]] = time.monotonic()
        return self.queue.push(content)

    # -- events, for pages and timelines

    def tell(self, event: str, **content: Any) -> None:
        """Tell everybody who listens to the event stream."""
        record = {"event": event, "at": time.time(), **content}
        for listener in self._listeners:
            listener.put_nowait(record)

    def listen(self) -> tuple[asyncio.Queue[Json], Callable[[], None]]:
        """A queue of events from now on, and what ends it."""
        listener: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.add(listener)
        return listener, lambda: self._listeners.discard(listener)

    def trouble_for(self, method: str) -> Trouble | None:
        """The trouble that this call has, used up by it."""
        now = time.time()
        for trouble in self.troubles:
            if trouble.applies(method, now):
                if trouble.times is not None:
                    trouble.times -= 1
                return trouble
        return None

    # -- memory across restarts, so that a demo goes on where it stopped

    def save(self) -> None:
        if self._memory is None:
            return
        state = {
            "next_update": self.queue.next_id,
            "next_message": self._next_message,
            "commands": self.commands,
            "menus": self.menus,
            "descriptions": self.descriptions,
            "chats": [
                asdict(chat) | {"messages": chat.messages[-200:]} for chat in self.chats.values()
            ],
            "files": {
                key: [name, data.decode("latin-1")] for key, (name, data) in self.files.items()
            },
        }
        unfinished = self._memory.with_suffix(".new")
        unfinished.write_text(json.dumps(state))
        unfinished.replace(self._memory)

    def recall(self) -> None:
        if self._memory is None or not self._memory.exists():
            return
        state = json.loads(self._memory.read_text())
        self.queue = UpdateQueue(state["next_update"])
        self._next_message = state["next_message"]
        self.commands = state["commands"]
        self.menus = state.get("menus", {})
        self.descriptions = state.get("descriptions", {})
        self.files = {
            key: (name, data.encode("latin-1")) for key, (name, data) in state["files"].items()
        }
        for chat in state["chats"]:
            refusal = chat.pop("refusal")
            self.chats[chat["id"]] = Chat(**chat, refusal=tuple(refusal) if refusal else None)
