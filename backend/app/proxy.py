"""The proxy that the environment configures for an address."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(url: str) -> str | None:
    """The proxy for `url` according to `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.

    Call it once per client: aiohttp's own `trust_env` reads files again for every request.
    """
    parts = urlsplit(url)
    if parts.hostname and proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)
