"""Files that readers ask for: made by a process within limits, sent by reference, and deleted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from app.database.connection import Pool
from app.health import Health
from app.readers.personal_data import write_document
from app.telegram.exports import jobs, make
from app.telegram.exports.jobs import MAX_ATTEMPTS
from app.telegram.exports.worker import LEASE, UNFINISHED, DataExportWorker
from simulators.control import TelegramControl
from simulators.processes import start_python
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, Said, Talk

ADA, BOB = 7_001_002_003, 7_001_002_004


def content(said: Said, data_dir: Path) -> str:
    """What the document of a message holds."""
    return (data_dir / "outgoing" / said.parameters["document"]["file"]).read_text()


async def document(talk: Talk, worker: DataExportWorker, data_dir: Path) -> dict[str, Any]:
    """The data that was just asked for."""
    assert await worker.step() == 1
    [file] = await talk.read()
    assert file.method == "sendDocument"
    found: dict[str, Any] = json.loads(content(file, data_dir))
    return found


async def test_everything_about_a_reader_once_and_nothing_about_others(
    talk: Talk, worker: DataExportWorker, data_dir: Path
) -> None:
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    for person in ADA, BOB:
        await talk.onboarded(person)
        for words in "/topics cheese", "/mute wood", "/settings hour 9":
            await talk.say(words, person, user_id=person)
        await talk.press_data(f"like:{story.id}", chat_id=person, user_id=person)
    [answer] = await talk.say("/export_my_data", ADA, user_id=ADA)
    assert "arrive here in a moment" in answer.text
    data = await document(talk, worker, data_dir)
    assert data["readers"][0]["digest_time"] == "09:00:00"
    assert [one["phrase"] for one in data["interests"] if one["source"] == "reader"] == ["cheese"]
    assert data["stories"] == [{"id": story.id, "title": "Cheese matters", "url": story.url}]
    said = [one.get("text") for one in data["messages_from_you"]]
    assert said.count("/settings hour 9") == 1
    assert [one["pressed"] for one in data["messages_from_you"] if "pressed" in one] == [
        f"like:{story.id}"
    ]
    assert any("cheese" in one.get("text", "") for one in data["messages_to_you"])
    assert data["left_out"] == {}
    assert not {"claimed_until", "attempts", "file"} & {
        name for rows in data.values() if isinstance(rows, list) for row in rows for name in row
    }
    assert str(BOB) not in json.dumps(data)


async def test_one_a_day(talk: Talk, worker: DataExportWorker, data_dir: Path) -> None:
    await talk.onboarded(ADA)
    await talk.say("/export_my_data", ADA, user_id=ADA)
    [refused] = await talk.say("/export_my_data", ADA, user_id=ADA)
    assert "tomorrow" in refused.text
    await document(talk, worker, data_dir)
    assert await worker.step() == 0
    await talk.pool.execute("UPDATE data_exports SET asked_at = now() - interval '25 hours'")
    await talk.say("/export_my_data", ADA, user_id=ADA)
    assert "exported_at" in await document(talk, worker, data_dir)


async def test_a_groups_data_goes_to_the_admin_and_without_the_others(
    talk: Talk, worker: DataExportWorker, data_dir: Path, telegram: TelegramControl
) -> None:
    telegram.post("chat", {"chat_id": GROUP, "type": "supergroup", "admins": [ADA, BOB]})
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    await talk.onboarded(GROUP)
    for person in ADA, BOB:
        await talk.press_data(f"like:{story.id}", chat_id=GROUP, user_id=person)
        await talk.say(f"/ask what says {person}?", GROUP, user_id=person)
        await talk.pool.execute(
            """
            INSERT INTO questions (chat_id, story_id, user_id, question, state)
            VALUES ($1, $2, $3, $4, 'answered')
            """,
            GROUP,
            story.id,
            person,
            f"what says {person}?",
        )
    [refused] = await talk.say("/export_my_data", GROUP, user_id=ADA)
    assert "press Start" in refused.text
    await talk.onboarded(ADA)
    [answer] = await talk.say("/export_my_data", GROUP, user_id=ADA)
    assert answer.parameters["chat_id"] == GROUP
    assert "not here" in answer.text
    assert await worker.step() == 1
    [file] = await talk.read()
    assert file.parameters["chat_id"] == ADA
    data = json.loads(content(file, data_dir))
    assert [one["user_id"] for one in data["feedback"]] == [ADA]
    assert [one["question"] for one in data["questions"]] == [f"what says {ADA}?"]
    assert str(BOB) not in json.dumps(data)


@pytest.mark.parametrize("more", [{"sender_chat": {"id": GROUP, "type": "supergroup"}}, {}])
async def test_an_unidentified_person_gets_no_file(talk: Talk, more: dict[str, Any]) -> None:
    await talk.onboarded(GROUP)
    kind = {} if more else {"chat_type": "channel"}
    [refused] = await talk.say("/export_my_data", GROUP, user_id=1087968824, **more, **kind)
    assert "not anonymous" in refused.text
    assert await talk.pool.fetchval("SELECT count(*) FROM data_exports") == 0


async def test_a_file_goes_when_it_was_sent_expired_or_is_unknown(
    talk: Talk, worker: DataExportWorker, data_dir: Path
) -> None:
    folder = data_dir / "outgoing"
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    await talk.onboarded(ADA)
    await talk.press_data(f"save:{story.id}", chat_id=ADA, user_id=ADA)
    await talk.say("/saved markdown", ADA, user_id=ADA)
    await talk.say("/export_my_data", ADA, user_id=ADA)
    assert await worker.step() + await worker.step() == 2
    assert len(list(folder.iterdir())) == 2
    (folder / f"left.json{UNFINISHED}").write_text("{")
    an_hour_ago = time.time() - 3600
    for path in folder.iterdir():
        os.utime(path, (an_hour_ago, an_hour_ago))
    await worker.step()
    assert len(list(folder.iterdir())) == 2
    await talk.pool.execute(
        "UPDATE outbox SET state = 'sent' WHERE parameters #>> '{document,filename}' LIKE '%.md'"
    )
    await worker.step()
    assert [path.suffix for path in folder.iterdir()] == [".json"]
    await talk.pool.execute("DELETE FROM readers")
    await worker.step()
    assert list(folder.iterdir()) == []


async def test_a_failed_export_is_retried_and_then_reported(
    talk: Talk, database: Pool, data_dir: Path
) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    worker = DataExportWorker(database, nowhere, data_dir / "outgoing", Health(), lambda: None)
    await talk.onboarded(ADA)
    await talk.say("/export_my_data", ADA, user_id=ADA)
    for _ in range(MAX_ATTEMPTS):
        assert await talk.read() == []
        assert await worker.step() == 1
    [sorry] = await talk.read()
    assert "couldn’t make" in sorry.text
    assert list((data_dir / "outgoing").iterdir()) == []
    [answer] = await talk.say("/export_my_data", ADA, user_id=ADA)  # it does not count
    assert "arrive here" in answer.text


async def test_exports_begun_by_a_former_leader_are_made_at_once(
    talk: Talk, database: Pool, worker: DataExportWorker, data_dir: Path
) -> None:
    await talk.onboarded(ADA)
    await talk.say("/export_my_data", ADA, user_id=ADA)
    async with database.acquire() as connection:
        assert await jobs.claim(connection, LEASE) is not None
    assert await document(talk, worker, data_dir)


async def test_only_the_leader_makes_files(talk: Talk, database: Pool, data_dir: Path) -> None:
    health = Health()
    health.standby = True
    await talk.onboarded(ADA)
    await talk.say("/export_my_data", ADA, user_id=ADA)
    assert await DataExportWorker(database, "", data_dir, health, lambda: None).step() == 0


async def test_an_export_too_large_for_telegram_is_truncated_and_counted(
    talk: Talk, database: Pool, tmp_path: Path
) -> None:
    await talk.onboarded(ADA)
    for number in range(20):
        await talk.say(f"{number} {'x' * 4000}", ADA, user_id=ADA)
    async with database.acquire() as connection:
        with (tmp_path / "data.json").open("w") as file:
            await write_document(connection, ADA, ADA, file, 50_000)
    data = json.loads((tmp_path / "data.json").read_text())
    assert (tmp_path / "data.json").stat().st_size < 51_000
    assert data["messages_from_you"][0]["text"].startswith("19 ")
    assert len(data["messages_from_you"]) + data["left_out"]["messages_from_you"] == 20


def test_the_export_process_has_resource_limits() -> None:
    program = f"""
from app.readers.personal_data import write_document
from app.telegram.exports import jobs, make
make.limit_resources()
b"x" * {make.MAX_MEMORY}
"""
    process = start_python("-c", program, stderr=-1)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"MemoryError" in said
