"""Removes from a page's tree what a browser does not show: by attributes, by the page's own styles,
and by the usual names of classes.

Closed `details`, `hidden=until-found` and what fades in (`opacity: 0`) are parts of the text that
its readers come to see.
"""

from __future__ import annotations

import re

from lxml.etree import XPath
from lxml.html import HtmlElement

from app.articles.styles import PageStyles, hides
from app.articles.tree import is_amid_words, is_inline, remove, text_after, text_before

# If less than this remains without what is hidden, a script shows it.
MIN_SHOWN = 400  # characters of prose
MAX_EXAMINED, MAX_HIDDEN = 10_000, 2000

_NOT_THE_PAGE = "[not(self::html or self::body or self::head or ancestor::head)]"
# Their classes contain a part of one that hides.
_CANDIDATES = XPath(
    "//*[@hidden or @popover or @aria-hidden='true' or @style or contains(@class, 'hid') or"
    " contains(@class, 'sr-') or contains(@class, 'screen') or contains(@class, 'none') or"
    " contains(@class, 'visible') or contains(@class, 'print') or contains(@class, 'tooltip') or"
    f" contains(@class, 'material-') or contains(@class, 'assistive')]{_NOT_THE_PAGE}"
)
_NAMED = XPath(
    f"//*[@hidden or @popover or @aria-hidden='true' or @style or @class or @id]{_NOT_THE_PAGE}"
)
_PROSE = XPath(
    ".//text()[not(ancestor::*[self::a or self::nav or self::footer or self::header or self::aside"
    " or self::noscript or self::button or self::head])]"
)
_HIDDEN = frozenset(
    """
    hidden is-hidden u-hidden d-none display-none hide invisible print-only printonly only-print
    visible-print visible-print-block visible-print-inline tooltiptext material-icons
    material-symbols-outlined material-symbols-rounded material-symbols-sharp
    """.split()  # noqa: SIM905 - a text reads better than quoted words
)
# Shown at some width: "hidden md:block", "d-none d-lg-flex".
_SHOWN_WHEN_WIDE = re.compile(
    r"(?:^|\s)(?:d-)?(?:sm|md|lg|xl|xxl|2xl|tablet|desktop)[:-]"
    r"(?:block|flex|inline\S*|grid|table\S*|contents|visible|show)(?:\s|$)"
)
_FOR_SCREEN_READERS = frozenset(
    """
    sr-only visually-hidden visuallyhidden u-visually-hidden screen-reader-text screen-reader-only
    screenreader-only show-for-sr element-invisible a11y-hidden assistive-text sr-only-focusable
    visually-hidden-focusable
    """.split()  # noqa: SIM905 - easier to read than a list of strings
)
_TINY = re.compile(r"(?:^|;)\s*font-size\s*:\s*0(?:px|em|rem|%)?\s*(?:;|$)", re.IGNORECASE)
_WORD = re.compile(r"\w")


def remove_hidden(tree: HtmlElement, styles: PageStyles) -> None:
    """Remove what a browser does not show, unless there is hardly any text besides.

    Decorations (`aria-hidden`) are removed, too, unless they are part of a word or stand beside
    words for screen readers. Those are not shown, but stay where they say what an icon shows.
    """
    found: dict[HtmlElement, None] = {}  # in their order
    for element in (_NAMED if styles.hide_some else _CANDIDATES)(tree)[:MAX_EXAMINED]:
        if len(found) == MAX_HIDDEN:
            break
        if found and any(one in found for one in element.iterancestors()):
            continue
        if _is_hidden(element, styles):
            found[element] = None
    hidden = sum(map(_prose, found))
    if found and _prose(tree) - hidden >= min(MIN_SHOWN, hidden):
        for element in found:
            remove(element)


def _is_hidden(element: HtmlElement, styles: PageStyles) -> bool:
    if (element.get("hidden") or "").lower() != "until-found" and "hidden" in element.attrib:
        return True
    style = element.get("style") or ""
    if "popover" in element.attrib or hides(style) or (not len(element) and _TINY.search(style)):
        return True
    named = element.get("class") or ""
    classes = frozenset(named.split())
    if styles.hide(element, classes) or (_HIDDEN & classes and not _SHOWN_WHEN_WIDE.search(named)):
        return not (_FOR_SCREEN_READERS & classes and _says_an_icon(element))
    if _FOR_SCREEN_READERS & classes and not any(one.endswith("not-sr-only") for one in classes):
        return not _says_an_icon(element)
    if element.get("aria-hidden") != "true":
        return False
    if _prose(element) < MIN_SHOWN:
        return not _is_shown_part(element)
    del element.attrib["aria-hidden"]  # of the page, behind a dialog
    return False


def _says_an_icon(element: HtmlElement) -> bool:
    """Whether an icon stands beside words for screen readers, in a line and outside of a link."""
    if not is_amid_words(element) or any(
        one.tag in ("a", "button") for one in element.iterancestors()
    ):
        return False
    beside = (element.getprevious(), element.getnext())
    return any(one is not None and _is_icon(one) for one in beside)


def _is_icon(element: HtmlElement) -> bool:
    return element.tag in ("svg", "img", "i", "span") and not _WORD.search(element.text_content())


def _is_shown_part(element: HtmlElement) -> bool:
    """Whether a decoration is what is shown of a word, or instead of words for screen readers."""
    words = element.text_content().strip()
    if not is_inline(element) or not _WORD.search(words):
        return False
    later, earlier = element.getnext(), element.getprevious()
    replaced = (one.get("class") or "" for one in (earlier, later) if one is not None)
    ends = ((text_before(element)[-1:], words[0]), (words[-1], text_after(element)[:1]))
    glued = any(one.isalpha() and other.isalpha() for one, other in ends)
    return glued or any(_FOR_SCREEN_READERS & set(one.split()) for one in replaced)


def _prose(element: HtmlElement) -> int:
    """The number of characters of an element's text outside of navigation and links."""
    return sum(len(one.strip()) for one in _PROSE(element))
