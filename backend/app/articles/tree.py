"""Elements of a page's tree: what is around them, and how to take them out."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from app.text.sentences import end_pattern

# Elements within a line of text.
INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big blink button cite code data dfn em embed font i img ins kbd label
    mark marquee meter nobr noindex output progress q rb ruby s samp small span strike strong sub
    sup svg time tt u var wbr
    """.split()  # noqa: SIM905 - a text reads better than fifty quoted words
)
MAX_STEPS = 6
MAX_AROUND = 200  # characters
_WORD = re.compile(r"\w")
_ENDED = end_pattern(":")


def is_inline(element: HtmlElement) -> bool:
    """Whether an element is usually a part of a line, as custom elements may be."""
    return isinstance(element.tag, str) and (element.tag in INLINE or "-" in element.tag)


def text_before(element: HtmlElement) -> str:
    """The end of the text before an element in its line; empty if it begins the line."""
    for _ in range(MAX_STEPS):
        earlier, parent = element.getprevious(), element.getparent()
        if parent is None:
            break
        between = parent.text if earlier is None else earlier.tail
        if between and between.strip():
            return str(between[-MAX_AROUND:])
        if earlier is None:
            if not is_inline(parent):
                break
            element = parent
        elif is_inline(earlier):
            if words := earlier.text_content().strip():
                return str(words[-MAX_AROUND:])
            element = earlier
        elif not isinstance(earlier.tag, str):  # a comment
            element = earlier
        else:
            break
    return ""


def text_after(element: HtmlElement) -> str:
    """The beginning of the text after an element in its line; empty if it ends the line."""
    for _ in range(MAX_STEPS):
        if element.tail and element.tail.strip():
            return str(element.tail[:MAX_AROUND])
        later, parent = element.getnext(), element.getparent()
        if later is None:
            if parent is None or not is_inline(parent):
                break
            element = parent
        elif is_inline(later):
            if words := later.text_content().strip():
                return str(words[:MAX_AROUND])
            element = later
        elif not isinstance(later.tag, str):
            element = later
        else:
            break
    return ""


def is_amid_words(element: HtmlElement) -> bool:
    """Whether an element is a part of a line that has other words."""
    return bool(_WORD.search(text_before(element)) or _WORD.search(text_after(element)))


def is_part_of_a_sentence(element: HtmlElement) -> bool:
    """Whether a sentence begins before an element, or goes on after it."""
    after = text_after(element).strip()
    return _is_begun(element) or (_WORD.search(after) is not None and not _begins(after))


def is_inside_a_sentence(element: HtmlElement) -> bool:
    """Whether a sentence begins before an element and goes on after it."""
    after = text_after(element).strip()
    return _is_begun(element) and after != "" and not _begins(after)


def _is_begun(element: HtmlElement) -> bool:
    """Whether a sentence begins before an element and does not end there."""
    before = text_before(element).strip()
    return _WORD.search(before) is not None and not _ENDED.search(before)


def _begins(text: str) -> bool:
    """Whether a text may begin a sentence: with a capital, or in a script without them."""
    return text[0].isalpha() and not text[0].islower()


def remove(element: HtmlElement) -> None:
    """Remove an element from the tree, but not the text after it."""
    replace_with_text(element, "")


def replace_with_text(element: HtmlElement, text: str) -> None:
    """Put a text in place of an element."""
    if element.getparent() is not None:
        element.tail = f"{text}{element.tail or ''}"
        element.drop_tree()
