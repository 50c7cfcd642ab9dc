"""Converts Markdown, as in READMEs, to the text that a reader of the rendered page sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.articles.tree_repair import superscript

# Excluding these characters inside keeps each pattern's time linear.
_TAG = re.compile(r"<!--.*?(?:-->|$)|</?[a-z][^<>]{0,500}>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/h\d|/li|/tr)\b[^<>]{0,100}>", re.IGNORECASE)
# Nested unclosed brackets take quadratic time in the parser.
_OPEN_BRACKETS = re.compile(r"[\[!*_`~<]{40,}")
MAX_CHARACTERS = 80_000
MAX_LINE = 5000
MAX_BRACKETS = 200  # per block
_RAISED = re.compile(r"<sup>([+-]?\d{1,4})</sup>", re.IGNORECASE)
_DELETED = re.compile(r"<(/?)(?:del|s|strike)>", re.IGNORECASE)
_BLOCK = re.compile(r"\n[ \t]*\n")


def readable(markdown: str) -> str:
    """The text of a document: one line for each paragraph, heading or list item.

    Code, images, badges and tables of links are left out; the lines of a paragraph are joined.
    """
    markdown = _RAISED.sub(lambda found: superscript(found[1]), markdown[:MAX_CHARACTERS])
    blocks = (_bounded(block) for block in _BLOCK.split(markdown))
    references: dict[str, Any] = {}
    tokens = _parsed("\n\n".join(blocks), references)
    lines = (" ".join(line.split()) for line in _lines(tokens, references))
    return "\n\n".join(line for line in lines if line)


def _parsed(markdown: str, references: dict[str, Any]) -> list[Token]:
    """The tokens of a text; link references are stored in `references`."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown, references)


def _bounded(block: str) -> str:
    """A block without what would take the parser too long."""
    block = _OPEN_BRACKETS.sub(" ", block)
    if block.count("[") > MAX_BRACKETS or max(map(len, block.split("\n"))) > MAX_LINE:
        block = block.replace("[", " ").replace("](", " (")
    return block


def _lines(tokens: list[Token], references: dict[str, Any]) -> Iterator[str]:
    row: list[str] = []
    in_row = False
    mark = ""
    for token in tokens:
        match token.type:
            case "list_item_open":
                mark = "- "
            case "list_item_close":
                mark = ""
            case "tr_open":
                row, in_row = [], True
            case "tr_close":
                in_row = False
                yield " | ".join(filter(None, row))
            case "inline" if in_row:
                row.append(_words(token))
            case "inline":
                yield from f"{mark}{_words(token)}".split("\n")
                mark = ""
            case "html_block":
                # Authors use Markdown between HTML tags.
                inside = _TAG.sub("", _BREAK.sub("\n\n", token.content))
                nested = _parsed(inside, references)
                yield from _lines([one for one in nested if one.type != "html_block"], references)


def _kept(children: Sequence[Token]) -> Iterator[Token]:
    """The parts of a paragraph that are not struck out."""
    deleted = 0
    for child in children:
        tag = _DELETED.fullmatch(child.content) if child.type == "html_inline" else None
        if child.type == "s_open" or (tag and not tag[1]):
            deleted += 1
        elif child.type == "s_close" or tag:
            deleted = max(0, deleted - 1)
        elif not deleted:
            yield child


def _words(inline: Token) -> str:
    """The words of a paragraph; images, and links around them, leave nothing."""
    words = []
    for child in _kept(inline.children or []):
        match child.type:
            case "text":
                words.append(child.content)
            case "code_inline":
                words.append(f"{child.markup}{child.content}{child.markup}")
            case "softbreak":
                words.append(" ")
            case "hardbreak":
                words.append("\n")
            case "html_inline" if _BREAK.match(child.content):
                words.append("\n")
    return "".join(words)
