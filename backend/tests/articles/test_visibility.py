"""What a browser does not show is not told, and what it shows is."""

from __future__ import annotations

import pytest

from app.articles.extract import extract
from app.articles.page import Page
from tests.articles.conftest import article

SECRET = "The bridge collapsed yesterday and forty people were hurt by its falling stones."


def read(block: str, styles: str = "") -> str:
    markup = article().replace("</article>", f"{block}</article>")
    markup = markup.replace("</head>", f"{styles}</head>")
    page = Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())
    return " ".join(extract(page).text.split())


def styled(rules: str, attributes: str) -> str:
    return read(f"<p {attributes}>{SECRET}</p>", f"<style>{rules}</style>")


@pytest.mark.parametrize(
    "block",
    [
        "<p hidden>{}</p>",
        "<p hidden=hidden>{}</p>",
        "<div hidden><p>{}</p></div>",
        "<p aria-hidden=true>{}</p>",
        "<p style='display:none'>{}</p>",
        "<p style='color:red; DISPLAY : none !important'>{}</p>",
        "<p style='visibility: hidden'>{}</p>",
        "<p style='position:absolute; left:-9999px'>{}</p>",
        "<p style='text-indent:-9999px'>{}</p>",
        "<p style='font-size:0'>{}</p>",
        "<section style='display:none'><div><p>{}</p></div></section>",
        "<ul><li style='display:none'>{}</li><li>Another one.</li></ul>",
        "<p>It stands. <span style='display:none'>{}</span></p>",
        "<p>It stands. <b hidden>{}</b></p>",
        "<template><p>{}</p></template>",
        "<noscript><p>{}</p></noscript>",
        "<dialog><p>{}</p></dialog>",
        "<div popover><p>{}</p></div>",
        "<p class=sr-only>{}</p>",
        "<p>It stands. <span class=visually-hidden>{}</span></p>",
        "<p class='screen-reader-text'>{}</p>",
        "<p class=d-none>{}</p>",
        "<p class='hidden'>{}</p>",
        "<p class='d-none d-print-block'>{}</p>",
        "<a href='/b'>Read <svg></svg><span class=sr-only>{}</span></a>",
        "<p>An old <span class=material-icons>{}</span> stands.</p>",
    ],
)
def test_what_is_not_shown_is_not_told(block: str) -> None:
    assert SECRET not in read(block.format(SECRET))


@pytest.mark.parametrize(
    "block",
    [
        "<p>{}</p>",
        "<details><summary>More</summary><p>{}</p></details>",
        "<p hidden=until-found>{}</p>",
        "<p style='opacity:0; transform:translateY(20px)'>{}</p>",
        "<p style='display:block'>{}</p>",
        "<p style='--x:none; margin-left:-20px'>{}</p>",
        "<p class='hidden md:block'>{}</p>",
        "<p class='d-none d-lg-block'>{}</p>",
        "<p class='sr-only sm:not-sr-only'>{}</p>",
        "<p aria-hidden=false>{}</p>",
        "<p style='overflow:hidden'>{}</p>",
        "<p style='visibility:hidden; animation-name:none'>{}</p>",
        "<div aria-hidden=true><p>{}</p><p>" + 9 * "It is old, and stands. " * 9 + "</p></div>",
        "<p class=overflow-hidden>{}</p>",
        "<x-a><template shadowrootmode=open><p>{}</p></template></x-a>",
    ],
)
def test_what_is_shown_is_told(block: str) -> None:
    assert SECRET in read(block.format(SECRET))


@pytest.mark.parametrize(
    ("rules", "attributes"),
    [
        (".x{display:none}", "class='a x'"),
        ("p.x, .y { position: absolute; visibility: hidden }", "class=x"),
        ("#x{display:none}", "id=x"),
        ("/* .x{display:block} */ .x{display:none}", "class=x"),
        ("div{display:block} .x{display:none}", "class=x"),
        (".x{display:block} .x{display:none}", "class=x"),
        (".x.y{display:none} .x{display:block}", "class='x y'"),
        (".x{display:none!important} #z{display:block}", "class=x id=z"),
        (".x{display:none} .tip:hover .x{display:block}", "class=x"),
        ("@media print{.x{display:block}} .x{display:none}", "class=x"),
        (".x{display:none} @media (max-width: 600px){.x{display:block}}", "class=x"),
        (".x{display:none} .x.open{display:block}", "class=x"),
        (".x{position:absolute; left:-10000px}", "class=x"),
    ],
)
def test_what_the_pages_styles_hide_is_not_told(rules: str, attributes: str) -> None:
    assert SECRET not in styled(rules, attributes)


@pytest.mark.parametrize(
    ("rules", "attributes"),
    [
        (".x{display:none}", "class=xy"),
        (".x{display:none} .x{display:block}", "class=x"),
        (".x{display:none} .x.open{display:block}", "class='x open'"),
        (".x{display:none} .js .x{display:block}", "class=x"),
        (".no-js .x{display:none}", "class=x"),
        (".x:hover{display:none}", "class=x"),
        (".y{ .x{display:none} }", "class=x"),
        (".x{font-size:0}", "class=x"),
        (".x{visibility:hidden}", "class=x"),
        (".x{left:-100px}", "class=x"),
        (".x::before{display:none}", "class=x"),
        ("div.x{display:none}", "class=x"),
        ("@media print{.x{display:none}}", "class=x"),
        ("@media (max-width: 600px){.x{display:none}}", "class=x"),
        (".x{display:none} @media (min-width: 600px){.x{display:block}}", "class=x"),
        (".x{display:none} #z{display:block}", "class=x id=z"),
        ("}}{{.x{", "class=x"),
    ],
)
def test_what_the_pages_styles_show_is_told(rules: str, attributes: str) -> None:
    assert SECRET in styled(rules, attributes)


def test_a_style_for_browsers_without_scripts_hides_nothing() -> None:
    styles = "<noscript><style>.x{display:none}</style></noscript>"
    assert SECRET in read(f"<p class=x>{SECRET}</p>", styles)


@pytest.mark.parametrize("style", ["display:none", "visibility:hidden"])
def test_a_text_that_a_script_shows_is_told(style: str) -> None:
    markup = article().replace("<article>", f"<div style='{style}'><article>")
    page = Page("https://a.example/a", "text/html; charset=utf-8", markup.encode())
    assert "bridge" in extract(page).text


def test_a_decoration_that_is_shown_of_a_word_is_told() -> None:
    assert "The bridge" in read("<p><span aria-hidden=true>T</span>he bridge is old and fine.</p>")
    assert "WRONG" not in read("<p><span aria-hidden=true>*WRONG*</span>The bridge is old.</p>")


def test_words_for_screen_readers_that_say_what_an_icon_shows_are_told() -> None:
    told = read("<p>Old carts are <i class=icon-no></i><span class=sr-only>not</span> allowed.</p>")
    assert "Old carts are not allowed." in told
