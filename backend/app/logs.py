"""Logging to stderr, without secrets."""

from __future__ import annotations

import logging

from app.settings import Settings


class _SecretMaskingFormatter(logging.Formatter):
    """Removes the secrets from log records, including tracebacks.

    The bot's token is part of every Bot API address, so the error message of a library may contain
    it.
    """

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "•••")
        return line


def set_up_logging(settings: Settings) -> None:
    """Log to stderr at the configured level; libraries only from WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(_SecretMaskingFormatter(settings.secrets()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Its pool logs every failed reconnection with a traceback; the app logs outages itself.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    logging.getLogger("app").setLevel(settings.log_level)
