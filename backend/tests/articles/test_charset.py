"""Characters from bytes whose encoding is declared, undeclared or declared wrongly."""

from __future__ import annotations

import pytest
from webencodings import LABELS

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
def test_text_is_decoded_in_its_encoding(text: str, encoding: str, content_type: str) -> None:
    if encoding == "big5":
        text = "河上的木橋三年內被洪水沖走三次,因此委員會決定用石頭重建這座橋。"
    assert decode((text * 20).encode(encoding), content_type) == text * 20


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        ("①②㈱髙橋 ～ の話", "cp932", "Shift_JIS"),
        ("①②㈱髙橋 ～ の話", "cp932", "x-sjis"),
        ("①②㈱髙橋 ～ の話", "cp932", "cp932"),
        ("①② の話", "euc_jis_2004", "euc-jp"),
        ("똠방각하 펲시콜라", "cp949", "EUC-KR"),
        ("똠방각하 펲시콜라", "cp949", "ks_c_5601-1987"),
        ("镕基 的 故事 €", "gb18030", "gb2312"),
        ("鎔基嘅故事 啲", "big5hkscs", "Big5"),
        ("สะพาน “ไม้” ๑๒๓", "cp874", "windows-874"),
        ("สะพาน “ไม้” ๑๒๓", "cp874", "TIS-620"),
        ("สะพาน “ไม้” ๑๒๓", "cp874", "iso-8859-11"),
        ("הגשר נבנה מחדש", "iso8859-8", "iso-8859-8-i"),
        ("הגשר נבנה מחדש", "iso8859-8", "logical"),
        ("Міст збудували наново, ґрунт", "koi8-u", "koi8-ru"),
        ("İstanbul’da köprü", "cp1254", "iso-8859-9"),
        ("Größe: 5 €, “neu”", "cp1252", "iso-8859-1"),
        ("Größe: 5 €, “neu”", "cp1252", "us-ascii"),
        ("Größe: 5 €, “neu”", "cp1252", "x-user-defined"),
        ("Γέφυρα από ξύλο", "iso8859-7", "greek"),
        ("Most byl přestavěn", "iso8859-2", "l2"),
        ("Мост построили", "mac-cyrillic", "x-mac-cyrillic"),
        ("Мост построили", "cp866", "866"),
        ("河上的木桥", "hz", "hz-gb-2312"),
        ("다리는 돌로", "iso2022_kr", "iso-2022-kr"),
    ],
)
def test_encoding_labels_have_the_meaning_of_the_standard(
    text: str, encoding: str, label: str
) -> None:
    body = f"<p>{text * 20}</p>".encode(encoding)
    for page, content_type in (
        (body, f"text/html; charset={label}"),
        (b"<meta charset='%s'>" % label.encode() + body, "text/html"),
    ):
        assert text * 20 in decode(page, content_type)


def test_belarusian_in_koi8_ru() -> None:
    body = "Мост зноу збудавали над ракой".encode("koi8-u") * 5 + b"\xae\xbe"
    assert decode(body, "text/html; charset=koi8-ru").endswith("ўЎ")


def test_every_label_of_the_standard_is_known() -> None:
    unknown = {
        label
        for label, name in LABELS.items()
        if name != "replacement"
        and "\ufffd" in decode(b"<p>\xe0" + b"a" * 99, f"text/html; charset={label}")
        and not name.startswith(("utf", "big5", "gb", "euc", "shift", "iso-2022"))
    }
    assert not unknown


def test_a_few_bytes_that_are_invalid_in_the_declared_encoding() -> None:
    body = (JAPANESE * 20).encode("cp932") + b"\x81\xff"
    assert decode(body, "text/html; charset=shift_jis").startswith(JAPANESE * 20)
    thai = "สะพานไม้ถูกน้ำพัดไป " * 20
    assert decode(thai.encode("cp874") + b"\xfc", "text/html; charset=tis-620").startswith(thai)


def test_a_page_may_declare_its_encoding() -> None:
    markup = f"<html><head><meta charset=windows-1251></head>{RUSSIAN}"
    assert RUSSIAN in decode(markup.encode("windows-1251"), "text/html")
    assert RUSSIAN in decode(markup.encode("windows-1251"), "text/html; charset=iso-8859-1")


def test_an_xml_declaration_may_name_the_encoding() -> None:
    markup = f'<?xml version="1.0" encoding="koi8-r"?><html>{RUSSIAN}</html>'
    assert RUSSIAN in decode(markup.encode("koi8-r"), "application/xhtml+xml")


@pytest.mark.parametrize("name", ["", "nonsense", "zip", "idna", "undefined", "unicode_escape"])
def test_nonsense_declarations_are_ignored(name: str) -> None:
    assert decode(GERMAN.encode(), f"text/html; charset={name}") == GERMAN


def test_damaged_bytes_at_the_end_do_not_change_the_encoding() -> None:
    text = decode((RUSSIAN * 3).encode()[:-3], "text/html; charset=utf-8")
    assert text.startswith(RUSSIAN * 2)


def test_never_fails() -> None:
    assert isinstance(decode(bytes(range(256)) * 40, "text/html; charset=utf-8"), str)
    assert decode(b"", "") == ""
