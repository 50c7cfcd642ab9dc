"""Limits and classifies HTTP responses. Imported with the SDK, because that import is slow."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from httpx2 import AsyncByteStream
from openai import DefaultAsyncHttpxClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx2 import Request, Response

# A hundred times the longest requested answer.
MAX_BYTES = 1024**2


class BoundedClient(DefaultAsyncHttpxClient):
    """Reads at most `MAX_BYTES` of a response; a truncated one is no longer valid JSON."""

    async def send(self, request: Request, **options: Any) -> Response:
        """Send a request; tell the SDK not to retry if the account is exhausted."""
        response = await super().send(request, **options | {"stream": True})
        if options.get("stream") and _is_event_stream(response):
            kept = {name: value for name, value in response.headers.items() if name not in _PACKING}
            return type(response)(
                response.status_code,
                headers=kept,
                stream=_BoundedPieces(response),
                request=request,
            )
        try:
            content = bytearray()
            # Decompressed, in the chunks in which the network delivers it.
            async for piece in response.aiter_bytes():
                content += piece[: MAX_BYTES - len(content)]
                if len(content) == MAX_BYTES:
                    break
        finally:
            await response.aclose()
        headers = {name: value for name, value in response.headers.items() if name not in _PACKING}
        status, answer = _error_inside_success(response.status_code, bytes(content))
        # https://platform.openai.com/docs/guides/error-codes: a 429 that waiting does not resolve.
        if status == 429 and any(words in answer for words in _WAITING_DOES_NOT_HELP):
            headers["x-should-retry"] = "false"
        return type(response)(status, headers=headers, content=answer, request=request)


class _BoundedPieces(AsyncByteStream):
    """An answer's bytes as they come, unpacked, and at most `MAX_BYTES` of them."""

    def __init__(self, response: Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_BYTES
        async for piece in self._response.aiter_bytes():
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    async def aclose(self) -> None:
        await self._response.aclose()


def _is_event_stream(response: Response) -> bool:
    kind = str(response.headers.get("content-type", ""))
    return response.status_code == 200 and kind.startswith("text/event-stream")


_PACKING = ("content-encoding", "content-length", "transfer-encoding")
_WAITING_DOES_NOT_HELP = (b"insufficient_quota", b"Request too large")
# For errors without a status.
BAD_GATEWAY = 502
# Only a response with one of these can contain an error.
_MARKS = (b'"error"', b'"detail"')


def _error_of_whole_response(answer: dict[str, Any]) -> object:
    """The error that a whole response is, as of vLLM and of FastAPI; None if it is none."""
    if answer.get("choices"):
        return None
    return answer if answer.get("object") == "error" else answer.get("detail")


def _error_inside_success(status: int, content: bytes) -> tuple[int, bytes]:
    """The status and the error that a gateway reports inside a response with status 200."""
    if status != 200 or not any(mark in content for mark in _MARKS):
        return status, content
    try:
        answer = json.loads(content)
        choice = (answer.get("choices") or [{}])[0]
        error = answer.get("error") or choice.get("error") or _error_of_whole_response(answer)
        failed = error or choice.get("finish_reason") == "error"
    except (ValueError, AttributeError, IndexError, KeyError, TypeError, RecursionError):
        return status, content
    if not failed:
        return status, content
    code = str(error.get("code")) if isinstance(error, dict) else ""
    inner = int(code) if re.fullmatch(r"[45]\d\d", code) else BAD_GATEWAY
    return inner, json.dumps({"error": error or "the response broke off"}).encode()
