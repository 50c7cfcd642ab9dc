"""The pages of the sample day, as served by their invented sites."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from simulators.sample_day.pdf import pdf_of
from simulators.sample_day.picture import picture_of
from simulators.sample_day.stories import SampleStory

_LAYOUT = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>{picture}
<style>
body {{ max-width: 38em; margin: 2em auto; padding: 0 1em; font: 17px/1.6 Georgia, serif }}
body {{ color: #222; background: #fffdf8 }} a {{ color: #0a5a9c }}
nav, footer, aside {{ font: 14px/1.5 sans-serif; color: #595959 }}
</style></head>
<body>
<nav><a href="/">{site}</a> · <a href="/archive">Archive</a> · <a href="/about">About</a></nav>
<main><article>
{content}
</article></main>
{after}
<footer><p>{site} belongs to HN Pal's sample day: authors, facts and figures are invented.</p>
</footer>
</body>
</html>
"""
_PICTURE = '<meta property="og:image" content="{}">'
_RELATED = """<aside><h2>More from this site</h2><ul><li><a href="/earlier">The one before</a></li>
<li><a href="/later">What came of it</a></li></ul></aside>"""
_PAYWALL = """<section class="paywall" data-paywall="true"><h2>Subscribe to continue reading</h2>
<p>This article is for subscribers. Already a subscriber? <a href="/login">Log in</a></p>
<button>Subscribe now</button></section>"""
_ROBOT_CHECK = """<!doctype html><html lang="en"><head><title>Just a moment...</title></head><body>
<h1>Checking your browser</h1><p>Verify you are human by completing the action below.</p>
<div id="challenge-form"></div><noscript>Enable JavaScript and cookies to continue</noscript>
</body></html>"""

_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class SamplePage:
    """The response of a site."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200


def pages_of(stories: list[SampleStory]) -> dict[str, SamplePage]:
    """The page for each address, without its scheme and query."""
    own = [story for story in stories if story.url is not None and story.kind != "elsewhere"]
    pages = {place_of(story.url): _page(story) for story in own if story.url is not None}
    pictures = {
        place_of(address): SamplePage(picture_of(story.name), "image/png")
        for story in own
        if (address := picture_address(story))
    }
    return pages | pictures


def picture_address(story: SampleStory) -> str | None:
    """The address of the picture that a story's page declares; None if it has none."""
    if not story.picture or story.url is None:
        return None
    return f"https://{urlsplit(story.url).netloc}/{story.name}.png"


def place_of(url: str) -> str:
    """The host and path of an address."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path or '/'}"


def _page(story: SampleStory) -> SamplePage:
    match story.kind:
        case "pdf":
            return SamplePage(pdf_of(story.page), "application/pdf")
        case "readme":
            return SamplePage(story.page.encode(), "text/markdown; charset=utf-8")
        case "robot_check":
            return SamplePage(_ROBOT_CHECK.encode(), status=403)
        case "paywall":
            return _layout(story, _PAYWALL)
        case _:
            return _layout(story, _RELATED)


def _layout(story: SampleStory, after: str) -> SamplePage:
    assert story.url is not None
    html = _LAYOUT.format(
        language=story.language,
        title=escape(story.title),
        site=escape(urlsplit(story.url).netloc),
        content=_html(story.page),
        after=after,
        picture=_PICTURE.format(address) if (address := picture_address(story)) else "",
    )
    return SamplePage(html.encode())


def _html(text: str) -> str:
    """Convert the Markdown that the pages use: paragraphs, headings and code."""
    return "\n".join(map(_block, text.split("\n\n")))


def _block(block: str) -> str:
    words = _CODE.sub(r"<code>\1</code>", escape(block.strip()))
    return f"<h1>{words[2:]}</h1>" if words.startswith("# ") else f"<p>{words}</p>"
