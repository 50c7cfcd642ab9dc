"""Extracts the article of a page, or classifies the wall in front of it.

Runs in worker processes, because a page may take half a second or crash a parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from urllib.parse import urlsplit

from app.articles import pdf
from app.articles.assess.case import MIN_WORDS, Case, Expected
from app.articles.assess.decide import decide
from app.articles.assess.document import Document, parse_document, parsed
from app.articles.assess.outcomes import PageOutcome
from app.articles.assess.results import failure_of
from app.articles.beside import notice_beside
from app.articles.charset import decode
from app.articles.markdown import readable
from app.articles.page import Page
from app.articles.phrasing import keep_in_lines
from app.articles.picture import picture_of
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.tree_repair import repair
from app.hackernews.links import URL_CHARACTERS
from app.text.paragraphs import joined, unwrapped
from app.text.words import count_words

MAX_CHARACTERS = 200_000
SURE_WORDS = 100

_SNIFFED_BYTES = 2048
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p|title|meta)[\s>]", re.I)
_PDF_HEADER_BYTES = 1024  # viewers skip anything before the header
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DECLARED_UTF_16 = re.compile(r"charset\s*=\s*[\"']?\s*utf-?16", re.I)
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_NO_WORD = re.compile(r"[!-~]{500,}")  # embedded data, or an attempt to fill the store


class _Kind(Enum):
    HTML = auto()
    MARKDOWN = auto()
    PLAIN = auto()
    PDF = auto()


@dataclass(frozen=True, slots=True)
class Article:
    """The text of a page without its navigation.

    Attributes:
        partial: the rest is behind a paywall.
        canonical: the canonical address that the page declares, as written there.
        picture: the https address of the page's picture; empty for none, and for parts of articles.
    """

    text: str
    partial: bool = False
    canonical: str = ""
    picture: str = ""


def extract(page: Page, expected: Expected | None = None) -> Article:
    """The article of a page, up to `MAX_CHARACTERS`.

    Args:
        expected: what is known from the story that links to it.

    Raises:
        PageUnreadableError: the page is not an article, or has hardly any text.
    """
    document: Document | None = None
    try:
        kind = _kind(page)
        if kind is _Kind.PDF:
            text = pdf.text(page.body, MAX_CHARACTERS)
        else:
            markup = decode(page.body, page.content_type)
            if kind is _Kind.HTML:
                document, text = _article(markup, page.url)
            else:
                text = readable(markup) if kind is _Kind.MARKDOWN else unwrapped(markup)
    except PageUnreadableError:
        if page.status < HTTPStatus.BAD_REQUEST:
            raise
        text = ""
    except Exception as error:  # parsers raise all kinds of errors for untrusted input
        raise PageUnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:200]) from None
    text = _NO_WORD.sub("…", _NOT_STORABLE.sub("", text))[:MAX_CHARACTERS].strip()
    expected = expected or Expected(url=page.url)
    verdict = decide(Case(expected, page.url, page.status, page.headers, text, document))
    if verdict.outcome not in (PageOutcome.ARTICLE, PageOutcome.PARTIAL):
        raise failure_of(verdict, page.status, page.headers)
    words = count_words(verdict.text)
    if words < MIN_WORDS and verdict.outcome is not PageOutcome.PARTIAL:
        raise PageUnreadableError(Reason.NO_TEXT, f"{words} words")
    canonical = document.canonical if document else ""
    partial = verdict.outcome is PageOutcome.PARTIAL
    picture = picture_of(document.pictures, page.url) if document and not partial else ""
    return Article(verdict.text, partial, canonical[:URL_CHARACTERS], picture)


def _kind(page: Page) -> _Kind:
    declared = page.content_type.partition(";")[0].strip().lower()
    beginning = page.body[:_SNIFFED_BYTES]
    if b"%PDF-" in beginning[:_PDF_HEADER_BYTES]:
        return _Kind.PDF
    utf_16 = beginning.startswith(_UTF_16) or _DECLARED_UTF_16.search(page.content_type)
    if b"\x00" in beginning and not utf_16:
        raise PageUnreadableError(Reason.NOT_TEXT, declared)
    if declared in ("text/html", "application/xhtml+xml"):
        return _Kind.HTML
    if declared in ("text/markdown", "text/x-markdown") or _is_markdown_file(page.url):
        return _Kind.MARKDOWN
    vague = declared in ("", "application/octet-stream", "application/xml", "application/pdf")
    if (vague or declared.startswith("text/")) and _HTML.search(beginning):
        return _Kind.HTML
    if declared.startswith("text/") or not declared:
        return _Kind.PLAIN
    raise PageUnreadableError(Reason.NOT_TEXT, declared)


def _is_markdown_file(url: str) -> bool:
    return urlsplit(url).path.lower().endswith((".md", ".markdown"))


def _article(markup: str, url: str) -> tuple[Document | None, str]:
    from trafilatura import extract as read_html

    tree = parsed(markup)
    if tree is None:
        return None, ""
    document = parse_document(tree)
    repair(document.tree)
    keep_in_lines(document.tree)
    # Comparing with other extractors doubles trafilatura's time, and changes the result only where
    # it has found almost nothing itself.
    text = read_html(document.tree, url=url, include_comments=False, fast=True) or ""
    if count_words(text) < SURE_WORDS:
        text = read_html(document.tree, url=url, include_comments=False) or ""
    lines = joined(text.split("\n"))
    if text and (notice := notice_beside(document, text)):
        lines.insert(0, notice)
    return document, "\n".join(lines)
