"""Extracts the text of PDF documents within a limited time."""

from __future__ import annotations

import re
import time
from io import BytesIO
from typing import TYPE_CHECKING

from app.articles.columns import reorder_columns
from app.articles.reasons import PageUnreadableError, Reason

if TYPE_CHECKING:
    from pypdf import PageObject

PAGES = 60
SECONDS = 6.0
# A document whose first pages have no columns is assumed to have none.
MAX_PAGES_WITHOUT_COLUMNS = 4

_ODD_PAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_HYPHENATED = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
# The title and the authors precede it.
_ABSTRACT = re.compile(
    r"(?im)^[ \t]*(?:abstract|summary|introduction|1\.? introduction)(?:[ \t]*$|[.:—–]+[ \t]*)"
)
_BROKEN_LINE = re.compile(r"(?<=\S)[ \t]*\n(?=\S)")


def text(body: bytes, characters: int) -> str:
    """The text of the first pages, up to about `characters`.

    Raises:
        PageUnreadableError: the document is encrypted or broken.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    until = time.monotonic() + SECONDS
    pages: list[str] = []
    columns = 0
    try:
        reader = PdfReader(BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise PageUnreadableError(Reason.ENCRYPTED)
        for page in reader.pages[:PAGES]:
            if columns or len(pages) < MAX_PAGES_WITHOUT_COLUMNS:
                lines, has_columns = _lines(page)
                columns += has_columns
            else:
                lines = page.extract_text()
            pages.append(_paragraphs(lines))
            if sum(map(len, pages)) > characters or time.monotonic() > until:
                break
    except DependencyError:  # encrypted with AES, for which pypdf needs another library
        raise PageUnreadableError(Reason.ENCRYPTED) from None
    except (PyPdfError, RecursionError, KeyError, TypeError, ValueError) as error:
        if not pages:
            raise PageUnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:200]) from None
    return "\n\n".join(pages)


def _lines(page: PageObject) -> tuple[str, bool]:
    """The lines of a page in reading order, and whether it has columns."""
    drawn = page.extract_text()
    try:
        laid_out = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    except _ODD_PAGE:  # the page can be read, but its layout cannot be computed
        return drawn, False
    columns = reorder_columns(laid_out, drawn)
    return columns or drawn, columns is not None


def _paragraphs(lines: str) -> str:
    """Printed lines joined into paragraphs, which empty lines separate."""
    apart = _ABSTRACT.sub(r"\n\n\g<0>\n\n", _HYPHENATED.sub("", lines))
    return _BROKEN_LINE.sub(" ", apart)
