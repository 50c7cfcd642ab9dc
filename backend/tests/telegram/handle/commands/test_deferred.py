"""What is imported before the first answer, and what only afterwards."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path

from app.telegram.handle import commands, routing

PACKAGE = commands.__name__
# A process of its own, because the tests have imported everything.
SCRIPT = """
import sys, app.application
from app.telegram.handle.commands.deferred import import_all
print(*sys.modules)
import_all()
print(*sys.modules)
"""


def test_commands_and_what_they_need_are_imported_after_the_first_answer() -> None:
    script = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(script, check=True, capture_output=True, text=True)
    before, after = (set(line.split()) for line in done.stdout.splitlines())
    for name in "app.digests.parts", "app.summaries", "app.llm", f"{PACKAGE}.start":
        assert name not in before
    modules = {path.stem for path in Path(str(commands.__file__)).parent.glob("[!_]*.py")}
    assert {f"{PACKAGE}.{module}" for module in modules} <= after


def test_every_deferred_function_exists() -> None:
    sources = [Path(str(module.__file__)).read_text() for module in (commands, routing)]
    names = re.findall(r'deferred\("(\w+):(\w+)"\)', "".join(sources))
    assert len(names) > 40
    assert sum(source.count("deferred(") for source in sources) == len(names)
    for module, function in names:
        assert iscoroutinefunction(getattr(import_module(f"{PACKAGE}.{module}"), function)), module
