"""The chat page has no findings of axe, whatever it shows."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from demo.browser import Screen, Tab, browser_tab
from demo.tests.axe import SCREENS, findings, needs_chromium, show
from simulators.control import TelegramControl
from simulators.processes import service

READER, GROUP = 1001, -1000000000001  # the page's own reader
KEYS = {"inline_keyboard": [[{"text": "🔖 Save", "callback_data": "save:1"}]]}
HTML = (
    "<b>Heading</b>\n<code>/settings hour 7:30</code> <i>excerpt</i> "
    '<a href="https://example.com">a link</a> <tg-spoiler>hidden</tg-spoiler>\n'
    "<blockquote>quotation</blockquote>"
    f"<blockquote expandable>{'a long quotation ' * 40}</blockquote>"
)
RICH = [
    {"type": "heading", "size": 2, "text": "Hacker News"},
    {"type": "heading", "size": 4, "text": "Science"},
    {
        "type": "details",
        "is_open": True,
        "summary": [{"type": "bold", "text": "1. A title"}, " · 3 points"],
        "blocks": [
            {"type": "paragraph", "text": {"type": "url", "url": "https://a.example", "text": "a"}},
            {"type": "list", "items": [{"blocks": [{"type": "paragraph", "text": "a point"}]}]},
            {
                "type": "table",
                "cells": [
                    [{"text": "Points", "align": "center", "valign": "top", "is_header": True}],
                    [{"text": "503", "align": "center", "valign": "top"}],
                ],
            },
            {"type": "expandable_blockquote", "text": "a quotation"},
            {"type": "buttons", "buttons": [{"text": "Save", "callback_data": "save:1"}]},
        ],
    },
    {"type": "footer", "text": "Change the look in /settings."},
]
EPHEMERAL = {
    "event": "ephemeral",
    "message": {
        "message_id": 9,
        "ephemeral_message_id": 9,
        "date": 0,
        "chat": {"id": GROUP},
        "text": "Only for you",
    },
}
# The script that brings the page into each state.
STATES = {
    "messages": "0",
    "commands": "document.querySelector('.menu').click()",
    "reply": "document.querySelector('.reply').click()",
    "waiting": "document.querySelector('.keys button').click()",
    "alert": "answer({query_id: (waiting.set('1', {}), '1'), text: 'No', show_alert: true})",
    "notice": "notice('Saved.')",
    "group": f"current = {GROUP}; hear({json.dumps(EPHEMERAL)})",
    "empty": "current = (chats.set(5, {id: 5, type: 'channel', messages: []}), 5), drawMessages()",
}


@pytest.fixture
def address() -> Iterator[str]:
    """The page of a chat with every kind of message, and of a group."""
    with service("telegram", "--no-limits", "--notice", "Sample day: invented") as address:
        telegram = TelegramControl(address)
        said = telegram.say(READER, "/start")
        telegram.post("membership", {"chat_id": GROUP, "status": "member", "type": "supergroup"})
        call(address, "sendMessage", chat_id=READER, text=HTML, parse_mode="HTML")
        call(
            address,
            "sendMessage",
            chat_id=READER,
            text="An answer",
            reply_markup=KEYS,
            reply_parameters={"message_id": said["message_id"]},
        )
        call(address, "sendRichMessage", chat_id=READER, rich_message={"blocks": RICH})
        commands = [{"command": "help", "description": "what I can do"}]
        call(address, "setMyCommands", commands=commands)
        call(address, "sendMessage", chat_id=GROUP, text="Hello", reply_markup=KEYS)
        yield f"{address}/"


def call(address: str, method: str, **parameters: Any) -> None:
    """Call a method of the Bot API."""
    request = urllib.request.Request(
        f"{address}/bot1:token/{method}",
        json.dumps(parameters).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert json.load(reply)["ok"]


@needs_chromium
def test_every_state_of_the_page_passes_axe(address: str) -> None:
    async def judge(tab: Tab, script: str, screen: Screen) -> list[str]:
        await show(tab, address, screen)
        await tab.wait_for("document.querySelectorAll('.message').length >= 4")
        draft = {"chat_id": READER, "draft_id": 1, "text": "It is", "can_stop": True}
        await asyncio.to_thread(call, address.rstrip("/"), "sendMessageDraft", **draft)
        await tab.wait_for("document.querySelector('.draft') !== null")
        await tab.evaluate(f"{{ {script} }} document.getAnimations().map(one => one.finish()); 0")
        return await findings(tab)

    async def judge_all() -> dict[str, list[str]]:
        async with browser_tab() as tab:
            return {
                f"{name} {screen}": found
                for name, script in STATES.items()
                for screen in SCREENS
                if (found := await judge(tab, script, screen))
            }

    assert asyncio.run(judge_all()) == {}
