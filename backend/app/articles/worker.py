"""`python -m app.articles.worker`: extracts pages for `app.articles.workers`, which starts it.

It runs untrusted pages through many parsers, so it can reach no secrets: it has no environment, no
files and no network, and its parent accepts only text from it. A frame on stdin or stdout is JSON,
preceded by its length in bytes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from app.articles.assess import likelihood, phrases, site_words
from app.articles.assess.case import Expected
from app.articles.extract import extract
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.sandbox import enter

MAX_BYTES = 256 * 1024**2
NICENESS = 5
MAX_DETAIL = 200  # characters

_LENGTH = struct.Struct("!II")


def frame(message: dict[str, Any], body: bytes = b"") -> bytes:
    """Encode a message: the lengths of its JSON and of a body, followed by both."""
    head = json.dumps(message).encode()
    return _LENGTH.pack(len(head), len(body)) + head + body


def lengths(prefix: bytes) -> tuple[int, int]:
    """The lengths of the JSON and the body after the first `PREFIX_BYTES` of a frame."""
    head, body = _LENGTH.unpack(prefix)
    return head, body


PREFIX_BYTES = _LENGTH.size


def main() -> None:
    pages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    _limit_resources()
    # It logs every anomaly, and untrusted documents may have any number.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    import trafilatura  # noqa: F401 - now rather than within the first page's time

    for data in (phrases, site_words, likelihood):
        data.load()  # reads a file, which is impossible later
    missing = enter()
    os.dup2(nothing, 2)  # later output may be untrusted
    _send(answers, {"missing": missing})
    while len(prefix := pages.read(PREFIX_BYTES)) == PREFIX_BYTES:
        head, body = map(pages.read, lengths(prefix))
        asked = json.loads(head)
        # The parent kills a worker that takes too long; this ends one whose parent is gone.
        signal.alarm(asked["seconds"])
        page = Page(asked["url"], asked["content_type"], body, asked["status"], asked["headers"])
        _send(answers, _extracted(page, Expected(*asked["expected"])))
        signal.alarm(0)


def _send(answers: BinaryIO, message: dict[str, Any]) -> None:
    answers.write(frame(message))
    answers.flush()


def _extracted(page: Page, expected: Expected) -> dict[str, Any]:
    try:
        article = extract(page, expected)
    except PageUnreadableError as error:
        return {
            "reason": error.reason,
            "detail": error.detail[:MAX_DETAIL],
            "retry_after": error.retry_after,
        }
    except Exception as error:  # parsers may raise anything
        return {"reason": Reason.EXTRACTION_FAILED, "detail": repr(error)[:MAX_DETAIL]}
    return {
        "text": article.text,
        "partial": article.partial,
        "canonical": article.canonical,
        "picture": article.picture,
    }


def _limit_resources() -> None:
    """Lower this process's priority, and make it the first one killed when memory runs out."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_BYTES, MAX_BYTES))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    main()
