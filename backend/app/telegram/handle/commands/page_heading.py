"""The heading of a settings page."""

from __future__ import annotations

from app.telegram.handle.context import HandlerContext


def headed(context: HandlerContext, name: str, words: str) -> str:
    """A page's words below the label of the button that opens it."""
    return f"<b>{context.text(f'settings.button_{name}')}</b>\n{words}"
