"""The README's tables say what variables.tf and outputs.tf say."""

from __future__ import annotations

import re
from pathlib import Path

TERRAFORM = Path(__file__).resolve().parents[1]
README = (TERRAFORM / "README.md").read_text()


def blocks(file: str, kind: str) -> dict[str, dict[str, str]]:
    """The attributes that stand on one line, by block; `terraform fmt` sees to it that they do."""
    source = (TERRAFORM / file).read_text()
    return {
        name: dict(re.findall(r"^  (\w+)\s+= (.+)$", body, flags=re.MULTILINE))
        for name, body in re.findall(
            rf'^{kind} "(\w+)" \{{\n(.*?)^\}}', source, flags=re.MULTILINE | re.DOTALL
        )
    }


def table(heading: str) -> list[tuple[str, ...]]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]


def text(quoted: str) -> str:
    return quoted[1:-1].replace('\\"', '"')


def test_every_variable_is_explained_as_it_is() -> None:
    assert table("Variables") == [
        (f"`{name}`", variable.get("default", "required"), text(variable["description"]))
        for name, variable in blocks("variables.tf", "variable").items()
    ]


def test_every_output_is_explained_as_it_is() -> None:
    assert table("Outputs") == [
        (f"`{name}`", text(output["description"]))
        for name, output in blocks("outputs.tf", "output").items()
    ]


def test_the_example_sets_variables_that_exist() -> None:
    example = (TERRAFORM / "terraform.tfvars.example").read_text()
    variables = blocks("variables.tf", "variable")
    assert set(re.findall(r"^(?:# )?(\w+) += ", example, flags=re.MULTILINE)) <= set(variables)
