"""An HTTP backend for python-telegram-bot based on aiohttp, through its documented interface.

A call through the library's own `HTTPXRequest` costs more than three times the CPU, which is most
of the cost of an update (`make bench-bot PARTS=calls`). Unlike the library's, the errors raised
here tell whether the request may have reached Telegram.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from app.proxy import proxy_for
from app.telegram.api.fence import FencedRequest, NotSentError
from app.text.compact_json import compact_json

_JSON = {"Content-Type": "application/json"}


class UnansweredError(NetworkError):
    """The request may have left, and no complete response came."""


class MalformedAnswerError(TelegramError):
    """The response is not one of the Bot API; `payload` is its body."""

    def __init__(self, message: str, payload: bytes) -> None:
        super().__init__(message)
        self.payload = payload


class AiohttpRequest(BaseRequest):
    """At most `connections` at once, kept alive between calls; times are in seconds.

    Create it inside a running event loop. Calls are never retried here.
    """

    def __init__(
        self, api_url: str, *, connections: int, connect_seconds: float, answer_seconds: float
    ) -> None:
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=FencedRequest,
            headers={"User-Agent": self.USER_AGENT},
            proxy=proxy_for(api_url),
        )

    @property
    def read_timeout(self) -> float | None:
        return self._answer_seconds

    async def initialize(self) -> None:
        """Do nothing: no preparation is needed."""

    async def shutdown(self) -> None:
        await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; of the timeouts, only `read_timeout` applies to a single call.

        Raises:
            NotSentError: the request has not reached Telegram.
            UnansweredError: the request may have reached Telegram.
        """
        answer_seconds = self._answer_seconds if read_timeout is self.DEFAULT_NONE else read_timeout
        timeout = aiohttp.ClientTimeout(
            connect=self._connect_seconds,
            total=self._connect_seconds + answer_seconds,
        )
        try:
            async with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, **_body(request_data)
            ) as response:
                answer = response.status, await response.read()
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            raise NotSentError(_described(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnansweredError(_described(error)) from error
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # The server may have forwarded the request, or failed after executing it.
            raise UnansweredError(f"{response.status} {response.reason}")
        return answer

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse a response of the Bot API.

        Raises:
            MalformedAnswerError: it is something else, such as a proxy's error page.
        """
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise MalformedAnswerError(f"not JSON: {type(error).__name__}", payload) from error
        if not isinstance(answer, dict) or (answer.get("ok") and "result" not in answer):
            raise MalformedAnswerError("JSON, but not the Bot API's", payload)
        return answer


def _body(data: RequestData | None) -> dict[str, Any]:
    """The parameters as JSON; with files, as multipart."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": compact_json(data.parameters), "headers": _JSON}
    multipart = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, content_type) in data.multipart_data.items():
        multipart.add_field(name, content, filename=filename, content_type=content_type)
    return {"data": multipart}


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
