"""Constant load: many chats that send commands at intervals and recognise their own replies."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.accounting import Account, Answer, account, longest_gap
from simulators.control import TelegramControl

CHATS = 200
FIRST_CHAT = 5_000_001
UPDATES_PER_SECOND = 20
SETTLE_SECONDS = 60.0
# The reply to an unknown command contains its name.
QUESTION = "/n{}"
ECHO = re.compile(r"/n(\d+)\b")


class Load:
    """Sends commands while `running`; all observations are kept for the reports."""

    def __init__(self, telegram: TelegramControl) -> None:
        self._telegram = telegram
        self._stop = threading.Event()
        self._read = len(telegram.get("sent"))
        self._polls_read = len(telegram.get("polls"))
        self.asked: dict[int, float] = {}
        self.answers: list[Answer] = []
        self.polls: list[float] = []
        """When each getUpdates began."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send commands until the block ends, then wait for the outstanding replies."""
        self._stop.clear()
        asking = threading.Thread(target=self._ask, name="load")
        asking.start()
        try:
            yield
        finally:
            self._stop.set()
            asking.join()
            self.settle()

    def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until everything is answered, for at most `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read()
            if self.unanswered() == 0:
                return
            time.sleep(0.2)

    def unanswered(self) -> int:
        return len(self.asked.keys() - {answer.number for answer in self.answers})

    def read(self) -> None:
        """Fetch the bot's new replies and polls."""
        sent = self._telegram.get(f"sent?since={self._read}")
        self._read += len(sent)
        for message in sent:
            if FIRST_CHAT <= message["chat_id"] < FIRST_CHAT + CHATS:
                echo = ECHO.search(message["message"].get("text", ""))
                if echo:
                    self.answers.append(Answer(int(echo[1]), message["at"]))
        polls = self._telegram.get(f"polls?since={self._polls_read}")
        self._polls_read += len(polls)
        self.polls += [poll["began"] for poll in polls]

    def account(self, began: float, ended: float) -> Account:
        """The outcome of the commands sent from `began` until `ended`."""
        asked = {number: at for number, at in self.asked.items() if began <= at <= ended}
        return account(asked, self.answers)

    def poll_silence(self, began: float, ended: float) -> float:
        """The longest time between the starts of two successive polls."""
        return longest_gap(self.polls, began, ended)

    def answer_silence(self, began: float, ended: float) -> float:
        """The longest time between two successive replies."""
        return longest_gap([answer.at for answer in self.answers], began, ended)

    def _ask(self) -> None:
        started = time.monotonic()
        count = 0
        while not self._stop.is_set():
            number = len(self.asked) + 1
            self.asked[number] = time.time()
            self._telegram.say(FIRST_CHAT + number % CHATS, QUESTION.format(number))
            count += 1
            # By the clock: slow calls must not reduce the load.
            self._stop.wait(max(0.0, started + count / UPDATES_PER_SECOND - time.monotonic()))
