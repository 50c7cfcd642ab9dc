"""What the process says about itself, on stderr, without secrets."""

from __future__ import annotations

import logging

from app.settings import Settings


class _WithoutSecrets(logging.Formatter):
    """Cuts the secrets out of whatever is logged, tracebacks included.

    The bot's token is part of every address of the Bot API, so a library's error message may hold
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
    """Log to stderr at the level of the settings; libraries only from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_WithoutSecrets(settings.secrets()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Its pool tells of every failed reconnection with a traceback; the app tells of outages itself.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    logging.getLogger("app").setLevel(settings.log_level)
