"""Bad releases: each is rejected or rolled back, and no message is lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rehearsal.containers import healthy, inspect
from rehearsal.database import query
from rehearsal.lab.programs import run as run_program
from rehearsal.lab.secrets import ADMIN_CHAT
from rehearsal.repository import Edit, harmless
from rehearsal.stage import Stage

HEALTH_SECONDS = 30


@dataclass(frozen=True, slots=True)
class BadRelease:
    """A bad release, and a word that the error must contain."""

    what: str
    edit: Edit
    reason: str


def does_not_start(clone: Path) -> None:
    """A release whose process ends at once."""
    main = clone / "backend/app/main.py"
    main.write_text('raise SystemExit("the rehearsal broke this release")\n')


def _never_polls(clone: Path) -> None:
    poller = clone / "backend/app/telegram/receive/poller.py"
    poller.write_text(
        f"{poller.read_text()}\n\n"
        "async def _wait(self, first_poll):\n    await asyncio.Event().wait()\n\n\n"
        "Poller.run = _wait\n"
    )


def _breaks_the_migration(revision: str) -> Edit:
    def edit(clone: Path) -> None:
        (clone / "backend/migrations/versions/9999_of_the_rehearsal.py").write_text(
            "from alembic import op\n\n"
            f'revision = "9999"\ndown_revision = "{revision}"\n'
            'branch_labels = depends_on = None\nphase = "expand"\n\n\n'
            'def upgrade() -> None:\n    op.execute("SELECT 1 FROM nowhere_of_the_rehearsal")\n'
        )

    return edit


def _does_not_build(clone: Path) -> None:
    dockerfile = clone / "backend/Dockerfile"
    broken = "RUN echo 'the rehearsal broke this build' >&2 && false\n"
    dockerfile.write_text(dockerfile.read_text() + broken)


def run(stage: Stage) -> None:
    """Deploy each, and check that it fails and that the previous release serves."""
    good = stage.repository.head()
    if inspect(stage.host)["app"].commit != good:
        stage.must_play("update.yml")
    revision = query(stage.host, "SELECT version_num FROM alembic_version")
    for release in (
        BadRelease("does not start", does_not_start, "the rehearsal broke this release"),
        BadRelease("starts but never polls", _never_polls, "not healthy"),
        BadRelease("cannot migrate", _breaks_the_migration(revision), "nowhere_of_the_rehearsal"),
        BadRelease("does not build", _does_not_build, "the rehearsal broke this build"),
    ):
        _try(stage, release, good)
    after = stage.must_play("update.yml")
    stage.record.expect("The next good update succeeds", after.succeeded)
    _unsigned(stage, good)


def _try(stage: Stage, release: BadRelease, good: str) -> None:
    expect = stage.record.expect
    told = len(stage.telegram.messages(ADMIN_CHAT))
    stage.repository.release(f"A release that {release.what}", release.edit)
    with stage.drill(f"A release that {release.what}") as drill:
        drill.mark("update.yml")
        play = stage.play("update.yml", "-e", f"app_health_timeout={HEALTH_SECONDS}")
        drill.mark("failed")
        back = healthy(stage.host)
    stage.repository.go_back_to(good)

    what = f"A release that {release.what}"
    said = release.reason in play.output
    expect(f"{what}: the play fails with the reason", not play.succeeded and said, release.reason)
    commit = inspect(stage.host)["app"].commit
    expect(
        f"{what}: the previous release serves",
        back and commit == good,
        f"{commit[:10]} healthy={back}",
    )
    alerts = stage.telegram.messages(ADMIN_CHAT)[told:]
    heard = any("was not released" in alert["text"] for alert in alerts)
    expect(f"{what}: the operator's chat is told", heard, f"{len(alerts)} messages")
    stage.expect_nothing_lost(drill, what)


def _unsigned(stage: Stage, good: str) -> None:
    """With `app_verify`, a release must be signed by a key in the inventory."""
    key = stage.lab.workspace.run / "signer"
    key.unlink(missing_ok=True)
    run_program("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, timeout=10)
    signer = f'operator@mail.example namespaces="git" {key.with_suffix(".pub").read_text().strip()}'
    verify = ("-e", json.dumps({"app_verify": True, "app_verify_signers": [signer]}))
    unsigned = stage.repository.release("An unsigned release", harmless(400))
    refused = stage.play("update.yml", *verify)
    there = stage.host.ssh("git -C /opt/hnpal/app rev-parse HEAD").strip()
    said = f"{unsigned[:10]} is not signed" in refused.output.replace("\n", " ")
    stage.record.expect(
        "With app_verify, an unsigned release is refused before it is checked out",
        not refused.succeeded and said and there == good and healthy(stage.host),
        f"{there[:10]} is checked out",
    )
    signed = stage.repository.release("A signed release", harmless(401), key)
    taken = stage.play("update.yml", *verify)
    live = inspect(stage.host)["app"].commit
    stage.record.expect(
        "and a release signed by a key in the inventory is deployed",
        taken.succeeded and live == signed,
        f"{live[:10]} in {taken.seconds:.1f} s",
    )
