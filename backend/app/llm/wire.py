"""What comes back over HTTP, within bounds. Imported with the SDK, which takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai import DefaultAsyncHttpxClient

if TYPE_CHECKING:
    from httpx2 import Request, Response

# A hundred times an answer of the most tokens that are asked for.
MOST_BYTES = 1024**2


class BoundedClient(DefaultAsyncHttpxClient):
    """Reads at most `MOST_BYTES` of an answer: what is cut there is no JSON any more."""

    async def send(self, request: Request, **options: Any) -> Response:
        """Send, and tell the SDK not to repeat what fails the same way until somebody has paid."""
        response = await super().send(request, **options | {"stream": True})
        try:
            content = bytearray()
            # Unpacked, and in pieces of what the network brings at once.
            async for piece in response.aiter_bytes():
                content += piece[: MOST_BYTES - len(content)]
                if len(content) == MOST_BYTES:
                    break
        finally:
            await response.aclose()
        packing = ("content-encoding", "content-length", "transfer-encoding")
        headers = {name: value for name, value in response.headers.items() if name not in packing}
        # https://platform.openai.com/docs/guides/error-codes: a 429 that waiting does not help.
        if response.status_code == 429 and b"insufficient_quota" in content:
            headers["x-should-retry"] = "false"
        return type(response)(
            response.status_code, headers=headers, content=bytes(content), request=request
        )
