"""Sends a message to the operator's chat from the host, while the app cannot."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

ATTEMPTS = 5
SECONDS = 10
PAUSE_SECONDS = 5
MAX_CHARACTERS = 3500


def tell_operator(settings: dict[str, str], text: str) -> str:
    """Send a message; returns the error without secrets, or an empty string."""
    token, chat = settings.get("TELEGRAM_BOT_TOKEN", ""), settings.get("ADMIN_CHAT_ID", "")
    if not (token and chat):
        return "no operator's chat is configured"
    url = settings.get("TELEGRAM_API_URL") or "https://api.telegram.org"
    if urlsplit(url).scheme not in {"http", "https"}:
        return "TELEGRAM_API_URL is no web address"
    request = urllib.request.Request(  # noqa: S310 - its scheme was looked at
        f"{url}/bot{token}/sendMessage",
        data=json.dumps({"chat_id": int(chat), "text": text[:MAX_CHARACTERS]}).encode(),
        headers={"Content-Type": "application/json"},
    )
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - as above
                return ""
        except urllib.error.HTTPError as error:
            reason = f"Telegram answered {error.code}"
            if error.code not in {429, 500, 502, 503, 504}:
                return reason
        except OSError:
            # Its text may contain the address, and with it the token.
            reason = "Telegram does not answer"
    return reason
