"""Walls in languages that have no or few phrases are recognised by what is measured of the page."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.articles.assess import site_words
from app.articles.assess.case import Case, Expected
from app.articles.assess.document import parse_document, parsed
from app.articles.assess.likelihood import likelihood_of_a_wall
from app.articles.assess.signs import measure
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


def signs_of(html: str, text: str = "") -> Mapping[str, float]:
    tree = parsed(f"<!doctype html><html>{html}</html>")
    assert tree is not None
    document = parse_document(tree)
    return measure(Case(Expected(TITLE, URL), URL, 200, {}, text, document), document).values


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


@pytest.mark.parametrize(
    ("form", "leads_on"),
    [
        ("<form action=/person><input type=hidden name=next value=/nature/bog-amber></form>", 1),
        (f"<form action=/in><input type=hidden name=back value={URL}></form>", 1),
        ('<form action="/in?to=%2Fnature%2Fbog-amber"><button>Go</button></form>', 1),
        ("<form action=/nature/bog-amber method=post><button>Vote</button></form>", 0),
        ("<form><input type=hidden value=/nature/bog-amber><textarea></textarea></form>", 0),
        ("<header><form><input type=hidden value=/nature/bog-amber></form></header>", 0),
        ("<form action=/search><input name=q></form>", 0),
    ],
)
def test_a_form_that_leads_on_to_the_story_is_a_sign_of_a_gate(form: str, leads_on: int) -> None:
    assert signs_of(f"<body><h1>Reading room</h1>{form}</body>")["returns"] == leads_on


@pytest.mark.parametrize(
    ("sentence", "refers"),
    [
        ("The page you asked for is kept in another building.", 1),
        ("Der Artikel, den Sie suchen, ist nicht mehr da.", 1),
        ("L’article que vous cherchez a été retiré.", 1),
        ("お探しのページは公開を終了しました。", 1),
        ("He turned the page and found what he was looking for.", 0),
        ("Der Artikel beschreibt, was Bienen suchen.", 0),
    ],
)
def test_words_for_the_requested_page_are_a_sign_of_a_wall(sentence: str, refers: int) -> None:
    assert signs_of(f"<body><p>{sentence}</p></body>")["requested"] == refers


def test_sentences_in_which_an_author_speaks_are_a_sign_of_an_article() -> None:
    mine = "I built the lamp in March and my neighbour has not forgiven me for it yet."
    ours = "We need to know that visitors are people before the reading room can open."
    assert signs_of(f"<body><p>{mine}</p></body>")["author"] == 1
    assert signs_of(f"<body><p>{ours}</p></body>")["author"] == 0
    assert signs_of("<body><p>I am not a robot.</p></body>")["author"] == 0


def test_a_parked_domain_with_an_advertisement_as_text_is_no_article() -> None:
    text = "An amber comb is a comb made of amber. Many people like amber. " * 12
    page = f"<title>Amber</title><body><h1>Amber</h1><p>{text}</p>{{script}}</body>"
    assert "comb" in read(page.format(script=""))
    script = "<script src=https://www.google.com/adsense/domains/caf.js></script>"
    with pytest.raises(PageUnreadableError, match="parked"):
        read(page.format(script=script))


def test_a_short_title_that_is_part_of_the_storys_agrees_with_it() -> None:
    text = "I live in Graz and repair clocks. Please do not ask me to log in to see photographs."
    page = f"<title>Now</title><body><h1>Now</h1><p>{text} {text} {text}</p></body>"
    assert "clocks" in read(page, "What I'm doing now", "https://small.example/now")


SUBJECT = "Why small ferries keep wooden rudders"
PLACE = "https://pier.example/2026/rudders"
ENTRIES = "".join(
    f"<div><a href=/{n}>{words}</a><p>The harbour master counts planks, and nobody helps.</p></div>"
    for n, words in enumerate(
        ("Storm takes the pier", "A dry June in numbers", "Snow in the archive")
    )
)
CONDITIONS = (
    "<p>The pages that follow are meant for those who invest for others. Nothing in them is"
    " an offer or advice, and what was earned in the past says nothing of what will be earned.</p>"
)
BOX = "<input type=checkbox><button>Go</button>"
PITCH = (
    "<p>One long letter every Tuesday about companies that own boats. Reader, $6 a month: the"
    " archive and the talks. Team, $40 a month: ten readers and one invoice for all of them.</p>"
)
ADDRESS = "<form><input type=email><button>Open</button></form>"


@pytest.mark.parametrize(
    "html",
    [
        f"<title>{SUBJECT}</title><form>{CONDITIONS}{BOX}</form>",
        f"<title>{SUBJECT}</title><h1>The Operator</h1>{ADDRESS}{PITCH}",
        f"<title>Weather</title><h1>All stories in Weather</h1>{ENTRIES}",
        f"<title>Search: rudders</title><h1>Your search</h1>{ENTRIES}",
    ],
    ids=["terms", "address", "list", "search"],
)
def test_a_page_in_place_of_the_story_is_no_article(html: str) -> None:
    with pytest.raises(PageUnreadableError):
        read(html, SUBJECT, PLACE)


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (
            f"<title>Prices</title><article>{PITCH}{CONDITIONS}</article>{ADDRESS}",
            "Letters",
        ),
        (f"<title>{SUBJECT}</title><h1>{SUBJECT}</h1>{ENTRIES}", SUBJECT),
        (
            "<title>Changelog - Lantern</title><h1>Changelog</h1><h2>3.0.0"
            " (2026-04-02)</h2><ul><li>Settings"
            " come from flags or from the environment.</li><li>Start-up takes 60 ms.</li></ul>"
            "<h2>2.9.1 (2026-02-17)</h2><ul><li>No stack trace when the network is down.</li><li>"
            "The clock survives the end of summer time.</li></ul><p>Was this page helpful?"
            " <button>Yes</button> <button>No</button></p>",
            "Lantern drops its old file",
        ),
        (
            "<meta property=og:type content=article><title>Not found</title><article><h1>Not found"
            "</h1><p>A library shows a random book of its own on the page for wrong addresses, with"
            " the shelf that it stands on. I went there and borrowed mine, a manual for keepers of"
            " bees. I have two hives in the garden since last May.</p></article>",
            "A library with a beautiful 404",
        ),
    ],
    ids=["address after the text", "the list itself", "changes", "an error as title"],
)
def test_a_page_that_looks_like_one_in_place_of_the_story_is_read(html: str, title: str) -> None:
    assert read(html, title, PLACE)


def test_a_script_that_waits_and_goes_on_is_a_sign_of_a_gate() -> None:
    text = "<h1>Mange vil ind</h1><p>" + "Du er nummer tolv, og vi lukker folk ind i små hold. " * 3
    html = f"<title>Et øjeblik</title>{text}</p>{{script}}"
    script = "<script>setInterval(()=>fetch('/q').then(r=>location.reload()),9000)</script>"
    with pytest.raises(PageUnreadableError, match="waits and goes on"):
        read(html.format(script=script), "Derfor skiftede havnen rorene", PLACE)
