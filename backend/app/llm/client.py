"""Calls the model: chat completions with structured output, through the openai SDK.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeGuard

from app.llm.dialect import Dialect
from app.llm.error_responses import ErrorResponse, parse_error_response
from app.llm.outcomes import NOTHING, ModelError, Outcome, Usage
from app.llm.servers import server_of
from app.llm.shapes import Shape
from app.llm.truncation import PromptMessage
from app.settings import ModelSettings

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
# The SDK retries after 408, 409, 429, 5xx and lost connections, and honours `Retry-After`; none of
# these is charged. A timeout is not retried, because the deadline has passed, nor is an exhausted
# account.
RETRIES = 2
# How often the prompt of one call is shortened.
MAX_SHORTENED = 6
# A server that reports more tokens than any model takes is not believed.
MAX_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed answer; `usage` is None if the server does not report it."""

    content: str
    usage: Usage | None


# The instructions, the messages, the answer's shape, and the most tokens of the answer.
Asked = tuple[str, Sequence[PromptMessage], type[Shape], int]
# Receives the answer as far as it was written, whenever there is more.
Listener = Callable[[str], None]


class ErrorResponseError(ModelError):
    """The server rejected the request with an error; nothing is charged."""

    def __init__(self, outcome: Outcome, complaint: ErrorResponse, key: str) -> None:
        super().__init__(outcome, complaint.told(key), NOTHING, complaint.retry_after)
        self.complaint = complaint


class Client:
    """A client of one model at one server."""

    def __init__(self, settings: ModelSettings, deadline_seconds: float | None = None) -> None:
        server = server_of(settings)
        self._url = server.url
        self._key = settings.openai_api_key
        # For the whole call: retries, pauses and the model's reasoning. The SDK's own limit is 600
        # seconds.
        self._deadline_seconds = deadline_seconds or server.deadline.total_seconds()
        self._client: asyncio.Task[openai.AsyncOpenAI] | None = None
        # False once the server has shown that it cannot stream.
        self._streams = True
        self.dialect = Dialect(settings.openai_model, server)

    async def complete(
        self,
        instructions: str,
        messages: Sequence[PromptMessage],
        shape: type[Shape],
        max_tokens: int,
        *,
        retries: int = RETRIES,
        listener: Listener | None = None,
    ) -> Completion:
        """Make one call, in the dialect that the server supports; a `listener` receives the answer
        while it is written, if the server can stream.

        Raises:
            ModelError: there is no complete answer; its outcome has the reason.
        """
        client = await self.open()
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._understood(
                    client.with_options(max_retries=retries),
                    (instructions, messages, shape, max_tokens),
                    listener,
                )
        except TimeoutError:
            seconds = f"{self._deadline_seconds:g} seconds"
            raise ModelError(Outcome.TIMEOUT, f"no answer within {seconds}") from None

    async def _understood(
        self, client: openai.AsyncOpenAI, asked: Asked, listener: Listener | None
    ) -> Completion:
        """Repeat the request until the server accepts its parameters and length."""
        instructions, messages, shape, max_tokens = asked
        shortened = 0
        while True:
            fitting = self.dialect.fit(instructions, messages, shape, max_tokens)
            if fitting is None:
                detail = f"a context of {self.dialect.context} tokens is too small for a prompt"
                raise ModelError(Outcome.TOO_LONG, detail)
            try:
                request = self.dialect.request(instructions, fitting, shape, max_tokens)
                if listener is None or not self._streams:
                    return _read(await _send(client, request))
                completion = await _send_streamed(client, request, listener)
                if completion is not None:
                    return _read(completion)
                self._streams = False
                log.info("The model's server does not stream answers")
            except ErrorResponseError as error:
                complaint = error.complaint
                if complaint.is_too_long and shortened < MAX_SHORTENED:
                    shortened += 1
                    took = self.dialect.prompt_tokens(instructions, fitting, shape)
                    self.dialect.learn_length(complaint, took + self.dialect.tokens(max_tokens))
                elif error.outcome is not Outcome.REJECTED:
                    raise
                elif not self.dialect.adapt(complaint):
                    if listener is None or not self._streams:
                        raise
                    self._streams = False
                log.info("Requests to the model's server are adapted: %s", error)

    async def open(self) -> openai.AsyncOpenAI:
        """Load the SDK, unless a call has done so."""
        if self._client is None:
            self._client = asyncio.create_task(asyncio.to_thread(self._open))
        return await asyncio.shield(self._client)

    def _open(self) -> openai.AsyncOpenAI:
        # The import takes over a second and 50 MB, so a process without a key skips it.
        import openai

        from app.llm.wire import BoundedClient

        key = self._key
        timeout = openai.Timeout(self._deadline_seconds, connect=CONNECT_SECONDS)
        client = openai.AsyncOpenAI(
            api_key=key.get_secret_value() if key else "",
            base_url=self._url,
            timeout=timeout,
            max_retries=RETRIES,
            http_client=BoundedClient(timeout=timeout),
        )
        assert client.chat.completions  # also imports the modules that this attribute loads lazily
        return client


async def _send(client: openai.AsyncOpenAI, request: dict[str, Any]) -> ChatCompletion:
    async with _failures(client):
        completion: ChatCompletion = await client.chat.completions.create(**request)
        return completion


async def _send_streamed(
    client: openai.AsyncOpenAI, request: dict[str, Any], listener: Listener
) -> Any:
    """Like `_send`, for a streamed completion; None if the server sent no event.

    https://platform.openai.com/docs/api-reference/chat-streaming: the last event has the usage, and
    no choices.
    """
    content, refusal, finish, usage, pieces = "", "", None, None, 0
    async with _failures(client):
        stream = await client.chat.completions.create(
            **request, stream=True, stream_options={"include_usage": True}
        )
        async with stream:
            async for piece in stream:
                usage = getattr(piece, "usage", None) or usage
                choice = next(iter(getattr(piece, "choices", None) or ()), None)
                pieces += 1
                if choice is None:
                    continue
                delta = choice.delta
                refusal += getattr(delta, "refusal", None) or ""
                finish = choice.finish_reason or finish
                if more := _joined(getattr(delta, "content", None)):
                    content += more
                    listener(content)
    if not pieces:
        return None
    if finish is None:
        raise ModelError(Outcome.SERVER_ERROR, "the answer broke off")
    message = SimpleNamespace(content=content, refusal=refusal or None)
    choice = SimpleNamespace(message=message, finish_reason=finish)
    return SimpleNamespace(choices=[choice], usage=usage)


@asynccontextmanager
async def _failures(client: openai.AsyncOpenAI) -> AsyncIterator[None]:
    """Raise every failure of a request as a `ModelError`."""
    import httpx2
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        raise ModelError(Outcome.TIMEOUT, "no answer in time") from error
    except openai.APIStatusError as error:
        raise _complaint(error, client.api_key) from error
    except openai.APIConnectionError as error:
        raise ModelError(Outcome.UNREACHABLE, f"no connection: {error.__cause__}") from error
    except httpx2.HTTPError as error:
        raise ModelError(Outcome.UNREACHABLE, f"the connection was lost: {error!r}") from error
    except (openai.OpenAIError, ValueError, RecursionError) as error:
        raise ModelError(Outcome.NONSENSE, f"the response is not a completion: {error}") from error


def _complaint(error: openai.APIStatusError, key: str) -> ErrorResponseError:
    said = error.response.headers.get("retry-after")
    complaint = parse_error_response(error.status_code, error.body, said)
    return ErrorResponseError(_outcome(complaint), complaint, key)


def _outcome(complaint: ErrorResponse) -> Outcome:
    if complaint.is_too_long:
        return Outcome.TOO_LONG
    if complaint.is_filtered:
        return Outcome.REFUSED
    match complaint.status:
        case 401 | 403 | 404:
            return Outcome.MISCONFIGURED
        case 402:
            return Outcome.NO_QUOTA
        case 429:
            # https://platform.openai.com/docs/guides/error-codes: both have the status 429.
            of_quota = "insufficient_quota" in complaint.code
            return Outcome.NO_QUOTA if of_quota else Outcome.RATE_LIMITED
        case status if status >= 500 or status in (408, 409):
            return Outcome.SERVER_ERROR
        case _:
            return Outcome.REJECTED


def _read(completion: ChatCompletion) -> Completion:
    """Extract the answer; a server may omit any field, whatever the SDK's types declare."""
    usage = _usage(completion)
    try:
        choice = completion.choices[0]
        message, finish = choice.message, choice.finish_reason
        content, refusal = message.content, message.refusal
    except (AttributeError, IndexError, TypeError):
        # Gateways respond like this when the server behind them has failed.
        outcome = Outcome.SERVER_ERROR if usage is None else Outcome.NONSENSE
        raise ModelError(outcome, "the response has no message", usage) from None
    if refusal or finish == "content_filter":
        raise ModelError(Outcome.REFUSED, refusal or "blocked by a content filter", usage)
    if finish == "length":
        raise ModelError(Outcome.CUT_OFF, "the answer exceeds its token limit", usage)
    content = _joined(content)
    if not content or not isinstance(content, str):
        raise ModelError(Outcome.NONSENSE, "the answer is empty", usage)
    return Completion(content, usage)


def _joined(content: Any) -> Any:
    """An answer as one text, if it came in parts, as Mistral's with reasoning."""
    return "".join(map(_text_of, content)) if isinstance(content, list) else content


def _text_of(part: object) -> str:
    """The text of a part of an answer; empty for other parts, such as reasoning."""
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


def _usage(completion: ChatCompletion) -> Usage | None:
    usage = getattr(completion, "usage", None)
    prompt = getattr(usage, "prompt_tokens", None)
    answer = getattr(usage, "completion_tokens", None)
    if not _is_number(prompt) or not _is_number(answer):
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    return Usage(prompt, answer, cached if _is_number(cached) else 0)


def _is_number(tokens: object) -> TypeGuard[int]:
    return isinstance(tokens, int) and 0 <= tokens <= MAX_TOKENS
