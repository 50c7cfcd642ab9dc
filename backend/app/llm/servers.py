"""The configured server, and the defaults for its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.settings import ModelSettings

OPENAI = "https://api.openai.com/v1"
# Names that only resolve in a home network or between containers.
_OWN_NAMES = (
    ".local",
    ".internal",
    ".lan",
    ".home",
    ".home.arpa",
    ".localhost",
    ".test",
    ".docker",
)


class ServerKind(Enum):
    """Who operates the server."""

    OPENAI = "openai"
    HOSTED = "hosted"  # somebody else's, for money
    OWN = "own"  # the operator's own, in a private network, at no charge


@dataclass(frozen=True, slots=True)
class Server:
    """The server of the language model.

    Attributes:
        deadline: for one call, including its retries.
        concurrency: the most calls at once.
        context: limit for a prompt and its answer, in tokens; None: more than is ever needed.
    """

    url: str
    kind: ServerKind
    deadline: timedelta
    concurrency: int
    context: int | None


# A single machine computes one answer at a time, slowly, with the context it was started with.
# Ollama's default is 4,096 tokens, and it cuts longer prompts silently.
_DEFAULTS = {
    ServerKind.OPENAI: (60.0, 12, None),
    ServerKind.HOSTED: (120.0, 4, None),
    ServerKind.OWN: (300.0, 2, 4096),
}


def server_of(settings: ModelSettings) -> Server:
    url = settings.openai_base_url or OPENAI
    kind = _kind(url)
    seconds, concurrency, context = _DEFAULTS[kind]
    return Server(
        url=url,
        kind=kind,
        deadline=timedelta(seconds=settings.llm_deadline_seconds or seconds),
        concurrency=settings.llm_concurrency or concurrency,
        context=settings.llm_context_tokens or context,
    )


def _kind(url: str) -> ServerKind:
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "api.openai.com" or host.endswith(".api.openai.com"):
        return ServerKind.OPENAI
    try:
        own = not ip_address(host).is_global
    except ValueError:
        own = "." not in host or host.endswith(_OWN_NAMES)
    return ServerKind.OWN if own else ServerKind.HOSTED
