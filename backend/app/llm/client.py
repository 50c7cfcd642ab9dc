"""The wire to the model: chat completions with structured output, through the openai SDK.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from app.llm.dialect import Dialect, Message
from app.llm.outcomes import ModelError, Outcome, Usage
from app.llm.shapes import Shape
from app.settings import Settings

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

log = logging.getLogger(__name__)

# For everything together: retries, waits between them, and a model that thinks. The SDK's own
# limit is 600 seconds.
DEADLINE_SECONDS = 60.0
CONNECT_SECONDS = 5.0
# The SDK repeats what 408, 409, 429, 5xx and lost connections ended, as `Retry-After` says; none of
# these is charged. A silent server is not asked again: the deadline is over. Nor is one that says
# that nothing is left on the account.
RETRIES = 2
MOST_OF_A_COMPLAINT = 500  # characters
# Who tells of more tokens than any model takes tells nothing.
MOST_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back; `usage` is missing where the server does not tell."""

    content: str
    usage: Usage | None


class Client:
    """Speaks to one model at one server."""

    def __init__(self, settings: Settings, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._settings = settings
        self._deadline_seconds = deadline_seconds
        self._client: asyncio.Task[openai.AsyncOpenAI] | None = None
        self.dialect = Dialect(settings.openai_model, own_server=bool(settings.openai_base_url))

    async def complete(
        self,
        instructions: str,
        messages: Sequence[Message],
        shape: type[Shape],
        most_tokens: int,
    ) -> Completion:
        """Ask once.

        Raises:
            ModelError: with the outcome when there is no whole answer.
        """
        if self._client is None:
            self._client = asyncio.create_task(asyncio.to_thread(self._open))
        client = await asyncio.shield(self._client)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                while True:
                    request = self.dialect.request(instructions, messages, shape, most_tokens)
                    try:
                        return _read(await _send(client, request))
                    except ModelError as error:
                        if error.outcome is not Outcome.REJECTED or not self.dialect.adapt(
                            str(error)
                        ):
                            raise
                        log.info("The model's server is asked differently now: %s", error)
        except TimeoutError:
            seconds = f"{self._deadline_seconds:g} seconds"
            raise ModelError(Outcome.TIMEOUT, f"no answer within {seconds}") from None

    def _open(self) -> openai.AsyncOpenAI:
        # Importing it takes more than a second and 50 MB, which nobody without a key has to spend.
        import openai  # noqa: PLC0415

        from app.llm.wire import BoundedClient  # noqa: PLC0415

        key = self._settings.openai_api_key
        timeout = openai.Timeout(self._deadline_seconds, connect=CONNECT_SECONDS)
        client = openai.AsyncOpenAI(
            api_key=key.get_secret_value() if key else "",
            base_url=self._settings.openai_base_url or "https://api.openai.com/v1",
            timeout=timeout,
            max_retries=RETRIES,
            http_client=BoundedClient(timeout=timeout),
        )
        assert client.chat.completions  # so that what it is made of is imported here too
        return client


async def _send(client: openai.AsyncOpenAI, request: dict[str, Any]) -> ChatCompletion:
    import openai  # noqa: PLC0415

    try:
        completion: ChatCompletion = await client.chat.completions.create(**request)
    except openai.APITimeoutError as error:
        raise ModelError(Outcome.TIMEOUT, "no answer in time") from error
    except openai.APIStatusError as error:
        raise ModelError(_outcome(error), _said(error, client.api_key)) from error
    except openai.APIConnectionError as error:
        raise ModelError(Outcome.UNREACHABLE, f"no connection: {error.__cause__}") from error
    except (openai.OpenAIError, ValueError, RecursionError) as error:
        raise ModelError(Outcome.NONSENSE, f"not an answer: {error}") from error
    return completion


def _said(error: openai.APIStatusError, key: str) -> str:
    """The server's own words, without the key that some servers repeat."""
    body = error.body if isinstance(error.body, dict) else {}
    words = body.get("message") or error.message
    return f"{error.status_code}, {words}".replace(key, "•••")[:MOST_OF_A_COMPLAINT]


def _outcome(error: openai.APIStatusError) -> Outcome:
    match error.status_code:
        case 401 | 403 | 404:
            return Outcome.MISCONFIGURED
        case 402:
            return Outcome.NO_QUOTA
        case 429:
            # https://platform.openai.com/docs/guides/error-codes: the same status for both.
            of_quota = "insufficient_quota" in (error.code, error.type)
            return Outcome.NO_QUOTA if of_quota else Outcome.RATE_LIMITED
        case status if status >= 500 or status in (408, 409):
            return Outcome.SERVER_ERROR
        case _:
            return Outcome.REJECTED


def _read(completion: ChatCompletion) -> Completion:
    """Take out what is needed; a server may leave out anything, whatever the SDK's types say."""
    usage = _usage(completion)
    try:
        choice = completion.choices[0]
        message, finish = choice.message, choice.finish_reason
        content, refusal = message.content, message.refusal
    except (AttributeError, IndexError, TypeError):
        raise ModelError(Outcome.NONSENSE, "the answer has no message", usage) from None
    if refusal or finish == "content_filter":
        raise ModelError(Outcome.REFUSED, refusal or "held back by a content filter", usage)
    if finish == "length":
        raise ModelError(Outcome.CUT_OFF, "the answer is longer than it may be", usage)
    if not content or not isinstance(content, str):
        raise ModelError(Outcome.NONSENSE, "the answer is empty", usage)
    return Completion(content, usage)


def _usage(completion: ChatCompletion) -> Usage | None:
    usage = getattr(completion, "usage", None)
    prompt = getattr(usage, "prompt_tokens", None)
    answer = getattr(usage, "completion_tokens", None)
    if not _is_number(prompt) or not _is_number(answer):
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    return Usage(prompt, answer, cached if _is_number(cached) else 0)


def _is_number(tokens: object) -> TypeGuard[int]:
    return isinstance(tokens, int) and 0 <= tokens <= MOST_TOKENS
