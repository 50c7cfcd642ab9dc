"""A page's readable text. Runs in worker processes: a page may take half a second, or explode."""

from __future__ import annotations

import re
import time
from io import BytesIO

from app.articles.charset import decode
from app.articles.fetch import Page
from app.articles.reasons import Reason, UnreadableError
from app.articles.words import count_words

MINIMUM_WORDS = 40
LARGEST_CHARACTERS = 200_000
PDF_PAGES = 60
PDF_SECONDS = 6.0

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p|title|meta)[\s>]", re.I)
_SNIFFED_BYTES = 2048
_SHORT_WORDS = 150  # what stands in the way of an article is shorter than that
_OBSTACLES = (
    (Reason.ROBOT_CHECK, r"(?:are you|not) a robot|verify(?:ing)? (?:that )?you are (?:a )?human"
     r"|checking your browser|captcha|unusual traffic|security check|just a moment"),
    (Reason.PAYWALL, r"subscri(?:be|ption) to (?:continue|read|keep reading)|subscribers? only"
     r"|already a subscriber|for subscribers|continue reading (?:this|the full)|to read the full"),
    (Reason.NEEDS_JAVASCRIPT, r"(?:enable|requires?|need|turn on|without) (?:\w+ )?javascript"
     r"|javascript (?:is|must be|has been|to be) (?:\w+ )?(?:disabled|enabled|required|not)"),
)  # fmt: skip
_OBSTACLE_PATTERNS = [(reason, re.compile(words, re.IGNORECASE)) for reason, words in _OBSTACLES]
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_NOT_FREE_WORDS = 300


def extract(page: Page) -> str:
    """The text of a page, without its navigation, at most `LARGEST_CHARACTERS` of it.

    Raises:
        UnreadableError: there is none, or so little that something must stand in its way.
    """
    declared = page.content_type.partition(";")[0].strip().lower()
    if page.body.startswith(b"%PDF-") or declared == "application/pdf":
        text = _pdf(page.body)
        markup = ""
    elif b"\x00" in page.body[:_SNIFFED_BYTES] and not page.body.startswith(
        (b"\xff\xfe", b"\xfe\xff")
    ):
        raise UnreadableError(Reason.NOT_TEXT, declared)
    elif declared in ("text/html", "application/xhtml+xml") or _looks_like_html(page, declared):
        markup = decode(page.body, page.content_type)
        text = _html(markup, page.url)
    elif declared.startswith("text/") or not declared:
        text, markup = decode(page.body, page.content_type), ""
    else:
        raise UnreadableError(Reason.NOT_TEXT, declared)
    text = _NOT_STORABLE.sub("", text[:LARGEST_CHARACTERS]).strip()
    _check(text, markup)
    return text


def _looks_like_html(page: Page, declared: str) -> bool:
    vague = declared in (
        "",
        "text/plain",
        "application/octet-stream",
        "application/xml",
        "text/xml",
    )
    return vague and bool(_HTML.search(page.body[:_SNIFFED_BYTES]))


def _html(markup: str, url: str) -> str:
    from trafilatura import extract as read_html  # noqa: PLC0415 - heavy, so only where it is used

    return read_html(markup, url=url, include_comments=False) or ""


def _pdf(body: bytes) -> str:
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    until = time.monotonic() + PDF_SECONDS
    texts: list[str] = []
    length = 0
    try:
        reader = PdfReader(BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError(Reason.ENCRYPTED)
        for page in reader.pages[:PDF_PAGES]:
            texts.append(page.extract_text())
            length += len(texts[-1])
            if length > LARGEST_CHARACTERS or time.monotonic() > until:
                break
    except PyPdfError as error:
        if not texts:
            raise UnreadableError(Reason.EXTRACTION_FAILED, str(error)) from error
    return "\n\n".join(texts)


def _check(text: str, markup: str) -> None:
    words = count_words(text)
    if words < _SHORT_WORDS:
        for reason, pattern in _OBSTACLE_PATTERNS:
            if pattern.search(text or markup[:LARGEST_CHARACTERS]):
                raise UnreadableError(reason, f"{words} words")
    if words < _NOT_FREE_WORDS and _NOT_FREE.search(markup):
        raise UnreadableError(Reason.PAYWALL, f"{words} words")
    if words < MINIMUM_WORDS:
        raise UnreadableError(Reason.NO_TEXT, f"{words} words")
