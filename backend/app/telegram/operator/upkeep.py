"""The weekly message to the operator: the age of what runs, and which fixes are pending.

The host reports both once a day (`hnpal-host upkeep` in the app role).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.database.connection import Connection
from app.telegram.operator.facts import Facts
from app.telegram.operator.store import Report
from app.telegram.send import outbox
from app.telegram.send.messages import text_message
from app.telegram.send.outbox import OutgoingMessage, Priority
from app.wording import text
from app.wording.durations import duration

KIND = "upkeep"
# From Monday at nine, in the operator's zone.
WEEK_BEGINS = timedelta(hours=9)
# The host reports every day.
MAX_REPORT_AGE = timedelta(days=3)
PROGRAMS = {"app": "Python", "postgres": "PostgreSQL", "redis": "Redis"}


async def send_weekly_report(
    connection: Connection, facts: Facts, chat_id: int, language: str, here: ZoneInfo
) -> None:
    """Send the message of this week once; nothing if there is no report."""
    report = facts.reports.get(KIND)
    if report is None:
        return
    year, week, _ = (facts.now.astimezone(here) - WEEK_BEGINS).isocalendar()
    key = f"{KIND}:{year}-{week}"
    if await outbox.delivery_state(connection, key) is not None:
        return
    message = text_message(describe(report, facts.now, language))
    sent = OutgoingMessage(
        key=key,
        chat_id=chat_id,
        method="sendMessage",
        parameters={"chat_id": chat_id, **message},
        priority=Priority.ALERT,
    )
    await outbox.enqueue(connection, [sent])


def describe(report: Report, now: datetime, language: str) -> str:
    """The message as HTML; what the host could not determine is left out."""
    detail = report.detail
    lines = [_text("heading", language)]
    if now - report.at > MAX_REPORT_AGE:
        lines.append(_text("stale", language, age=_age(report.at, now, language)))
    lines += _packages(detail, language)
    lines += _engine(detail, language)
    images = [image for image in _list(detail, "images") if isinstance(image, dict)]
    lines += [_image(image, now, language) for image in images]
    if changed := _list(detail, "collations"):
        lines.append(_text("collations", language, databases=", ".join(map(str, changed))))
    newer = any(image.get("is_newer") for image in images)
    pending = newer or _list(_dict(detail, "engine"), "pending")
    lines.append(_text("upgrade" if pending else "nothing", language))
    return "\n".join(lines)


def _packages(detail: dict[str, Any], language: str) -> list[str]:
    packages = _dict(detail, "packages")
    pending, security = packages.get("pending", 0), packages.get("security", 0)
    lines = [_text("packages", language, pending=pending, security=security)] if packages else []
    return lines + ([_text("reboot", language)] if detail.get("reboot") else [])


def _engine(detail: dict[str, Any], language: str) -> list[str]:
    engine, held = _dict(detail, "engine"), _list(detail, "held")
    lines = [_text("engine", language, version=engine.get("version", "?"))] if engine else []
    if pending := _list(engine, "pending"):
        lines.append(_text("engine_pending", language, packages=", ".join(map(str, pending))))
    if held:
        lines.append(_text("held", language, packages=", ".join(map(str, held))))
    return lines


def _image(image: dict[str, Any], now: datetime, language: str) -> str:
    service = str(image.get("service"))
    made = _moment(image.get("made_at"))
    line = _text(
        "base" if service == "app" else "image",
        language,
        program=PROGRAMS.get(service, service),
        version=image.get("version") or "?",
        age=_age(made, now, language) if made else "?",
    )
    return line + (_text("newer", language) if image.get("is_newer") else "")


def _age(moment: datetime, now: datetime, language: str) -> str:
    return duration((now - moment).total_seconds(), language)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _dict(detail: dict[str, Any], name: str) -> dict[str, Any]:
    found = detail.get(name)
    return found if isinstance(found, dict) else {}


def _list(detail: dict[str, Any], name: str) -> list[Any]:
    found = detail.get(name)
    return found if isinstance(found, list) else []


def _text(key: str, language: str, **values: object) -> str:
    return text(f"upkeep.{key}", language, **values)
