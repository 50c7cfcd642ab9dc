"""A backup, the loss of the whole data volume, and a restore from a dump."""

from __future__ import annotations

from rehearsal.containers import healthy
from rehearsal.database import query, row_counts
from rehearsal.stage import Stage

# These change without any user; each start of the app is an instance.
RESTLESS = {"alerts", "instances"}
DATA_VOLUME = "hnpal_postgres_data"


def run(stage: Stage) -> None:
    """Dump, destroy, restore, compare; then run the weekly drill."""
    expect = stage.record.expect
    # Before the dump: the running app may add rows after it, which are lost with the volume.
    before = row_counts(stage.host)
    stage.must_play("backup.yml")
    dumps = [name for name in stage.lab.objects(stage.bucket, "backups/") if ".dump" in name]
    expect("The dump is in the bucket", bool(dumps), ", ".join(dumps[-1:]) or "none")

    stage.host.ssh("cd /opt/hnpal/app && docker compose down --timeout 20", timeout=120)
    stage.host.ssh(f"docker volume rm {DATA_VOLUME}")
    stage.must_play("site.yml")
    empty = query(stage.host, "SELECT count(*) FROM readers")
    expect("With its volume gone, the database is empty", empty == "0", f"{empty} readers")

    play = stage.must_play("restore.yml")
    after = row_counts(stage.host)
    fewer = {
        table: (count, after.get(table, 0))
        for table, count in before.items()
        if table not in RESTLESS and after.get(table, 0) < count
    }
    rows = sum(before.values())
    expect(
        "restore.yml restores every row",
        not fewer and rows > 0,
        fewer or f"{rows} rows in {len(before)} tables, {play.seconds:.0f} s",
    )
    expect("and the bot serves again", healthy(stage.host))
    drill = stage.play("backup.yml", "--tags", "drill")
    expect("The weekly drill restores the newest dump", drill.succeeded)
