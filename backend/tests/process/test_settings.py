"""A wrong setting ends the start with one line that says what to do, and shows no secret.

The manual names every setting.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app.settings import Settings
from simulators.processes import ROOT, app_environment, start_python


@pytest.mark.parametrize(
    "wrong",
    [
        {"TELEGRAM_BOT_TOKEN": ("", "is not set (get one from @BotFather)")},
        {
            "TELEGRAM_BOT_TOKEN": ("s3cret", "must look like"),
            "DATABASE_URL": ("mysql://u:s3cret@h/d", "must begin with postgresql"),
            "ADMIN_CHAT_ID": ("s3cret", ""),
            "HN_API_URL": ("ftp://s3cret", "must be an http"),
            # The entry that is wrong is named, and holds no secret.
            "FETCH_PRIVATE_HOSTS": ("no-port", "'no-port' must be host:port"),
            "LOG_LEVEL": ("s3cret", ""),
        },
    ],
    ids=["missing", "malformed"],
)
def test_every_wrong_setting_is_named(tmp_path: Path, wrong: dict[str, tuple[str, str]]) -> None:
    nowhere = "http://127.0.0.1:9"
    environment = app_environment(
        database_url="postgresql://127.0.0.1:9/nothing",
        telegram=nowhere,
        hackernews=nowhere,
        token="42:token",
        folder=tmp_path,
    )
    environment |= {name: value for name, (value, _) in wrong.items()}
    process = start_python("-m", "app.main", environment=environment, stderr=subprocess.PIPE)
    _, stderr = process.communicate(timeout=60)
    complaint = stderr.decode()
    assert process.returncode == 2
    assert [
        f"{name} {said}" for name, (_, said) in wrong.items() if f"{name} {said}" not in complaint
    ] == []
    assert len(complaint.splitlines()) == 1
    assert "s3cret" not in complaint


def test_the_manual_has_every_setting_and_its_default() -> None:
    manual = (ROOT / "docs" / "settings.md").read_text()
    documented = dict(re.findall(r"^\| `(\w+)` \| `?([^`|]+?)`? \|", manual, re.MULTILINE))
    known = {name.upper(): default(name) for name in Settings.model_fields}
    sources = "".join(path.read_text() for path in (ROOT / "backend" / "app").rglob("*.py"))
    # What the app looks up itself, before or beside `Settings`, has no default there.
    others = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", sources)) - known.keys()
    assert documented == known | dict.fromkeys(others, "none")
    assert "HEALTH_FILE" in others


def default(name: str) -> str:
    """As it would be written in .env."""
    field = Settings.model_fields[name]
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in (frozenset(), {}):
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
