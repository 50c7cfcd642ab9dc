"""How python-telegram-bot speaks HTTP here: through aiohttp, by the interface that it documents.

A call through the library's own `HTTPXRequest` costs more than three times the CPU, and that is
most of what an answered update costs (`make bench-bot PARTS=calls`). The errors raised here also
say what the library's do not: whether the request may have reached Telegram.
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from app.proxy import proxy_for

_FORM = "application/x-www-form-urlencoded"


class NotSentError(NetworkError):
    """The request has certainly not left this machine."""


class UnansweredError(NetworkError):
    """The request may have left, and no whole answer came."""


class UnreadableError(TelegramError):
    """The answer is not what the Bot API answers; `payload` is what came instead."""

    def __init__(self, message: str, payload: bytes) -> None:
        super().__init__(message)
        self.payload = payload


class AiohttpRequest(BaseRequest):
    """At most `connections` at once, kept alive between calls; times are in seconds.

    Must be made while an event loop runs. A call is never repeated here.
    """

    def __init__(
        self, api_url: str, *, connections: int, connect_seconds: float, answer_seconds: float
    ) -> None:
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
            proxy=proxy_for(api_url),
        )

    @property
    def read_timeout(self) -> float | None:
        return self._answer_seconds

    async def initialize(self) -> None:
        """There is nothing to prepare."""

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
        """Make one request; of the timeouts only `read_timeout` can be set for a single call.

        Raises:
            NotSentError: Telegram cannot have it.
            UnansweredError: Telegram may have it.
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
                return response.status, await response.read()
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            raise NotSentError(_described(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnansweredError(_described(error)) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer of the Bot API.

        Raises:
            UnreadableError: for anything else, such as the page of a proxy in between.
        """
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise UnreadableError(f"not JSON: {type(error).__name__}", payload) from error
        if not isinstance(answer, dict) or (answer.get("ok") and "result" not in answer):
            raise UnreadableError("JSON, but not the Bot API's", payload)
        return answer


def _body(data: RequestData | None) -> dict[str, Any]:
    """The parameters as a form, as the library sends them; files make it a multipart one."""
    if data is None:
        return {}
    if not data.contains_files:
        # yarl quotes in C: a digest in a tenth of the time that the standard library takes.
        form = URL.build(query=data.json_parameters).raw_query_string
        return {"data": form.encode(), "headers": {"Content-Type": _FORM}}
    multipart = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, content_type) in data.multipart_data.items():
        multipart.add_field(name, content, filename=filename, content_type=content_type)
    return {"data": multipart}


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
