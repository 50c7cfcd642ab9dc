"""Write the tables of role variables into the documentation, from the roles' argument specs.

The tables are between `<!-- variables: app -->` and `<!-- end of variables -->` in READMEs and
docs/operations.md. `--check` writes nothing and fails if a table is out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
DOCUMENTS = [*HERE.glob("roles/*/README.md"), HERE.parent / "docs" / "operations.md"]
SECTION = re.compile(r"(<!-- variables: (\w+) -->\n).*?(<!-- end of variables -->)", re.DOTALL)


def table(role: str) -> str:
    """The Markdown table of a role's variables, in the order of its argument specs."""
    specs = yaml.safe_load((HERE / "roles" / role / "meta" / "argument_specs.yml").read_text())
    options: dict[str, dict[str, object]] = {}
    for entry_point in specs["argument_specs"].values():
        options |= entry_point["options"]
    rows = [f"| `{name}` | {default(option)} | {option['description']} |\n"
            for name, option in options.items()]  # fmt: skip
    return "| Variable | Default | Meaning |\n| --- | --- | --- |\n" + "".join(rows)


def default(option: dict[str, object]) -> str:
    if option.get("required"):
        return "required"
    value = option["default"]
    if value in ("", [], {}):
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"`{' '.join(value)}`"
    text = str(value)
    return "computed" if "{{" in text else f"`{text}`"


def documented(text: str) -> str:
    return SECTION.sub(lambda found: found[1] + table(found[2]) + found[3], text)


def main() -> int:
    stale = [path for path in DOCUMENTS if documented(path.read_text()) != path.read_text()]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path} is out of date: run ansible/document_variables.py")
        return bool(stale)
    for path in stale:
        path.write_text(documented(path.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
