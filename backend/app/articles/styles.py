"""What a page's own style sheets hide: the rules of `style` elements that select an element by its
name, id or classes. Linked style sheets are not fetched.

A rule for print or for narrow screens hides nothing, and neither does one with combinators, of
which only the last part is compared: such a rule can only show.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import XPath
from lxml.html import HtmlElement

MAX_CHARACTERS = 300_000
MAX_RULES, MAX_RULES_OF_A_NAME = 2000, 50

_SHEETS = XPath("//style[not(ancestor::noscript) and not(contains(@media, 'print'))]")
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_BRACE = re.compile(r"([{}])")
_OFF_SCREEN = r"(?:left|top|text-indent)\s*:\s*-(?:\d{4,}(?:px)?|\d{3,}(?:r?em|vw|%))"
_HIDES = re.compile(
    rf"(?:^|;)\s*(?:display\s*:\s*none|content-visibility\s*:\s*hidden|{_OFF_SCREEN}"
    r"|(visibility)\s*:\s*(?:hidden|collapse))\s*(!\s*important\s*)?(?:;|$)",
    re.IGNORECASE,
)
# What appears while the page is scrolled is not hidden.
_ANIMATED = re.compile(r"animation|transition|opacity|transform", re.IGNORECASE)
_OUT_OF_PLACE = re.compile(r"position\s*:\s*(?:absolute|fixed)", re.IGNORECASE)
_SHOWS = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*(?!none\b)[a-z-]+|visibility\s*:\s*visible)\s*(!\s*important)?",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_PART = re.compile(r"([.#])([\w-]+)")
_COMBINATOR = re.compile(r"[\s>+~]+")
_CONDITION = re.compile(r"[:\[\\&]")
_NARROW = re.compile(r"print|max-width|width\s*<", re.IGNORECASE)

_Weight = tuple[bool, int, int, int, int]
_Selects = tuple[str, frozenset[str], frozenset[str]]


def hides(style: str) -> bool:
    """Whether the declarations of a `style` attribute hide an element."""
    found = _HIDES.search(style)
    return found is not None and not (found[1] and _ANIMATED.search(style))


def _hiding(declarations: str) -> re.Match[str] | None:
    """What hides in the declarations of a rule. Invisible elements in their place appear later."""
    found = _HIDES.search(declarations)
    if found and found[1] and not _OUT_OF_PLACE.search(declarations):
        return None
    return found


@dataclass(frozen=True, slots=True)
class _Rule:
    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    weight: _Weight  # whether it is important, its specificity, and its place
    hides: bool

    def selects(self, element: HtmlElement, classes: frozenset[str]) -> bool:
        return (
            self.tag in ("", "*", element.tag)
            and self.ids <= {element.get("id")}
            and self.classes <= classes
        )


@dataclass(slots=True)
class PageStyles:
    """The rules of a page that hide or show elements, by an id, a class or a name they require.

    Attributes:
        hide_some: whether any rule hides something.
    """

    hide_some: bool = False
    _rules: defaultdict[str, dict[_Selects, _Rule]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def hide(self, element: HtmlElement, classes: frozenset[str]) -> bool:
        """Whether the strongest rule that selects an element hides it."""
        keys = (*(f".{one}" for one in classes), f"#{element.get('id')}", element.tag)
        found = [
            rule
            for key in keys
            for rule in self._rules.get(key, {}).values()
            if rule.selects(element, classes)
        ]
        return bool(found) and max(found, key=lambda rule: rule.weight).hides

    def add(self, selector: str, declarations: str, *, may_hide: bool, place: int) -> None:
        """Add a rule, if it hides or shows what it selects."""
        hiding, showing = _hiding(declarations), _SHOWS.search(declarations)
        declared = hiding or showing
        if declared is None or (hiding and not may_hide):
            return
        for one in map(str.strip, selector.split(",")):
            parts = _COMBINATOR.split(one)
            compound = _COMPOUND.fullmatch(parts[-1])
            if compound is None or _CONDITION.search(one) or (hiding and len(parts) > 1):
                continue
            named = _PART.findall(compound[2])
            ids = frozenset(name for mark, name in named if mark == "#")
            classes = frozenset(name for mark, name in named if mark == ".")
            tag = (compound[1] or "").lower()
            important = declared[declared.re.groups] is not None
            weight = (important, one.count("#"), one.count("."), len(parts), place)
            rule = _Rule(tag, ids, classes, weight, hiding is not None)
            key = f"#{min(ids)}" if ids else f".{min(classes)}" if classes else tag
            listed, selects = self._rules[key], (tag, ids, classes)
            other = listed.get(selects)
            is_new = other is None and len(listed) < MAX_RULES_OF_A_NAME
            if is_new or (other is not None and other.weight < rule.weight):
                listed[selects] = rule
            self.hide_some |= rule.hides


def styles_of(tree: HtmlElement) -> PageStyles:
    """The rules of a page's `style` elements."""
    styles = PageStyles()
    css = "}".join(sheet.text or "" for sheet in _SHEETS(tree))[:MAX_CHARACTERS]
    for place, (selector, declarations, around) in enumerate(_blocks(_COMMENT.sub(" ", css))):
        if place == MAX_RULES:
            break
        if not any(map(_NARROW.search, around)):
            styles.add(selector, declarations, may_hide=not around, place=place)
    return styles


def _blocks(css: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The selectors of a style sheet with their declarations, and what they are nested in."""
    around: list[str] = []
    pieces = _BRACE.split(css)
    for before, mark in zip(pieces[::2], pieces[1::2], strict=False):
        if mark == "{":
            around.append(before.rpartition(";")[2].strip())
        elif around:
            selector = around.pop()
            if not selector.startswith("@") and (_HIDES.search(before) or _SHOWS.search(before)):
                yield selector, before, tuple(around)
