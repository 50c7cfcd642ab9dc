"""Telegram's rate limits: messages in total, per chat and per group."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(slots=True)
class FloodLimits:
    """Allowed numbers of messages; 0 disables a limit. A chat allows a short burst, as in the
    original.
    """

    overall_per_second: int = 30
    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20


class Flood:
    """Counts accepted messages in sliding windows; times are seconds of one clock."""

    def __init__(self, limits: FloodLimits) -> None:
        self.limits = limits
        self._overall: deque[float] = deque()
        self._chats: defaultdict[int, deque[float]] = defaultdict(deque)
        self._groups: defaultdict[int, deque[float]] = defaultdict(deque)

    def retry_after(self, chat_id: int, now: float) -> int:
        """0 if a message to `chat_id` is accepted now (it is counted), otherwise whole seconds to
        wait.
        """
        limits = self.limits
        windows = []
        if limits.overall_per_second:
            windows.append((self._overall, limits.overall_per_second, 1.0))
        if limits.chat_per_second:
            burst = limits.chat_burst
            windows.append((self._chats[chat_id], burst, burst / limits.chat_per_second))
        if chat_id < 0 and limits.group_per_minute:
            windows.append((self._groups[chat_id], limits.group_per_minute, 60.0))
        for window, most, seconds in windows:
            while window and window[0] <= now - seconds:
                window.popleft()
            if len(window) >= most:
                return max(1, math.ceil(window[0] + seconds - now))
        for window, _, _ in windows:
            window.append(now)
        return 0
