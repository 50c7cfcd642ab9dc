"""Rotates secrets: each takes one edit and one `site.yml`."""

from __future__ import annotations

import hashlib
import secrets

from rehearsal.lab.host import Host
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.lab.secrets import new_bot_token, write_secrets
from rehearsal.leaks import find_leaks
from rehearsal.stage import Stage

READER = 4_000_002
LOG_IN = """docker exec -i hnpal-postgres sh -c '
  read -r PGPASSWORD; export PGPASSWORD
  exec psql --host=postgres --username=hn_pal --dbname=hn_pal --command="SELECT 1"'
"""


def run(stage: Stage) -> None:
    """Rotate the bot's token, the model's key and the database's password, in that order."""
    _bot_token(stage)
    _model_key(stage)
    _database_password(stage)
    leaks = find_leaks(stage)
    stage.record.expect("No secret leaked", not leaks, "; ".join(leaks) or "none found")


def _bot_token(stage: Stage) -> None:
    token = new_bot_token()
    stage.telegram.post("settings", {"token": token})
    _rotate(stage, app_telegram_bot_token=token)
    stage.telegram.say(READER, "/help")
    try:
        stage.telegram.wait_for_messages(READER, 1, seconds=30)
        answered = True
    except AssertionError:
        answered = False
    stage.record.expect("With a new bot token, the bot replies", answered)


def _model_key(stage: Stage) -> None:
    key = f"sk-rehearsal-{secrets.token_urlsafe(24)}"
    _rotate(stage, app_openai_api_key=key)
    script = "docker exec hnpal-app sh -c 'printf %s \"$OPENAI_API_KEY\" | sha256sum'"
    has = stage.host.ssh(script).split()[0] == hashlib.sha256(key.encode()).hexdigest()
    stage.record.expect("The app has the new key of the language model", has)


def _database_password(stage: Stage) -> None:
    old = stage.secrets["app_database_password"]
    new = secrets.token_urlsafe(24)
    with stage.drill("New database password") as drill:
        drill.mark("site.yml")
        _rotate(stage, app_database_password=new)
        drill.mark("done")
    logs_in = _logs_in(stage.host, new) and not _logs_in(stage.host, old)
    stage.record.expect("The database accepts its new password, and not the old one", logs_in)
    stage.expect_nothing_lost(drill, "New database password")


def _rotate(stage: Stage, **changed: str) -> None:
    stage.secrets = write_secrets(stage.lab.workspace, **changed)
    stage.must_play("site.yml")


def _logs_in(host: Host, password: str) -> bool:
    try:
        host.ssh(LOG_IN, text=f"{password}\n")
    except ProgramFailedError:
        return False
    return True
