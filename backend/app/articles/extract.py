"""A page's readable text. Runs in worker processes: a page may take half a second, or explode."""

from __future__ import annotations

import re
from enum import Enum, auto
from urllib.parse import urlsplit

from app.articles import pdf
from app.articles.charset import decode
from app.articles.fetch import Page
from app.articles.markdown import readable
from app.articles.obstacles import check_for_obstacles
from app.articles.reasons import Reason, UnreadableError
from app.articles.words import count_words

LARGEST_CHARACTERS = 200_000
SURE_WORDS = 100

_SNIFFED_BYTES = 2048
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p|title|meta)[\s>]", re.I)
_PDF_HEADER_BYTES = 1024  # what stands before the header is passed over by every viewer
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DECLARED_UTF_16 = re.compile(r"charset\s*=\s*[\"']?\s*utf-?16", re.I)
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_NO_WORD = re.compile(r"[!-~]{500,}")  # embedded data, or somebody who wants to fill our store


class _Kind(Enum):
    HTML = auto()
    MARKDOWN = auto()
    PLAIN = auto()
    PDF = auto()


def extract(page: Page) -> str:
    """The text of a page, without its navigation, at most `LARGEST_CHARACTERS` of it.

    Raises:
        UnreadableError: there is none, or so little that something must stand in its way.
    """
    kind = _kind(page)
    try:
        if kind is _Kind.PDF:
            text = markup = pdf.text(page.body, LARGEST_CHARACTERS)
        else:
            markup = decode(page.body, page.content_type)
            text = _text(kind, markup, page.url)
    except UnreadableError:
        raise
    except Exception as error:  # parsers fail in every way at what strangers write
        raise UnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:200]) from None
    text = _NO_WORD.sub("…", _NOT_STORABLE.sub("", text))[:LARGEST_CHARACTERS].strip()
    check_for_obstacles(text, markup if kind is _Kind.HTML else "")
    return text


def _kind(page: Page) -> _Kind:
    declared = page.content_type.partition(";")[0].strip().lower()
    beginning = page.body[:_SNIFFED_BYTES]
    if b"%PDF-" in beginning[:_PDF_HEADER_BYTES]:
        return _Kind.PDF
    utf_16 = beginning.startswith(_UTF_16) or _DECLARED_UTF_16.search(page.content_type)
    if b"\x00" in beginning and not utf_16:
        raise UnreadableError(Reason.NOT_TEXT, declared)
    if declared in ("text/html", "application/xhtml+xml"):
        return _Kind.HTML
    if declared in ("text/markdown", "text/x-markdown") or _is_markdown_file(page.url):
        return _Kind.MARKDOWN
    vague = declared in ("", "application/octet-stream", "application/xml", "application/pdf")
    if (vague or declared.startswith("text/")) and _HTML.search(beginning):
        return _Kind.HTML
    if declared.startswith("text/") or not declared:
        return _Kind.PLAIN
    raise UnreadableError(Reason.NOT_TEXT, declared)


def _is_markdown_file(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".md", ".markdown"))


def _text(kind: _Kind, markup: str, url: str) -> str:
    if kind is _Kind.HTML:
        return _article(markup, url)
    return readable(markup) if kind is _Kind.MARKDOWN else markup


def _article(markup: str, url: str) -> str:
    from trafilatura import extract as read_html  # noqa: PLC0415 - only workers pay for it

    # Comparing its findings with those of other extractors takes trafilatura as long again, and
    # changes them only where it found next to nothing itself.
    text = read_html(markup, url=url, include_comments=False, fast=True) or ""
    if count_words(text) < SURE_WORDS:
        text = read_html(markup, url=url, include_comments=False) or ""
    return text
