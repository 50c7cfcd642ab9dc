"""Prints what is understood of what people type, in each language."""

from __future__ import annotations

import sys

from app.wording import LANGUAGES
from tests.wording.inputs.understood import UNDERSTOOD, inputs, shown


def main() -> None:
    for language, name in LANGUAGES.items():
        sys.stdout.write(f"\n| {name} | typed | understood |\n|---|---|---|\n")
        for kind, typed in inputs(language).items():
            for words in typed:
                value = UNDERSTOOD[kind](words, language)
                sys.stdout.write(f"| {kind} | {words} | {shown(kind, value, language)} |\n")


if __name__ == "__main__":
    main()
