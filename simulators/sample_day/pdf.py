"""Converts plain text to a PDF: one font, black on white, any number of pages.

The structure follows ISO 32000-1, 7.5: header, objects, cross-reference table, trailer.
"""

from __future__ import annotations

from textwrap import wrap

LINE_CHARACTERS, PAGE_LINES = 88, 56
FONT_SIZE, LEADING, MARGIN = 10, 13, 56
WIDTH, HEIGHT = 595, 842  # A4 in points
_HEADING = "# "


def pdf_of(text: str) -> bytes:
    """The document; a line starting with `# ` is a heading, blank lines separate paragraphs."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        words = " ".join(paragraph.split()).removeprefix(_HEADING)
        lines += [*wrap(words, LINE_CHARACTERS), ""]
    pages = [lines[start : start + PAGE_LINES] for start in range(0, len(lines), PAGE_LINES)]
    return _file([_content(page) for page in pages])


def _content(lines: list[str]) -> bytes:
    shown = b"\n".join(b"(" + _escaped(line) + b") '" for line in lines)
    begin = f"BT /F1 {FONT_SIZE} Tf {LEADING} TL {MARGIN} {HEIGHT - MARGIN} Td\n".encode()
    return begin + shown + b"\nET"


def _escaped(line: str) -> bytes:
    encoded = line.encode("cp1252", "replace")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(contents: list[bytes]) -> bytes:
    """Objects 1 to 3 are the catalogue, the page list and the font; each page adds two."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(contents):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>".encode(),
            f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
        ]
    document, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(document))
        document += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    size = len(objects) + 1
    return bytes(
        document
        + f"xref\n0 {size}\n0000000000 65535 f \n".encode()
        + table
        + f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(document)}\n%%EOF\n".encode()
    )
