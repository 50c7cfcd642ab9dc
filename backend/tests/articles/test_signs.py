"""Walls in languages that have no or few phrases are recognised by what is measured of the page."""

from __future__ import annotations

import pytest

from app.articles.assess import site_words
from app.articles.assess.case import Expected
from app.articles.assess.likelihood import likelihood_of_a_wall
from app.articles.extract import extract
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError

URL = "https://paper.example/nature/bog-amber"
TITLE = "The amber that came out of the bog"
AGE = (
    "<title>Preverjanje starosti</title><body class=age-gate><h1>Ste polnoletni?</h1>"
    "<p>Vsebina te strani govori o alkoholnih pijačah in je namenjena samo odraslim obiskovalcem."
    " Prosimo, potrdite, da ste dopolnili 18 godina. Z vstopom soglašate s pogoji uporabe in s"
    " piškotki, ki jih naš portal uporablja za oglase in merjenje obiska.</p>"
    "<button>Da, vstopi</button> <button>Ne</button></body>"
)
PARKED = (
    "<title>paper.example</title><body class=parked><h1>Domeen paper.example</h1>"
    "<p>See domeen on registreeritud ja hetkel kasutuseta. Domeeni saab osta: küsi omanikult"
    " hinda meie müügikeskkonna kaudu. Veebimajutus alates kahest eurost, sobib ka sinu kodulehele."
    " Kas oled omanik? Logi sisse ja seadista oma konto. Registreerimine on tasuta.</p>"
    "<a href=/a>Reisid</a> <a href=/b>Laenud</a> <a href=/c>Kindlustus</a></body>"
)
APP = (
    "<title>Ava rakendus</title><body><div class=download><p>Loo lugemiseks ava see meie"
    " rakenduses. Lae rakendus alla või skaneeri QR kood telefoniga. Juba kasutaja? Logi sisse oma"
    " kontoga. Parool ununes? Saadame sulle uue, kui sisestad oma aadressi ja kinnitad, et oled"
    " robot ei ole. Rakendus on tasuta ja töötab igas telefonis.</p><input name=code>"
    "<button>Edasi</button></div></body>"
)
STORY = (
    "<title>Merevaik rabast</title><body><article><h1>Merevaik rabast</h1>"
    "<p>Kevadel leidis turbakaevaja Endel Raud labida alt rusikasuuruse tüki merevaiku, mille sees"
    " oli terve kiil. Muuseumi geoloog Liis Aavik arvab, et tükk kandus sinna jääajal põhja poolt."
    " Kiili tiivad on nii terved, et nende sooned võis üles joonistada.</p>"
    "<p>Raud ise ütleb, et nägi alguses pudelipõhja ja viskas selle peaaegu kraavi.</p>"
    "</article></body>"
)


def read(html: str, title: str = TITLE, url: str = URL) -> str:
    page = f"<!doctype html><html>{html}</html>".encode()
    return extract(Page(url, "text/html; charset=utf-8", page), Expected(title, url)).text


@pytest.mark.parametrize("html", [AGE, PARKED, APP])
def test_a_wall_in_a_language_without_phrases_is_no_article(html: str) -> None:
    with pytest.raises(PageUnreadableError):
        read(html, f"{TITLE} (in a small language)")


def test_a_short_article_in_the_same_language_is_read() -> None:
    assert "Endel Raud" in read(STORY, f"{TITLE} (in a small language)")


def test_a_short_article_about_accounts_is_read() -> None:
    html = (
        "<title>I closed every account</title><body><article><h1>I closed every account</h1>"
        "<p>In January I closed every account I could find, forty-one of them. Eleven asked me to"
        " log in with a password that I had lost, four wanted a letter, and one a fax. The bank in"
        " Graz sent flowers. What is left fits on a card, and the card fits into a shoe.</p>"
        "</article></body>"
    )
    assert "forty-one" in read(html, "I closed every account", "https://a.example/closed-accounts")


def test_the_words_of_a_subject_are_found_in_scripts_with_and_without_spaces() -> None:
    assert site_words.subjects_in("Accept all cookies, please.", english=True)["consent"] == 2
    assert "account" in site_words.subjects_in("ログインしてください。", english=False)
    assert site_words.subjects_in("Both herons stood over the reeds.", english=True) == {}


def test_every_subject_has_a_kind_of_page() -> None:
    subjects = {
        subject
        for word in ("cookie", "volljährig", "password", "subscribe", "captcha", "wartung")
        for subject in site_words.subjects_in(word, english=False)
    }
    assert subjects <= site_words.OUTCOMES.keys()


def test_signs_of_an_article_are_bounded() -> None:
    assert likelihood_of_a_wall({"spoken": 1000.0}) == likelihood_of_a_wall({"spoken": 100.0})
