"""The figures of /status as Prometheus reads them, in a file that is always whole."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.database.connection import Pool
from app.health import Health
from app.telegram.operator import metrics
from app.telegram.operator.metrics import Metrics
from tests.telegram.chat import settings
from tests.telegram.operator.test_operator import ADMIN, READER, add_readers, park, watch

DASHBOARD = Path(__file__).resolve().parents[4] / "docs" / "grafana-dashboard.json"


def figures(file: Path) -> dict[str, float]:
    """Every sample of the file, as a PromQL selector → value."""
    found = {}
    for family in text_string_to_metric_families(file.read_text()):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def written(database: Pool, file: Path, **more: Any) -> dict[str, float]:
    configured = settings(metrics_file=file, data_dir=file.parent, hnpal_commit="c0ffee", **more)
    health = Health()
    health.polled()
    await watch(database, configured, health).step()
    await Metrics(file, database, configured).step()
    return figures(file)


async def test_the_figures_of_status(database: Pool, tmp_path: Path) -> None:
    await add_readers(database, READER, READER + 1)
    await park(database, 900_005)
    await database.execute(
        """
        INSERT INTO host_reports (kind, at, detail) VALUES
        ('backup', '2026-11-24 03:00:00+00', '{"bucket": false}'),
        ('drill_failure', '2026-11-24 04:00:00+00', '{"error": "no"}')
        """
    )
    found = await written(
        database,
        tmp_path / "hnpal.prom",
        openai_api_key="s3cret",
        llm_daily_budget_usd=Decimal("2.50"),
        admin_chat_id=ADMIN,
    )
    assert found['hnpal_readers{state="active"}'] == 2
    assert found["hnpal_inbox_parked"] == 1
    assert found["hnpal_instances"] == found["hnpal_leaders"] == 1
    assert found['hnpal_model_budget_usd{period="day"}'] == 2.5
    assert found['hnpal_model_spent_usd{period="month"}'] == 0
    at = datetime(2026, 11, 24, 3, tzinfo=UTC).timestamp()
    assert found['hnpal_report_timestamp_seconds{kind="backup"}'] == at
    assert found['hnpal_report_timestamp_seconds{kind="drill_failure"}'] == at + 3600
    assert found["hnpal_backup_is_copied"] == 0
    assert found["hnpal_database_bytes"] > 1e6
    assert 0 < found["hnpal_disk_free_bytes"] <= found["hnpal_disk_bytes"]
    assert 'hnpal_alert_since_timestamp_seconds{key="parked"}' in found
    assert found["hnpal_polled_timestamp_seconds"] <= found["hnpal_written_timestamp_seconds"]
    assert any('commit="c0ffee"' in name for name in found)
    assert "s3cret" not in (tmp_path / "hnpal.prom").read_text()


async def test_unknown_figures_are_left_out(database: Pool, tmp_path: Path) -> None:
    file = tmp_path / "hnpal.prom"
    await Metrics(file, database, settings(metrics_file=file)).step()
    found = figures(file)
    assert found["hnpal_leaders"] == found["hnpal_instances"] == 0
    for name in "model_spent", "redis_up", "polled", "backup_is_copied", "report", "disk":
        assert not [one for one in found if name in one]


async def test_labels_are_escaped(database: Pool, tmp_path: Path) -> None:
    key = 'task:"a\\b"\n'
    await database.execute(
        """
        INSERT INTO alerts (key, detail, degree, told_degree, since, told_at)
        VALUES ($1, '', 0, 1, now(), now())
        """,
        key,
    )
    file = tmp_path / "hnpal.prom"
    await Metrics(file, database, settings(metrics_file=file)).step()
    [family] = [
        family
        for family in text_string_to_metric_families(file.read_text())
        if family.name == "hnpal_alert_since_timestamp_seconds"
    ]
    assert [sample.labels for sample in family.samples] == [{"key": key}]


async def test_the_file_is_replaced_at_once_and_nothing_is_left_beside_it(
    database: Pool, tmp_path: Path
) -> None:
    file = tmp_path / "hnpal.prom"
    figures_writer = Metrics(file, database, settings(metrics_file=file))
    await figures_writer.step()
    with file.open() as before:
        await figures_writer.step()
        assert before.read().endswith("\n")
        assert os.fstat(before.fileno()).st_nlink == 0
    assert [one.name for one in os.scandir(tmp_path)] == ["hnpal.prom"]


async def test_a_missing_folder_is_logged_once_and_does_not_stop_the_app(
    database: Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "missing" / "hnpal.prom"
    writer = Metrics(file, database, settings(metrics_file=file))
    await writer.step()
    await writer.step()
    said = [record.message for record in caplog.records if record.name == metrics.__name__]
    assert len(said) == 1
    assert str(file) in said[0]
    file.parent.mkdir()
    await writer.step()
    assert figures(file)


async def test_the_dashboard_asks_for_figures_that_there_are(
    database: Pool, tmp_path: Path
) -> None:
    await database.execute(
        "INSERT INTO host_reports (kind, at, detail) VALUES ('backup', now(), '{}')"
    )
    found = await written(
        database, tmp_path / "hnpal.prom", openai_api_key="x", redis_url="redis://127.0.0.1:9/0"
    )
    names = {name.partition("{")[0] for name in found}
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = {
        name
        for panel in panels
        for target in panel.get("targets", [])
        for name in re.findall(r"hnpal_\w+", target["expr"])
    }
    assert len(asked) > 15
    assert asked <= names
