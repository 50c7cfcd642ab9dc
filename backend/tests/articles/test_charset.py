"""Characters from bytes whose encoding is declared, undeclared or declared wrongly."""

from __future__ import annotations

import pytest

from app.articles.charset import decode

GERMAN = "Die Brücke über den Fluß wurde größer gebaut, als man für nötig hielt. "
RUSSIAN = "Мост через реку построили заново, потому что старый унесло наводнением. "
JAPANESE = "川にかかる橋は、洪水で流されたため、石で再建されることになりました。"
CHINESE = "河上的木桥三年内被洪水冲走三次,因此委员会决定用石头重建这座桥。"


@pytest.mark.parametrize(
    ("text", "encoding", "content_type"),
    [
        (GERMAN, "utf-8", "text/html"),
        (GERMAN, "utf-8", "text/html; charset=utf-8"),
        (GERMAN, "utf-8", "text/html; charset=iso-8859-1"),
        (GERMAN, "utf-8", "text/html; charset=windows-1251"),
        (GERMAN, "iso-8859-1", "text/html; charset=ISO-8859-1"),
        (GERMAN, "cp1252", "text/html; charset=utf-8"),
        (GERMAN, "cp1252", "text/html"),
        (GERMAN, "utf-16", "text/html"),
        (f"<p>{GERMAN}", "utf-16-le", "text/html; charset=utf-16le"),
        (f"<p>{GERMAN}", "utf-16-le", "text/html; charset=utf-16"),
        (f"<p>{JAPANESE}", "utf-16-be", "text/html; charset=UTF-16BE"),
        (f"<p>{GERMAN}", "utf-8", "text/html; charset=utf-16"),
        (GERMAN, "utf-8-sig", "text/html; charset=latin-1"),
        (RUSSIAN, "windows-1251", "text/html; charset=windows-1251"),
        (RUSSIAN, "windows-1251", "text/html; charset=utf-8"),
        (RUSSIAN, "koi8-r", "text/html; charset=koi8-r"),
        (JAPANESE, "shift_jis", "text/html; charset=Shift_JIS"),
        (JAPANESE, "euc-jp", "text/html; charset='EUC-JP'"),
        (JAPANESE, "iso2022_jp", "text/html; charset=iso-2022-jp"),
        (CHINESE, "gb18030", "text/html; charset=gb2312"),
        (CHINESE, "big5", "text/html; charset=big5"),
    ],
)
def test_survives_its_encoding(text: str, encoding: str, content_type: str) -> None:
    if encoding == "big5":
        text = "河上的木橋三年內被洪水沖走三次,因此委員會決定用石頭重建這座橋。"
    assert decode((text * 20).encode(encoding), content_type) == text * 20


def test_the_page_itself_may_declare_it() -> None:
    markup = f"<html><head><meta charset=windows-1251></head>{RUSSIAN}"
    assert RUSSIAN in decode(markup.encode("windows-1251"), "text/html")
    assert RUSSIAN in decode(markup.encode("windows-1251"), "text/html; charset=iso-8859-1")


def test_xml_may_declare_it() -> None:
    markup = f'<?xml version="1.0" encoding="koi8-r"?><html>{RUSSIAN}</html>'
    assert RUSSIAN in decode(markup.encode("koi8-r"), "application/xhtml+xml")


@pytest.mark.parametrize("name", ["", "nonsense", "zip", "idna", "undefined", "unicode_escape"])
def test_nonsense_declarations_are_ignored(name: str) -> None:
    assert decode(GERMAN.encode(), f"text/html; charset={name}") == GERMAN


def test_a_damaged_end_costs_only_itself() -> None:
    text = decode((RUSSIAN * 3).encode()[:-3], "text/html; charset=utf-8")
    assert text.startswith(RUSSIAN * 2)


def test_never_fails() -> None:
    assert isinstance(decode(bytes(range(256)) * 40, "text/html; charset=utf-8"), str)
    assert decode(b"", "") == ""
