"""Converts Markdown, as in READMEs, to the text that a reader of the rendered page sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Excluding these characters inside keeps each pattern's time linear.
_TAG = re.compile(r"<!--.*?(?:-->|$)|</?[a-z][^<>]{0,500}>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/h\d|/li|/tr)\b[^<>]{0,100}>", re.IGNORECASE)
# Nested unclosed brackets take quadratic time in the parser.
_OPEN_BRACKETS = re.compile(r"[\[!*_`~<]{40,}")
MAX_CHARACTERS = 80_000
MAX_LINE = 5000
MAX_BRACKETS = 200  # per block
_BLOCK = re.compile(r"\n[ \t]*\n")


def readable(markdown: str) -> str:
    """The text of a document: one line for each paragraph, heading or list item.

    Code, images, badges and tables of links are left out; the lines of a paragraph are joined.
    """
    blocks = (_bounded(block) for block in _BLOCK.split(markdown[:MAX_CHARACTERS]))
    references: dict[str, Any] = {}
    tokens = _parsed("\n\n".join(blocks), references)
    lines = (" ".join(line.split()) for line in _lines(tokens, references))
    return "\n\n".join(line for line in lines if line)


def _parsed(markdown: str, references: dict[str, Any]) -> list[Token]:
    """The tokens of a text; link references are stored in `references`."""
    return MarkdownIt("commonmark").enable("table").parse(markdown, references)


def _bounded(block: str) -> str:
    """A block without what would take the parser too long."""
    block = _OPEN_BRACKETS.sub(" ", block)
    if block.count("[") > MAX_BRACKETS or max(map(len, block.split("\n"))) > MAX_LINE:
        block = block.replace("[", " ").replace("](", " (")
    return block


def _lines(tokens: list[Token], references: dict[str, Any]) -> Iterator[str]:
    row: list[str] = []
    in_row = False
    for token in tokens:
        match token.type:
            case "tr_open":
                row, in_row = [], True
            case "tr_close":
                in_row = False
                yield " | ".join(filter(None, row))
            case "inline" if in_row:
                row.append(_words(token))
            case "inline":
                yield from _words(token).split("\n")
            case "html_block":
                # Authors use Markdown between HTML tags.
                inside = _TAG.sub("", _BREAK.sub("\n\n", token.content))
                nested = _parsed(inside, references)
                yield from _lines([one for one in nested if one.type != "html_block"], references)


def _words(inline: Token) -> str:
    """The words of a paragraph; images, and links around them, leave nothing."""
    words = []
    for child in inline.children or []:
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
