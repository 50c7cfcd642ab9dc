#!/usr/bin/env python3
"""Write docs/grafana-dashboard.json: a Grafana dashboard of the bot's figures in Prometheus."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "docs" / "grafana-dashboard.json"
SOURCE = {"type": "prometheus", "uid": "${source}"}
HOST = 'instance=~"$host"'
# Grafana's grid has 24 columns.
COLUMNS = 24
HEIGHT = {"stat": 4, "timeseries": 8}

Query = tuple[str, str]
# Title, kind, width, unit, thresholds (the first is good), and queries with their legends.
PANELS: list[tuple[str, str, int, str, list[float], list[Query]]] = [
    ("Last poll", "stat", 4, "s", [60, 180],
     [("time() - hnpal_polled_timestamp_seconds{%s}", "")]),
    ("Age of these figures", "stat", 4, "s", [120, 300],
     [("time() - hnpal_written_timestamp_seconds{%s}", "")]),
    ("Open alerts", "stat", 4, "none", [1, 3], [("hnpal_alerts{%s}", "")]),
    ("Last backup", "stat", 4, "s", [108000, 259200],
     [('time() - hnpal_report_timestamp_seconds{kind="backup",%s}', "")]),
    ("Last drill", "stat", 4, "s", [691200, 2592000],
     [('time() - hnpal_report_timestamp_seconds{kind="drill",%s}', "")]),
    ("Up since", "stat", 4, "s", [], [("time() - hnpal_started_timestamp_seconds{%s}", "")]),
    ("Waiting", "timeseries", 12, "none", [],
     [("hnpal_queue_length{%s}", "{{queue}}"), ("hnpal_inbox_parked{%s}", "parked"),
      ("hnpal_outbox_uncertain{%s}", "uncertain")]),
    ("Oldest that waits", "timeseries", 12, "s", [],
     [("hnpal_queue_oldest_seconds{%s}", "{{queue}}")]),
    ("Readers", "timeseries", 12, "none", [], [("hnpal_readers{%s}", "{{state}}")]),
    ("Done today", "timeseries", 12, "none", [], [("hnpal_done_today{%s}", "{{what}}")]),
    ("The model's cost", "timeseries", 12, "currencyUSD", [],
     [("hnpal_model_spent_usd{%s}", "{{period}}"),
      ("hnpal_model_budget_usd{%s}", "budget of the {{period}}")]),
    ("Disk and database", "timeseries", 12, "bytes", [],
     [("hnpal_disk_free_bytes{%s}", "free"), ("hnpal_database_bytes{%s}", "database"),
      ("hnpal_queue_bytes{%s}", "queues")]),
    ("Processes", "timeseries", 12, "none", [],
     [("hnpal_instances{%s}", "live"), ("hnpal_leaders{%s}", "poll"),
      ("hnpal_redis_up{%s}", "Redis answers"), ("hnpal_maintenance{%s}", "maintenance")]),
    ("Hacker News last answered", "timeseries", 12, "s", [],
     [("time() - hnpal_hackernews_answered_timestamp_seconds{%s}", "ago")]),
]  # fmt: skip


def dashboard() -> dict[str, Any]:
    """The dashboard in the format that Grafana imports (https://grafana.com/docs/grafana/latest/dashboards/
    build-dashboards/view-dashboard-json-model/).
    """
    return {
        "title": "HN Pal",
        "uid": "hnpal",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "tags": ["hnpal"],
        "templating": {"list": variables()},
        "panels": list(panels()),
    }


def variables() -> list[dict[str, Any]]:
    return [
        {"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"},
        {
            "name": "host",
            "label": "Host",
            "type": "query",
            "datasource": SOURCE,
            "query": {"query": "label_values(hnpal_alerts, instance)", "refId": "host"},
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "current": {"text": ["All"], "value": ["$__all"]},
        },
    ]


def panels() -> Any:
    numbers, column, row = count(1), 0, 0
    for title, kind, width, unit, limits, queries in PANELS:
        if column + width > COLUMNS:
            column, row = 0, row + HEIGHT[kind]
        steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
        colours = ("orange", "red")
        steps += [
            {"color": colour, "value": limit}
            for colour, limit in zip(colours[: len(limits)], limits, strict=True)
        ]
        yield {
            "id": next(numbers),
            "title": title,
            "type": kind,
            "datasource": SOURCE,
            "gridPos": {"x": column, "y": row, "w": width, "h": HEIGHT[kind]},
            "fieldConfig": {
                "defaults": {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}},
                "overrides": [],
            },
            "targets": [
                {
                    "refId": chr(ord("A") + number),
                    "datasource": SOURCE,
                    "expr": expression % HOST,
                    "legendFormat": legend or "{{instance}}",
                }
                for number, (expression, legend) in enumerate(queries)
            ],
        }
        column += width
        if column == COLUMNS:
            column, row = 0, row + HEIGHT[kind]


if __name__ == "__main__":
    TARGET.write_text(json.dumps(dashboard(), indent=1) + "\n")
