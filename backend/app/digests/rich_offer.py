"""The offer of the rich look, in a rich message: a tap on its button proves that it is shown."""

from __future__ import annotations

from app.digests.rich_blocks import (
    RichMessage,
    buttons,
    details,
    heading,
    message,
    paragraph,
    words_of_html,
)
from app.wording import text

TAKE, REFUSE, BACK = "look:rich", "look:no", "look:classic"


def compose_offer(language: str) -> RichMessage:
    """A sample of the look, with buttons to switch to it or not."""

    def said(key: str) -> str:
        return words_of_html(text(f"look.{key}", language))

    return message(
        [
            heading(said("offer"), 3),
            paragraph(said("offer_text")),
            details(said("example"), [paragraph(said("example_text"))]),
            buttons([(said("take"), TAKE), (said("refuse"), REFUSE)]),
        ]
    )
