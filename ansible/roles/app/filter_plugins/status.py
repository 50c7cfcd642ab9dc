"""The status of a host as one screen of text, with any of the host's answers missing.

Every answer may be empty or damaged. Troubles are in capitals, and are repeated in the line `well`.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

SERVICE_WIDTH = 10
HASH_CHARACTERS = 10
RELEASES_SHOWN = 6
NO_ANSWER = "NO ANSWER"
TO_UPGRADE = ": upgrade.yml brings it"
MAX_LISTS_AGE = timedelta(days=4)
AGAIN = {"started": "update.yml", "rolling-back": "rollback.yml"}

Event = dict[str, Any]
Line = tuple[str, str, str]  # name, text, trouble


class Report:
    """The lines of a report, and the troubles."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.troubles: list[str] = []

    def add(self, name: str, text: str, trouble: str = "") -> None:
        self.lines.append(f"{name.ljust(SERVICE_WIDTH)}{text}")
        if trouble:
            self.troubles.append(trouble)


def status_report(answers: dict[str, str], host: dict[str, Any]) -> str:
    """The report.

    `answers` is the output of the host's commands, by question. `host` has its `name`, the
    `containers` by service, `docker`'s error, the `releases`, the number of `damaged` lines in
    their file, the `cut` release or rollback, the `live` and the `running` release, the
    `data_services`, the `project`, the `ref`, and whether data services `need_up`.
    """
    told = {name: str(answer or "").strip() for name, answer in answers.items()}
    now = datetime.now(timezone.utc)
    report = Report()
    _services(report, told, host)
    if since := told.get("maintenance"):
        report.add("readers", f"IN MAINTENANCE {since}: make maintenance OFF=1", "IN MAINTENANCE")
    _version(report, told, host)
    _resources(report, told)
    _backups(report, told, now)
    _upkeep(report, told, now)
    _run(report, told, host, now)
    _drift(report, told, host)
    _releases(report, host)
    well = "yes" if not report.troubles else f"NO: {'; '.join(report.troubles)}"
    header = f"\n{host['name']}: {told.get('system') or NO_ANSWER}"
    return "\n".join([header, f"{'well'.ljust(SERVICE_WIDTH)}{well}", *report.lines])


def _services(report: Report, told: dict[str, str], host: dict[str, Any]) -> None:
    memory = dict(_pairs(told.get("containers", "")))
    for service in ["app", *host["data_services"]]:
        container = host["containers"].get(service)
        used = memory.get(f"{host['project']}-{service}", "")
        use = f", memory {used}" if used else ""
        if host["docker"]:
            report.add(service, "UNKNOWN", f"{service} UNKNOWN")
        elif container is None:
            report.add(service, "NOT THERE", f"{service} NOT THERE")
        elif container.get("State") == "running" and "(healthy)" in container.get("Status", ""):
            report.add(service, container["Status"] + use)
        else:
            state = str(container.get("Status") or container.get("State") or "").upper()
            what = "NOT HEALTHY" if container.get("State") == "running" else "NOT RUNNING"
            report.add(service, f"{what}: {state}{use}", f"{service} {what}")
    if host["docker"]:
        said = f"DOES NOT ANSWER: {_first_line(host['docker'])}"
        report.add("docker", said, "DOCKER DOES NOT ANSWER")
    if helpers := told.get("helpers", ""):
        report.add("also", f"{', '.join(helpers.split())} of a run at work or cut off")


def _version(report: Report, told: dict[str, str], host: dict[str, Any]) -> None:
    running = host["running"].get("commit", "")
    live, upstream = host["live"], told.get("upstream", "")
    ref = f" ({live['ref']})" if live.get("ref") else ""
    news = f", and {host['ref']} is at {_short(upstream)}: update.yml brings it"
    if upstream in {"", running}:
        news = ""
    release = " ".join(filter(None, [told.get("version", ""), _short(running) or "none"]))
    report.add("version", f"{release}{ref}{news}")


def _resources(report: Report, told: dict[str, str]) -> None:
    memory, disk = told.get("memory", "").split(), told.get("disk", "").split()
    if len(memory) == 4:
        used, total, swap, swap_total = memory
        report.add("memory", f"{used} of {total} MiB, swap {swap} of {swap_total} MiB")
    else:
        report.add("memory", NO_ANSWER)
    if len(disk) == 3:
        report.add("disk", f"{disk[0]} free of {disk[1]} ({disk[2]} used)")
    else:
        report.add("disk", NO_ANSWER)
    if told.get("bucket", "missing") in {"", "missing"}:
        report.add("bucket", "NOT MOUNTED", "bucket NOT MOUNTED")
    else:
        report.add("bucket", "mounted")


def _backups(report: Report, told: dict[str, str], now: datetime) -> None:
    try:
        reports = dict(json.loads(told.get("reports", "")))
    except (ValueError, TypeError):
        report.add("backup", "REPORTS DAMAGED: doctor.yml repairs reports.json", "REPORTS DAMAGED")
        return
    for kind in ("backup", "drill"):
        last, failure = _report(reports, kind), _report(reports, f"{kind}_failure")
        text = _last_success(kind, last, now) if last else "NONE YET"
        failed = failure and (not last or _at(failure) > _at(last))
        if failed:
            text += f"; FAILED {_age(failure, now)}: {_first_line(str(failure.get('error', '')))}"
        trouble = f"{kind} FAILED" if failed else "" if last else f"no {kind} YET"
        report.add(kind, text, trouble)


def _last_success(kind: str, last: Event, now: datetime) -> str:
    if kind == "drill":
        return f"{_age(last, now)} ({last.get('name', '')} restored)"
    return f"{_age(last, now)}, {'in the bucket' if last.get('bucket') else 'ON THIS HOST ONLY'}"


def _report(reports: dict[str, Any], kind: str) -> Event:
    found = reports.get(kind)
    return found if isinstance(found, dict) and _at(found) else {}


def _upkeep(report: Report, told: dict[str, str], now: datetime) -> None:
    """Ages and pending fixes of everything that runs, from `hnpal-host upkeep`."""
    try:
        facts = dict(json.loads(told.get("upkeep", "")))
        lines = [
            _packages(told, facts, now),
            ("engine", _engine(facts), ""),
            *(_lock(damage) for damage in [facts["lock_damage"]] if damage),
            *(("image", _image(image, now), "") for image in facts["images"]),
            *(_collations(changed) for changed in [facts["collations"]] if changed),
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        lines = [(name, NO_ANSWER, "") for name in ("packages", "engine", "image")]
    for name, text, trouble in lines:
        report.add(name, text, trouble)
    failed = told.get("failed_units", "").split()
    text = f"{', '.join(failed)} FAILED" if failed else "none failed"
    report.add("units", text, text if failed else "")


def _packages(told: dict[str, str], facts: dict[str, Any], now: datetime) -> Line:
    packages, lists_at = facts["packages"], facts["lists_at"]
    if not packages:
        return "packages", NO_ANSWER, ""
    text = f"{packages['pending']} pending, {packages['security']} of them security"
    trouble = ""
    if not lists_at or now - datetime.fromisoformat(lists_at) > MAX_LISTS_AGE:
        text += "; THE LISTS ARE OLD: apt has not been able to refresh them"
        trouble = "package lists OLD"
    if told.get("half_installed"):
        text += "; SOME ARE HALF INSTALLED: doctor.yml finishes them"
        trouble = "packages HALF INSTALLED"
    return "packages", text + ("; a reboot is required" if facts["reboot"] else ""), trouble


def _engine(facts: dict[str, Any]) -> str:
    engine, held = facts["engine"], ", ".join(facts["held"] or [])
    if not engine:
        return NO_ANSWER
    waiting = ", ".join(engine["pending"])
    text = (
        f"{engine['version']}{f'; PENDING: {waiting}{TO_UPGRADE}' if waiting else ', the newest'}"
    )
    return text + (f"; held back by its major version: {held}" if held else "")


def _lock(damage: str) -> Line:
    return "image", f"THE LOCK IS DAMAGED: {damage}", "images.lock.json DAMAGED"


def _collations(changed: list[str]) -> Line:
    text = f"VERSION CHANGED ({'; '.join(changed)}): upgrade.yml --tags collations says more"
    return "collation", text, "collations CHANGED"


def _image(image: dict[str, Any], now: datetime) -> str:
    made = image.get("made_at") or ""
    age = f"made {_age({'at': _iso(made)}, now)}" if made else "not there"
    what = "its base, Python" if image["service"] == "app" else "version"
    pinned = f"{image['tag']}, pinned" if image["pinned"] else f"{image['tag']}, by its tag"
    newer = {True: f"; A NEWER ONE IS THERE{TO_UPGRADE}", False: ", the newest"}
    text = newer.get(image["is_newer"], "; nobody can tell whether it is the newest")
    return f"{image['service']} {age}, {what} {image['version'] or 'unknown'} ({pinned}){text}"


def _iso(moment: str) -> str:
    """Docker's time without the fractions, which Python 3.10 cannot parse."""
    return re.sub(r"\.\d+", "", moment).replace("Z", "+00:00")


def _run(report: Report, told: dict[str, str], host: dict[str, Any], now: datetime) -> None:
    """The operator whose run holds the lock, and interrupted runs."""
    armed = "; the app is brought back by itself if that ends here" if told.get("armed") else ""
    holder = _holder(told.get("lock", ""))
    if holder is None:
        report.add("run", "THE LOCK IS DAMAGED: doctor.yml repairs it", "lock DAMAGED")
    elif holder and holder["expires"] > now.isoformat():
        who = f"{holder['who']} is at work since {holder['since']}: {holder['what']}"
        report.add("run", f"{who}{armed}")
    elif cut := host["cut"]:
        again = AGAIN.get(cut["event"], "the same play")
        what = f"of {_short(cut['commit'])} by {cut['by']} at {cut['at']}"
        text = f"A RUN WAS CUT OFF ({cut['event']} {what}): run {again} again"
        report.add("run", text + armed, f"a run WAS CUT OFF: run {again} again")
    elif armed:
        report.add("run", f"A RUN WAS CUT OFF{armed}", "a run WAS CUT OFF: run it again")


def _holder(lock: str) -> dict[str, str] | None:
    """The holder of the lock; empty if there is none, None if the lock is damaged."""
    if not lock:
        return {}
    try:
        content = dict(json.loads(lock))
    except (ValueError, TypeError):
        return None
    names = ("who", "since", "what", "expires")
    if content and not all(isinstance(content.get(name), str) for name in names):
        return None
    return content


def _drift(report: Report, told: dict[str, str], host: dict[str, Any]) -> None:
    running, live = host["running"].get("commit", ""), host["live"]
    edited = " ".join(told.get("edited", "").split())
    drift = [
        f"the app runs {_short(running) or 'nothing'}, wanted is {_short(host['wanted'])}"
        if host["wanted"] and running != host["wanted"] else "",
        f"the clone is at {_short(told.get('head', '')) or 'no commit'}"
        if live and told.get("head") != live["commit"] else "",
        f"files in the clone were edited: {edited}" if edited else "",
        "git left a lock in the clone: doctor.yml removes it" if told.get("git_locks") else "",
        "the settings are not those of the live release" if told.get("settings") else "",
        "PostgreSQL or Redis is not what the compose file says" if host["need_up"] else "",
        *(f"limits changed by hand: {line}" for line in told.get("limits", "").splitlines()),
    ]  # fmt: skip
    drift = [text for text in drift if text]
    report.add("drift", "; ".join(drift) or "none", "drift" if drift else "")


def _releases(report: Report, host: dict[str, Any]) -> None:
    report.lines.append("releases, newest last")
    for one in host["releases"][-RELEASES_SHOWN:]:
        why = f": {_first_line(one['why'])}" if one["why"] else ""
        report.lines.append(
            f"  {one['at']}  {one['event'].ljust(12)} {_short(one['commit'])} {one['ref']}"
            f" by {one['by']}{why}"
        )
    if host["damaged"]:
        text = f"DAMAGED LINES in releases.jsonl ({host['damaged']}): doctor.yml moves them away"
        report.lines.append(f"  {text}")
        report.troubles.append(text)


def _pairs(text: str) -> list[tuple[str, str]]:
    parted = (line.partition(" ") for line in text.splitlines())
    return [(name, value) for name, _, value in parted]


def _short(commit: str) -> str:
    return commit[:HASH_CHARACTERS]


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0]


def _at(report: Event) -> str:
    """The event's time, as text that sorts; empty if it is missing."""
    try:
        at = datetime.fromisoformat(report["at"])
    except (KeyError, TypeError, ValueError):
        return ""
    return at.isoformat() if at.tzinfo else ""


def _age(report: Event, now: datetime) -> str:
    hours = int((now - datetime.fromisoformat(report["at"])).total_seconds() / 3600)
    if hours < 1:
        return "under an hour ago"
    return f"{hours} h ago" if hours < 72 else f"{hours // 24} days ago"


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"status_report": status_report}
