"""Extraction of readable text from bytes, or of the reason why there is none."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from app.articles.extract import MAX_CHARACTERS, Article
from app.articles.extract import extract as extract_article
from app.articles.fetch import Page
from app.articles.markdown import readable
from app.articles.reasons import PageUnreadableError, Reason
from tests.articles.conftest import PARAGRAPH, article

URL = "https://a.example/page"
JSON_LD = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'


def pdf(*pages: str) -> bytes:
    """A document with one line of text for each line of a page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    for text in pages:
        lines = "".join(f"({line}) Tj T* " for line in text.splitlines())
        stream = zlib.compress(f"BT /F1 12 Tf 14 TL 50 800 Td {lines}ET".encode())
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 850] /Resources << /Font << /F1 %b "
            b">> >> /Contents %d 0 R >>" % (font, len(objects) + 2)
        )
        objects.append(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(stream), stream)
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    body = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    body += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )
    return bytes(body)


def page(body: bytes | str, content_type: str = "text/html; charset=utf-8", url: str = URL) -> Page:
    return Page(url, content_type, body.encode() if isinstance(body, str) else body)


def extract(document: Page) -> str:
    return extract_article(document).text


def reason_of(document: Page) -> Reason:
    with pytest.raises(PageUnreadableError) as caught:
        extract(document)
    return caught.value.reason


def test_html_loses_its_navigation() -> None:
    text = extract(page(article()))
    assert text.count(PARAGRAPH.strip()) == 5
    assert "newsletter" not in text
    assert "rights reserved" not in text


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/octet-stream", "nonsense/"]
)
def test_html_is_recognised_whatever_the_server_calls_it(content_type: str) -> None:
    if content_type == "nonsense/":
        assert reason_of(page(article(), content_type)) is Reason.NOT_TEXT
    else:
        assert "newsletter" not in extract(page(article(), content_type))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_needs_no_byte_order_mark_where_it_is_declared(encoding: str) -> None:
    body = article().encode(encoding)
    assert PARAGRAPH.strip() in extract(page(body, f"text/html; charset={encoding}"))
    assert reason_of(page(body, "text/html")) is Reason.NOT_TEXT


def test_plain_text_is_split_into_paragraphs() -> None:
    text = f"Title\n\n    indented {PARAGRAPH}"
    assert extract(page(text, "text/plain")) == f"Title\nindented {PARAGRAPH.strip()}"


def test_a_readme_loses_badges_tags_and_addresses() -> None:
    readme = f"""<p align="center"><img src="logo.png"></p>
# Bridge [![build](https://ci.example/b.svg)](https://ci.example)
<!-- hidden -->
{PARAGRAPH} See the [manual](https://manual.example) or [this][1].

[1]: https://link.example
"""
    text = extract(
        page(readme, "text/plain; charset=utf-8", "https://raw.example/o/r/HEAD/README.md")
    )
    assert PARAGRAPH.strip() in text
    assert "See the manual or this." in text
    assert not any(word in text for word in ("http", "<", "hidden", "badge", "]"))


def test_a_pdf_is_read_page_by_page() -> None:
    lines = (
        "The committee met on Tues-\nday and agreed that\nthe bridge should be rebuilt in stone.\n"
    )
    text = extract(page(pdf(lines * 3, "A second page."), "application/pdf"))
    assert "on Tuesday and agreed that the bridge should" in text
    assert text.endswith("A second page.")


def test_a_pdf_is_recognised_whatever_the_server_calls_it() -> None:
    document = page(pdf(f"{PARAGRAPH}\n" * 3), "application/octet-stream")
    assert "committee" in extract(document)


@pytest.mark.parametrize("size", [8, 100, 400])
def test_a_broken_pdf_is_a_reason(size: int) -> None:
    broken = page(pdf(PARAGRAPH)[:size], "application/pdf")
    assert reason_of(broken) in (Reason.EXTRACTION_FAILED, Reason.NO_TEXT)


def test_a_pdf_with_unsupported_encryption_is_reported() -> None:
    locked = (Path(__file__).parent / "locked.pdf").read_bytes()  # AES-256, without a password
    assert reason_of(page(locked, "application/pdf")) is Reason.ENCRYPTED


def test_a_pdf_without_text_is_a_reason() -> None:
    assert reason_of(page(pdf(""), "application/pdf")) is Reason.NO_TEXT


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n\x00"),
        ("application/zip", b"PK\x03\x04"),
        ("text/html", b"\x7fELF\x00\x00\x00"),
        ("application/json", b"{}"),
        ("video/mp4", b"...."),
    ],
)
def test_text_of_another_type_is_a_reason(content_type: str, body: bytes) -> None:
    assert reason_of(page(body, content_type)) is Reason.NOT_TEXT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", Reason.NO_TEXT),
        ("<html><body><p>Hello</p></body></html>", Reason.NO_TEXT),
        ("<div id=root></div><noscript>You need to enable JavaScript to run this app."
         "</noscript>", Reason.NEEDS_JAVASCRIPT),
        ("<title>Just a moment...</title><p>Checking your browser before you go on</p>",
         Reason.ROBOT_CHECK),
        ("<article><p>The minister said on Monday that it was time.</p>"
         "<p>Subscribe to continue reading. Already a subscriber? Log in.</p></article>",
         Reason.PAYWALL),
    ],
)  # fmt: skip
def test_walls_are_a_reason(body: str, reason: Reason) -> None:
    assert reason_of(page(body)) is reason


def test_a_short_part_of_a_paid_article_is_marked_as_partial() -> None:
    found = extract_article(page(JSON_LD + article(paragraphs=2)))
    assert found.partial
    assert PARAGRAPH.strip() in found.text


def test_a_long_free_part_of_a_paid_article_is_an_article() -> None:
    found = extract_article(page(JSON_LD + article(paragraphs=30)))
    assert found == Article(found.text, partial=False)


def test_an_article_about_paywalls_is_an_article() -> None:
    about = article(paragraphs=6).replace(
        "</article>", "<p>Are you a robot? CAPTCHA!</p></article>"
    )
    assert extract(page(about))


def test_markup_in_text_stays_text() -> None:
    body = article().replace("1. The", "&lt;script&gt;alert(1)&lt;/script&gt; <b>1.</b> The")
    text = extract(page(body))
    assert "<script>alert(1)</script>" in text
    assert "<b>" not in text


def test_a_title_of_five_megabytes_is_handled() -> None:
    text = extract(page(article(title="A" * 4_000_000)))
    assert PARAGRAPH.strip() in text
    assert len(text) <= MAX_CHARACTERS


def test_a_huge_text_is_cut() -> None:
    assert len(extract(page("word " * 900_000, "text/plain"))) == MAX_CHARACTERS - 1


def test_characters_that_databases_refuse_are_removed() -> None:
    text = extract(page(f"{'x' * 3000} {PARAGRAPH * 3}\x00 end", "text/plain"))
    assert "\x00" not in text


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000 + PARAGRAPH * 3,
        "<table><tr><td>" * 3000 + PARAGRAPH * 3,
        "<!--" * 100_000,
        "<a b='" + "x" * 1_000_000,
        "<?xml version='1.0'?><!DOCTYPE html [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
        "<html><body><p>&b;&b;</p></body></html>",
        "\ufffd" * 10_000,
        "&#xD800;" * 1000,
    ],
)
def test_hostile_markup_is_a_text_or_a_reason(body: str) -> None:
    try:
        text = extract(page(body))
    except PageUnreadableError:
        return
    text.encode()


@pytest.mark.parametrize("piece", ["\n[a", "[", "![](", "<!--", "<a ", "\n \t"])
def test_hostile_markdown_is_parsed_quickly(piece: str) -> None:
    """With a pattern that backtracks, one of these would run for minutes."""
    readable(piece * 300_000)


def test_wrong_charsets_are_survived() -> None:
    body = article().replace("bridge", "Brücke").encode("cp1252")
    assert "Brücke" in extract(page(body, "text/html; charset=utf-8"))


def test_a_text_without_spaces_has_words() -> None:
    text = "川にかかる橋は、洪水で流されたため、石で再建されることになりました。" * 3
    assert extract(page(text, "text/plain")) == text


def test_a_page_that_the_server_calls_a_pdf_is_read_as_what_it_is() -> None:
    assert PARAGRAPH.strip() in extract(page(article(), "application/pdf"))


def test_a_pdf_after_some_rubbish_is_read() -> None:
    words = "\n".join(["The bridge over the river was rebuilt in stone."] * 9)
    assert "rebuilt in stone" in extract(page(b"\r\n\r\n" + pdf(words), "application/pdf"))


@pytest.mark.parametrize(
    "words",
    [
        "We value your privacy. We and our 842 partners store and access information on a device, "
        "such as cookies, and process personal data for advertising. You can withdraw your consent "
        "at any time by visiting our privacy policy. Accept all or manage your options below.",
        "Wir verwenden Cookies, um Inhalte und Anzeigen zu personalisieren und die Zugriffe auf "
        "unsere Website zu analysieren. Weitere Informationen finden Sie in unserer Erklärung zum "
        "Datenschutz, die Sie jederzeit lesen können. Alle akzeptieren oder Einstellungen.",
    ],
)
def test_a_cookie_wall_is_not_an_article(words: str) -> None:
    wall = f"<html><body><div><h1>Cookies</h1><p>{words}</p></div></body></html>"
    assert reason_of(page(wall)) is Reason.CONSENT


def test_an_article_about_cookies_is_one() -> None:
    about = article().replace("The committee", "We use cookies, said the committee, which")
    assert "We use cookies" in extract(page(about))
