"""The page that /status shows, in the operator's language and time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from app.llm.store import Spent
from app.readers.schedule import zone
from app.readers.store import Reader
from app.settings import Settings
from app.telegram.operator.alerts import Alert
from app.telegram.operator.facts import Facts
from app.telegram.operator.store import Day
from app.telegram.receive.maintenance import Maintenance
from app.wording import Html, text
from app.wording.durations import duration

GIGABYTE = 1e9
COMMIT_CHARACTERS = 10


def describe(maintenance: Maintenance, now: datetime, language: str, here: ZoneInfo) -> str:
    """A line about maintenance that is on."""
    return text(
        "maintenance.is_on" if maintenance.until is None else "maintenance.is_on_until",
        language,
        since=duration((now - maintenance.since).total_seconds(), language),
        until=maintenance.until and maintenance.until.astimezone(here).strftime("%Y-%m-%d %H:%M"),
        by=maintenance.set_by,
    )


class StatusPage:
    """Formats facts as texts for the operator."""

    def __init__(
        self, facts: Facts, day: Day, spent: Spent, operator: Reader, settings: Settings
    ) -> None:
        self._facts = facts
        self._day = day
        self._spent = spent
        self._language = operator.language
        self._zone: ZoneInfo = zone(operator.timezone)
        self._settings = settings

    def html(self, alerts: Sequence[Alert]) -> str:
        """The whole page, including the alerts that are not over."""
        lines = [
            self._version(),
            *self._maintenance(),
            self._polling(),
            self._queues(),
            self._readers(),
            self._work(),
            self._money(),
            self._disk(),
            self._report("backup"),
            self._report("drill"),
            self._services(),
            "",
            self._alerts(alerts),
        ]
        return "\n".join(lines)

    def _text(self, key: str, **values: object) -> str:
        return text(f"status.{key}", self._language, **values)

    def _since(self, moment: datetime | None) -> str:
        if moment is None:
            return self._text("never")
        return duration((self._facts.now - moment).total_seconds(), self._language)

    def _ago(self, moment: datetime | None) -> str:
        if moment is None:
            return self._text("never")
        return self._text("ago", duration=self._since(moment))

    def _version(self) -> str:
        leader = self._facts.leader
        described = leader or next(iter(self._facts.alive), None)
        return self._text(
            "version",
            version=described.state.get("version", "?") if described else "?",
            commit=described.commit[:COMMIT_CHARACTERS] if described else "?",
            uptime=self._since(described.started_at if described else None),
            time=self._facts.now.astimezone(self._zone).strftime("%H:%M:%S"),
        )

    def _maintenance(self) -> list[str]:
        maintenance = self._facts.maintenance
        if maintenance is None or not maintenance.is_on:
            return []
        return [describe(maintenance, self._facts.now, self._language, self._zone)]

    def _polling(self) -> str:
        leader = self._facts.leader
        ago = self._ago(leader.polled_at if leader else None)
        return self._text("polling", ago=ago, count=len(self._facts.alive))

    def _queues(self) -> str:
        inbox, outbox = self._facts.inbox, self._facts.outbox
        return self._text(
            "queues",
            inbox=inbox.pending,
            inbox_age=duration(inbox.oldest_seconds, self._language),
            outbox=outbox.pending,
            outbox_age=duration(outbox.oldest_seconds, self._language),
            doubt=outbox.uncertain,
            doubted=outbox.doubted_lately,
            parked=inbox.dead_letters,
        )

    def _readers(self) -> str:
        readers = self._facts.readers
        return self._text(
            "readers",
            active=readers.active,
            paused=readers.paused,
            unreachable=readers.unreachable,
            refusing=readers.refusing,
        )

    def _work(self) -> str:
        day = self._day
        return self._text(
            "work",
            digests=day.digests,
            messages=day.messages,
            stories=day.stories,
            questions=day.questions,
        )

    def _money(self) -> str:
        if self._settings.openai_api_key is None:
            return self._text("no_model")
        daily = self._settings.llm_daily_budget_usd
        return self._text(
            "money",
            model=self._settings.openai_model,
            day=f"{self._spent.day.total:.2f}",
            daily=f"{daily:.2f}",
            questions=f"{self._spent.day.questions:.2f}",
            part=f"{daily * self._settings.llm_questions_percent / 100:.2f}",
            month=f"{self._spent.month.total:.2f}",
            monthly=f"{self._settings.llm_monthly_budget_usd:.2f}",
        )

    def _disk(self) -> str:
        disks = self._facts.of_alive("disk")
        free, total = disks[0] if disks else (0, 0)
        return self._text(
            "disk",
            free=f"{free / GIGABYTE:.1f}",
            total=f"{total / GIGABYTE:.1f}",
            percent=round(100 * free / total) if total else 0,
        )

    def _report(self, kind: str) -> str:
        last = self._facts.reports.get(kind)
        failure = self._facts.reports.get(f"{kind}_failure")
        if last is None:
            said = self._text("never")
        else:
            local = last.at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
            said = self._text("report", at=local, ago=self._ago(last.at))
            if last.detail.get("bucket") is False:
                said += f" {self._text('here_only')}"
        if failure and (last is None or failure.at > last.at):
            said += f" {self._text('failed', ago=self._ago(failure.at))}"
        return self._text(kind, report=Html(said))

    def _services(self) -> str:
        redis = next(iter(self._facts.of_alive("redis")), "unused")
        megabytes = f"{self._day.database_bytes / 1e6:.0f}"
        version = self._day.postgresql.partition(" ")[0]
        postgresql = self._text("postgresql", version=version, megabytes=megabytes)
        hackernews = self._text("hackernews", ago=self._ago(self._facts.hackernews_at))
        return "\n".join([hackernews, f"{postgresql} · {self._text(f'redis_{redis}')}"])

    def _alerts(self, alerts: Sequence[Alert]) -> str:
        if not alerts:
            return self._text("no_alerts")
        told = [
            self._text("alert", what=Html(alert.detail), since=escape(self._since(alert.since)))
            for alert in alerts
        ]
        return "\n".join(told)
