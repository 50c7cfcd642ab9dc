"""The message that stands in for the answer to a question, and is edited into it."""

from __future__ import annotations

from app.telegram.send.messages import text_message
from app.telegram.send.outbox import OutgoingMessage, Parameters


def placeholder_key(question_id: int) -> str:
    return f"question:{question_id}:wait"


def placeholder_message(
    question_id: int,
    chat_id: int,
    story_id: int,
    html: str,
    reply_to_message_id: int | None,
    topic_id: int | None,
) -> OutgoingMessage:
    """The message that says that the question is being answered."""
    return OutgoingMessage(
        key=placeholder_key(question_id),
        chat_id=chat_id,
        method="sendMessage",
        parameters={
            "chat_id": chat_id,
            **text_message(html),
            **reply_parameters(reply_to_message_id, topic_id),
        },
        story_id=story_id,
    )


def reply_parameters(message_id: int | None, topic_id: int | None) -> Parameters:
    """Where an answer belongs: the message that it replies to, and the topic."""
    place: Parameters = {}
    if topic_id is not None:
        place["direct_messages_topic_id"] = topic_id
    if message_id is not None:
        reply = {"message_id": message_id, "allow_sending_without_reply": True}
        place["reply_parameters"] = reply
    return place
