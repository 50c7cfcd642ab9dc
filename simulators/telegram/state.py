"""The state of the simulated Telegram: chats, messages, counters and configured faults."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulators.telegram.flood import Flood, FloodLimits
from simulators.telegram.updates import UpdateQueue

Json = dict[str, Any]
BOT_USER = {"id": 4242, "is_bot": True, "first_name": "HN Pal", "username": "hnpal_bot"}


@dataclass(slots=True)
class CallFault:
    """A fault in calls of `method` (`*` for all), `times` times or until `until`.

    kind: `status` responds with an error; `drop` reads the request and closes the connection;
    `hang` executes the call and never responds; `drop_after` executes the call and closes the
    connection; `delay` responds late; `late` responds with an error and `late_drop` closes the
    connection, and both execute the call between `seconds` and `seconds_at_most` later.
    """

    method: str
    kind: str
    times: int | None = 1
    until: float | None = None
    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 0.0
    seconds_at_most: float | None = None

    def applies(self, method: str, now: float) -> bool:
        if self.until is not None and now > self.until:
            return False
        return self.times != 0 and self.method in ("*", method)


@dataclass(slots=True)
class Chat:
    """A chat in the simulated Telegram."""

    id: int
    type: str = "private"
    title: str | None = None
    first_name: str | None = None
    refusal: tuple[int, str] | None = None  # status and description of the response to every send
    migrated_to: int | None = None
    admins: list[int] | None = None  # ids of the admins; None: any user who is asked about is one
    forbidden: list[str] = field(default_factory=list)  # kinds of content: text, documents
    direct_messages: bool = False  # messages must name a topic
    messages: list[Json] = field(default_factory=list)
    next_message: int = 1  # of supergroups and channels, which have their own counter
    forced_replies: list[int] = field(default_factory=list)  # messages that cannot be edited

    def as_json(self) -> Json:
        name = {"first_name": self.first_name or "Reader"} if self.type == "private" else {}
        title = {"title": self.title or "A chat"} if self.type != "private" else {}
        direct = {"is_direct_messages": True} if self.direct_messages else {}
        return {"id": self.id, "type": self.type, **name, **title, **direct}


class TelegramState:
    """The complete state of one simulated Telegram."""

    def __init__(self, token: str | None, limits: FloodLimits, memory: Path | None) -> None:
        self.token = token
        self.queue = UpdateQueue()
        self.flood = Flood(limits)
        self.chats: dict[int, Chat] = {}
        self.troubles: list[CallFault] = []
        self.counts: Counter[str] = Counter()
        self.sent: list[Json] = []
        self.polls: list[Json] = []
        self.drafts: list[Json] = []
        self.ephemeral: list[Json] = []  # messages that one member of a group sees
        self.commands: list[Json] = []
        self.menus: dict[str, list[Json]] = {}  # by scope, and by language if set
        self.descriptions: dict[str, str] = {}  # by language
        self.webhook = ""
        self.queries: dict[str, float] = {}  # callback queries, and when the buttons were tapped
        self.files: dict[str, tuple[str, bytes]] = {}
        self.strict_chats = False
        self.latency = 0.0
        # A server that ignores the offset and returns updates that were never confirmed; and one
        # that supports less than the current Bot API: these parameters and methods are unknown.
        self.ignore_offset = False
        self.unsupported: list[str] = []
        self._listeners: set[asyncio.Queue[Json]] = set()
        self._memory = memory
        self._next_message = 1

    # -- chats and messages

    def chat(self, chat_id: int, **known: Any) -> Chat:
        """The chat with this id; it is created if necessary."""
        chat = self.chats.get(chat_id)
        if chat is None:
            kind = "private" if chat_id > 0 else "supergroup"
            chat = self.chats[chat_id] = Chat(chat_id, kind)
        for name, value in known.items():
            if value is not None:
                setattr(chat, name, value)
        return chat

    def new_message(self, chat: Chat, content: Json) -> Json:
        """Give `content` an id and a date, and store it in the chat.

        Every account, including a bot's, has one counter for all its private chats and basic
        groups; each supergroup and channel has its own
        (https://docs.telethon.dev/en/stable/concepts/chats-vs-channels.html#message-identifiers).
        """
        message = {
            "message_id": self._number_of_next(chat),
            "date": int(time.time()),
            "chat": chat.as_json(),
            **content,
        }
        chat.messages.append(message)
        return message

    def _number_of_next(self, chat: Chat) -> int:
        if chat.type in ("supergroup", "channel"):
            number, chat.next_message = chat.next_message, chat.next_message + 1
        else:
            number, self._next_message = self._next_message, self._next_message + 1
        return number

    def find_message(self, chat_id: int, message_id: int) -> Json | None:
        chat = self.chats.get(chat_id)
        messages = chat.messages if chat else []
        return next((m for m in reversed(messages) if m["message_id"] == message_id), None)

    def find_ephemeral(self, chat_id: int, ephemeral_id: int) -> Json | None:
        """The message with this id that one member of the group sees."""
        return next(
            (
                one
                for one in self.ephemeral
                if one["ephemeral_message_id"] == ephemeral_id and one["chat"]["id"] == chat_id
            ),
            None,
        )

    def push(self, content: Json) -> int | None:
        """Add an update to the queue; see `UpdateQueue.push`."""
        query = content.get("callback_query")
        if query:
            self.queries[query["id"]] = time.monotonic()
        return self.queue.push(content)

    # -- events, for pages and timelines

    def tell(self, event: str, **content: Any) -> None:
        """Send an event to all listeners of the event stream."""
        record = {"event": event, "at": time.time(), **content}
        for listener in self._listeners:
            listener.put_nowait(record)

    def listen(self) -> tuple[asyncio.Queue[Json], Callable[[], None]]:
        """A queue of future events, and a function that ends it."""
        listener: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.add(listener)
        return listener, lambda: self._listeners.discard(listener)

    def trouble_for(self, method: str) -> CallFault | None:
        """The next fault for this call, which counts as used."""
        now = time.time()
        for trouble in self.troubles:
            if trouble.applies(method, now):
                if trouble.times is not None:
                    trouble.times -= 1
                return trouble
        return None

    # -- persistence, so that a demo continues where it stopped

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
