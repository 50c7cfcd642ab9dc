"""Stories about walls, products with prices, and walls in front of such stories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.articles.assess.case import Expected
from app.articles.extract import extract
from app.articles.page import Page
from app.articles.reasons import PageUnreadableError

URL = "https://site.example/posts/x"
# Articles with the sentences of walls in them.
QUOTING = json.loads(
    Path(__file__).with_name("stories_about_walls.json").read_text(encoding="utf-8")
)

# Of each the story's title, the page's title, and its markup.
ARTICLES = {
    "landing": (
        "Show HN: Papertrail – invoices for freelancers",
        "Papertrail — invoices without the fuss",
        "<h1>Invoices without the fuss</h1>"
        "<p>Papertrail writes, sends and chases your invoices, so that you can work.</p>"
        "<p>Start your free trial. No credit card required.</p>"
        "<p>Sign up</p>"
        "<p>Log in</p>"
        "<h2>Pricing</h2>"
        "<p>Solo: $9 per month. One person, unlimited invoices.</p>"
        "<p>Studio: $29 per month. Up to ten people, shared clients, and time sheets.</p>"
        "<p>Cancel at any time.</p>"
        "<h2>Questions</h2>"
        "<p>Is my data safe? All data is encrypted and stored in Frankfurt.</p>"
        "<p>Can I export? Yes, as CSV and PDF.</p>",
    ),
    "landing-form": (
        "Launch HN: Tideline (YC W26) – Alerts for harbours",
        "Tideline",
        "<h1>Know the water before you sail</h1>"
        "<form><input name=name><input name=mail><input name=company><input "
        "name=phone></form><p>Tideline warns harbours of surges six hours ahead with buoys "
        "that cost less than a dinner.</p>"
        "<p>Request early access</p>"
        "<p>We use cookies to improve your experience. Accept all or reject.</p>"
        "<p>Trusted by 14 harbours in four countries.</p>",
    ),
    "cf-status": (
        "Cloudflare error 1020 and what it means",
        "Error 1020: Access denied – what it means",
        "<article><p>Error 1020 says that a firewall rule of the site has blocked you. "
        "'Sorry, you have been blocked' stands in large letters, and a Ray ID below.</p>"
        "<p>If you run the site, look for the Ray ID under Security, Events. Often the rule "
        "challenges a whole country or user agents without a language.</p>"
        "<p>If you are a visitor, write to the owner with the Ray ID; there is nothing else "
        "that you can do. Clearing cookies helps only when a cookie was the reason.</p>"
        "</article>",
    ),
    "404-design": (
        "The best 404 pages of 2026",
        "The best 404 pages of 2026",
        "<p>Page not found, and yet worth a visit: we collected the error pages that made us "
        "smile this year.</p>"
        "<p>A bookshop shows an empty shelf. A railway says that this train does not stop "
        "here. A bank apologises in the form of a cheque over nothing.</p>"
        "<p>What they have in common: they say plainly that the page does not exist and offer"
        " a search.</p>",
    ),
    "cookie-law": (
        "EU drops the cookie banner",
        "EU drops the cookie banner",
        "<p>Brussels. The Commission wants to end consent banners: browsers are to tell sites"
        " once whether we and our partners may store cookies.</p>"
        "<p>Publishers object. 'Accept all' brings them a third of their income from "
        "advertising.</p>"
        "<p>The proposal goes to Parliament in March.</p>",
    ),
    "rfc": (
        "HTTP 451",
        "An HTTP Status Code to Report Legal Obstacles",
        "<pre>This document specifies a Hypertext Transfer Protocol (HTTP) status code for "
        "use when resource access is denied as a consequence of legal demands.  Unavailable "
        "For Legal Reasons means that the server is denying access to the resource. </pre>",
    ),
    "status": (
        "GitHub is down",
        "GitHub Status - Incident with pull requests",
        "<p>Investigating - We are investigating reports of degraded performance for pull "
        "requests. Nov 30, 10:12 UTC</p>"
        "<p>Identified - The service is temporarily unavailable for some users. We found the "
        "cause and roll back. Nov 30, 10:40 UTC</p>"
        "<p>Resolved - This incident has been resolved. Nov 30, 11:02 UTC</p>",
    ),
    "paywall-essay": (
        "Why I put my blog behind a paywall",
        "Why I put my blog behind a paywall",
        "<p>Subscribe to continue reading: I used to hate that sentence, and today I put it "
        "on my own site.</p>"
        "<p>A thousand people read me for nothing. Forty pay three euros a month, and these "
        "forty write to me.</p>"
        "<p>I would rather have forty letters than a thousand visits.</p>",
    ),
    "show-wait": (
        "Show HN: Quire – a notebook for teams",
        "Quire",
        "<p>Quire is a notebook in which a team writes at once, without a cursor war: each "
        "paragraph has one writer at a time.</p>"
        "<p>Join the waiting list. We send two mails, one now and one when you can come "
        "in.</p>"
        "<p>Create a free account to try it with up to three people. Already have an account?"
        " Sign in.</p>",
    ),
    "show-price2": (
        "Launch HN: Ferrous (YC S26) – Rust for satellites",
        "Ferrous | Rust for satellites",
        "<p>Start your free trial. Cancel anytime.</p>"
        "<p>Ferrous compiles ordinary Rust for radiation-hardened processors and proves the "
        "stack bound of every task.</p>"
        "<p>Hobby 0 € per month. Team 49 € per month. Mission: talk to us.</p>"
        "<p>Trusted by seven satellites in orbit.</p>",
    ),
    "sub-howto": (
        "How to cancel a newspaper subscription",
        "How to cancel a newspaper subscription",
        "<p>Cancel anytime, says the button, and then there is a telephone number.</p>"
        "<p>I called nine newspapers. Four answered within ten minutes, three offered half "
        "the price, and one asked for my reasons in writing.</p>"
        "<p>The law says since July that a subscription has to be cancelled where it was "
        "made. Only two of the nine keep to it.</p>",
    ),
    "js-essay": (
        "Please enable JavaScript",
        "Please enable JavaScript",
        "<article><p>Please enable JavaScript to view this page: I have read this on 41 of "
        "the 500 most visited sites, all of which only show text.</p>"
        "<p>I wrote to each of them. Nine answered. Two had not known that the text needs a "
        "script, and one said that nobody turns it off.</p>"
        "<p>That one is right, and that is why nobody notices.</p>"
        "</article>",
    ),
    "docs-401": (
        "Handling 401 and 403 correctly",
        "Handling 401 and 403 correctly",
        "<p>401 says that you must sign in to continue; 403 says that signing in would not "
        "help.</p>"
        "<p>Access denied is what users read for both. Say which one it is, and what they can"
        " do about it.</p>"
        "<p>We return 404 for what a user may not know of, and log the difference.</p>",
    ),
    "es-cookies": (
        "La UE elimina los avisos de cookies",
        "La UE elimina los avisos de cookies",
        "<p>Bruselas quiere que el navegador diga una sola vez si aceptamos cookies.</p>"
        "<p>Aceptar todo, rechazar todo: esos botones desaparecerían en 2028.</p>"
        "<p>Los editores protestan porque un tercio de sus ingresos depende de ellos.</p>",
    ),
    "de-aus": (
        "GitHub ist ausgefallen",
        "GitHub ist ausgefallen",
        "<p>Seit 10 Uhr ist GitHub vorübergehend nicht erreichbar. Wer eine Seite öffnet, "
        "liest: Bitte versuchen Sie es später erneut.</p>"
        "<p>Das Unternehmen nennt als Grund eine fehlerhafte Einstellung in einem "
        "Lastverteiler.</p>"
        "<p>Gegen elf Uhr waren die ersten Dienste wieder da.</p>",
    ),
    "sale": (
        "This domain is for sale: a short history of parking",
        "This domain is for sale: a short history of parking",
        "<p>This domain is for sale. No sentence has been read so often in the last thirty "
        "years and remembered so rarely.</p>"
        "<p>It began in 1996 with a man in Vancouver who bought expired names and put "
        "advertisements on them.</p>"
        "<p>Today about a sixth of all names show nothing else.</p>",
    ),
}

# Of each the story's title, the page's title, and its markup.
WALLS = {
    "cf-on-topic": (
        "Cloudflare is down",
        "Attention Required! | Cloudflare",
        "<p>Sorry, you have been blocked</p>"
        "<p>You are unable to access status.example</p>"
        "<p>Why have I been blocked? This website is using a security service to protect "
        "itself from online attacks.</p>"
        "<p>Cloudflare Ray ID: 8a1. Performance & security by Cloudflare</p>",
    ),
    "captcha-on-topic": (
        "Captchas do not stop bots any more",
        "Just a moment...",
        "<p>Verify you are human by completing the action below.</p>"
        "<p>news.example needs to review the security of your connection before proceeding. "
        "Bots are not allowed.</p>",
    ),
    "newsletter-wall": (
        "Why I closed my newsletter",
        "Why I closed my newsletter",
        "<p>This post is for paid subscribers.</p>"
        "<p>Subscribe to the newsletter to keep reading this post and get 7 days of free "
        "access to the full post archives.</p>"
        "<p>Already a paid subscriber? Sign in</p>",
    ),
    "login-on-topic": (
        "Login with passkeys: a year later",
        "Login with passkeys: a year later - Log in",
        "<p>Log in to read this article</p>"
        "<p>E-mail or user name. Password. Forgotten your password?</p>"
        "<p>No account yet? Create one, it is free.</p>",
    ),
    "404-on-topic": (
        "404 pages worth a visit",
        "404 - Page not found",
        "<p>The page you requested could not be found.</p>"
        "<p>It may have been moved or deleted. Check the address or go back to the home "
        "page.</p>",
    ),
    "cookie-on-topic": (
        "Google keeps third-party cookies",
        "Cookie settings",
        "<p>We and our 214 partners use cookies to store and access information on your "
        "device, such as unique IDs, to process personal data.</p>"
        "<p>You may accept or manage your choices by clicking below, including your right to "
        "object where legitimate interest is used.</p>"
        "<p>Accept all</p>"
        "<p>Reject all</p>"
        "<p>More options</p>",
    ),
    "domain-on-topic": (
        "The domain that nobody wanted",
        "nobody.example is for sale",
        "<p>This domain is for sale!</p>"
        "<p>The domain nobody.example may be for sale by its owner. Get a price in less than "
        "24 hours. Buyer protection.</p>",
    ),
    "show-login": (
        "Show HN: Quire – a notebook for teams",
        "Log in to Quire",
        "<p>Welcome back. Sign in to continue to Quire.</p>"
        "<p>Email. Password. Forgot password? Log in with SSO.</p>"
        "<p>New to Quire? Create an account. By continuing you agree to the terms of service "
        "and the privacy policy.</p>",
    ),
    "adblock": (
        "The quiet return of the night train",
        "The quiet return of the night train",
        "<p>We noticed that you are using an ad blocker.</p>"
        "<p>Advertising pays for our journalists. Please allow ads on our site, or become a "
        "supporter for 3 euros a month, to go on reading.</p>"
        "<p>I have switched it off</p>"
        "<p>Become a supporter</p>",
    ),
}


def read(title: str, page_title: str, body: str, url: str = URL) -> str:
    html = (
        f"<!doctype html><html><head><title>{page_title}</title></head><body>{body}</body></html>"
    )
    page = Page(url, "text/html; charset=utf-8", html.encode())
    article = extract(page, Expected(title, url))
    assert not article.partial
    return article.text


@pytest.mark.parametrize("page", ARTICLES.values(), ids=ARTICLES)
def test_content_that_the_title_promises_is_not_a_wall(page: tuple[str, str, str]) -> None:
    assert len(read(*page).split()) >= 30


@pytest.mark.parametrize("titled", ["{title} | {site}", "{site}"])
@pytest.mark.parametrize("story", QUOTING, ids=[one["title"] for one in QUOTING])
def test_a_story_that_quotes_walls_is_read(story: dict[str, Any], titled: str) -> None:
    html = (
        f"<!doctype html><html lang=en><head><title>{titled.format_map(story)}</title></head><body>"
        f"<header><a href=/>{story['site']}</a> <a href=/login>Log in</a> <a href=/signup>Sign up"
        f"</a></header><main><article>{story['body']}</article></main><footer><a href=/privacy>"
        "Privacy</a> <a href=/cookies>Cookie settings</a></footer></body></html>"
    )
    page = Page(story["url"], "text/html; charset=utf-8", html.encode(), 200, story["headers"])
    text = extract(page, Expected(story["title"], story["url"])).text
    assert len(text.split()) >= 30


@pytest.mark.parametrize("page", WALLS.values(), ids=WALLS)
def test_a_wall_is_recognised_for_a_story_about_walls(page: tuple[str, str, str]) -> None:
    with pytest.raises(PageUnreadableError):
        read(*page)


def test_the_first_page_of_a_site_may_name_a_price() -> None:
    body = (
        "<p>Tideline warns harbours six hours before a surge, with buoys that cost less than a"
        " dinner.</p><p>Free for one buoy. 12 € a month for ten. Cancel anytime.</p>"
        "<p>Start your free trial</p>"
    )
    assert "six hours" in read(
        "Tideline: alerts for harbours", "Tideline", body, "https://t.example/"
    )


def test_a_blog_may_ask_for_readers_behind_a_post() -> None:
    body = (
        "<p>I ordered a boat by mail and it came in eleven boxes. The instructions were in Finnish,"
        " the screws were not.</p><p>After nine evenings it floats. The tenth evening I found two"
        " more boxes.</p><p>Subscribe to get new posts by mail. Already subscribed? Thank you.</p>"
    )
    assert "it floats" in read("Notes on ordering a boat", "Notes on ordering a boat", body)


def test_a_short_post_may_quote_a_wall() -> None:
    title = "Anybody else locked out of their bank?"
    body = (
        "<p>Since Tuesday my bank says: access denied, unusual traffic from your network. I am on"
        " the only provider in the valley.</p><p>Reply: same here. They block the whole range after"
        " an attack. Use the phone until Monday.</p><p>Reply: it works again.</p>"
    )
    assert "valley" in read(title, f"{title} - Forum", body)
