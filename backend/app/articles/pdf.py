"""The text of PDF documents, as far as it can be had in bounded time."""

from __future__ import annotations

import re
import time
from io import BytesIO

from app.articles.reasons import Reason, UnreadableError

PAGES = 60
SECONDS = 6.0

_HYPHENATED = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_BROKEN_LINE = re.compile(r"(?<=\S)[ \t]*\n(?=\S)")


def text(body: bytes, characters: int) -> str:
    """The text of the first pages, up to about so many characters.

    Raises:
        UnreadableError: the document is locked or broken.
    """
    from pypdf import PdfReader  # noqa: PLC0415 - only workers pay for it
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415

    until = time.monotonic() + SECONDS
    pages: list[str] = []
    try:
        reader = PdfReader(BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError(Reason.ENCRYPTED)
        for page in reader.pages[:PAGES]:
            pages.append(_paragraphs(page.extract_text()))
            if sum(map(len, pages)) > characters or time.monotonic() > until:
                break
    except DependencyError:  # locked with AES, for which pypdf wants another library
        raise UnreadableError(Reason.ENCRYPTED) from None
    except (PyPdfError, RecursionError, KeyError, TypeError, ValueError) as error:
        if not pages:
            raise UnreadableError(Reason.EXTRACTION_FAILED, repr(error)[:200]) from None
    return "\n\n".join(pages)


def _paragraphs(lines: str) -> str:
    """Printed lines joined into running text; an empty line ends a paragraph."""
    return _BROKEN_LINE.sub(" ", _HYPHENATED.sub("", lines))
