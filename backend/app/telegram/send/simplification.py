"""Sends a refused message again in a simpler form."""

from __future__ import annotations

import re
from typing import Any

from app.telegram.api.outcomes import CallOutcome, ChatRefuses, Refused, Unparsable
from app.telegram.send.outbox import EPHEMERAL, QUERY, Parameters
from app.telegram.send.plain_text import without_entities

_NO_TOPIC = re.compile(r"thread not found|TOPIC_(?:CLOSED|DELETED)", re.IGNORECASE)
_UNSUPPORTED = re.compile(
    r"not (?:yet )?(?:supported|implemented|available|recognized)|unsupported|isn't supported"
    r"|(?:unknown|unexpected|invalid|unrecognized) (?:parameter|field|argument|option|effect)"
    r"|EFFECT_ID_INVALID|repl(?:y|ied)",
    re.IGNORECASE,
)
# The essence of a message: its destination, its content and its buttons. All other parameters are
# decoration, including those added by later releases.
ESSENTIAL = frozenset(
    {
        "action",
        "callback_query_id",
        "caption",
        "chat_id",
        "direct_messages_topic_id",
        "document",
        "draft_id",
        "message_id",
        "message_thread_id",
        "parse_mode",
        "reply_markup",
        "rich_message",
        "show_alert",
        "text",
    }
)
# The same for a button (https://core.telegram.org/bots/api#inlinekeyboardbutton).
ESSENTIAL_OF_BUTTON = frozenset(
    {"text", "callback_data", "url", "copy_text", "web_app", "login_url", "switch_inline_query"}
)


def simplified(parameters: Parameters, outcome: CallOutcome) -> Parameters | None:
    """Parameters that Telegram may accept; None if nothing can be left out.

    Without formatting that it cannot parse; in the chat itself if the topic is closed or deleted;
    to all members of a group if it cannot be shown to one; without decoration that is not
    supported.
    """
    match outcome:
        case Unparsable() if "parse_mode" in parameters:
            return without_entities(parameters)
        case Refused(error) | ChatRefuses(error) if (
            "message_thread_id" in parameters and _NO_TOPIC.search(error)
        ):
            return _without(parameters, "message_thread_id", "reply_parameters")
        case Refused(error) if EPHEMERAL in parameters:
            shown_to = {**parameters[EPHEMERAL]}
            # A tap's id is valid for seconds only.
            if shown_to.pop(QUERY, None) is not None and "query" in error.lower():
                return parameters | {EPHEMERAL: shown_to}
            return _without(parameters, EPHEMERAL)
        case Refused(error):
            plain = without_decoration(parameters)
            return plain if plain != parameters and _is_of_decoration(parameters, error) else None
        case _:
            return None


def without_decoration(parameters: Parameters) -> Parameters:
    """Only the essential parameters of a message."""
    plain = {name: value for name, value in parameters.items() if name in ESSENTIAL}
    markup = plain.get("reply_markup")
    if isinstance(markup, dict) and "inline_keyboard" in markup:
        rows = [[_plain_button(button) for button in row] for row in markup["inline_keyboard"]]
        plain["reply_markup"] = {"inline_keyboard": rows}
    return plain


def _plain_button(button: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in button.items() if name in ESSENTIAL_OF_BUTTON}


def _is_of_decoration(parameters: Parameters, error: str) -> bool:
    """Whether a refusal may be about a parameter that can be left out."""
    said = error.lower()
    names = [name for name in parameters if name not in ESSENTIAL]
    markup = parameters.get("reply_markup")
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    names += [name for row in rows for button in row for name in button]
    named = [name for name in names if name not in ESSENTIAL | ESSENTIAL_OF_BUTTON]
    return bool(_UNSUPPORTED.search(error)) or any(
        name in said or name.replace("_", " ") in said for name in named
    )


def _without(parameters: Parameters, *names: str) -> Parameters:
    return {name: value for name, value in parameters.items() if name not in names}
