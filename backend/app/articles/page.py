"""A fetched page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Page:
    """A response: `url` after redirects, `body` without `Content-Encoding`.

    With a status from 400, the body may be truncated. `headers` have lower-case names.
    """

    url: str
    content_type: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
