"""A page that takes over the parsing process gets no access to anything else."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.articles.page import Page
from app.articles.reasons import PageUnreadableError, Reason
from app.articles.workers import ExtractionWorkers
from tests.articles.conftest import article

BACKEND = Path(__file__).resolve().parents[2]
SECRET = "the-secret-of-the-parent"
# A worker that has been taken over: it runs what the page says, in the way that a parser runs.
TAKEN_OVER = """
import json, os, sys, app.articles.worker as worker
from app.articles.extract import Article

def extract(page, expected):
    found = {}
    for name, attempt in json.loads(page.body).items():
        try:
            found[name] = repr(eval(attempt, {"os": os, "i": __import__}))
        except BaseException as error:
            found[name] = "refused: " + type(error).__name__
    return Article(json.dumps(found))

worker.extract = extract
worker.main()
"""


@pytest.fixture
async def workers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ExtractionWorkers]:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", SECRET)
    pool = ExtractionWorkers(1, command=(sys.executable, "-c", TAKEN_OVER))
    yield pool
    await pool.close()


async def attempts(workers: ExtractionWorkers, **what: str) -> dict[str, str]:
    page = Page("https://a.example/", "text/html", json.dumps(what).encode())
    found: dict[str, str] = json.loads((await workers.extract(page)).text)
    return found


async def test_a_worker_has_an_empty_environment(workers: ExtractionWorkers) -> None:
    found = await attempts(
        workers,
        known="dict(os.environ)",
        at_its_start="open('/proc/self/environ', 'rb').read()",
        parents=f"open('/proc/{os.getpid()}/environ', 'rb').read()",
        command="open('/proc/%d/cmdline' % os.getppid(), 'rb').read()",
        memory=f"open('/proc/{os.getpid()}/mem', 'rb').read()",
    )
    assert SECRET not in json.dumps(found)
    assert set(eval(found["known"])) <= {
        *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PATH", "LANG", "LD_LIBRARY_PATH", "LC_CTYPE")
    }
    for name in ("at_its_start", "parents", "command", "memory"):
        assert found[name].startswith("refused"), found


async def test_a_worker_cannot_open_connections(workers: ExtractionWorkers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = await attempts(
            workers,
            tcp=f"i('socket').create_connection(('127.0.0.1', {port}), 1)",
            udp="i('socket').socket(i('socket').AF_INET, i('socket').SOCK_DGRAM)",
            unix="i('socket').socket(i('socket').AF_UNIX)",
            netlink="i('socket').socket(i('socket').AF_NETLINK, i('socket').SOCK_RAW)",
            raw="i('socket').socket(i('socket').AF_PACKET, i('socket').SOCK_RAW)",
            io_uring="i('ctypes').CDLL(None).syscall(425, 8, bytes(120)) >= 0 or 1 / 0",
        )
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert all(one.startswith("refused") for one in found.values()), found


async def test_a_worker_cannot_open_other_files(workers: ExtractionWorkers, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("of somebody else")
    found = await attempts(
        workers,
        data=f"open({str(tmp_path / 'kept')!r}).read()",
        writing=f"open({str(tmp_path / 'new')!r}, 'w')",
        settings=f"open({str(BACKEND / 'app' / 'settings.py')!r}).read()",
        migrations=f"open({str(BACKEND / 'alembic.ini')!r}).read()",
        listing=f"os.listdir({str(BACKEND)!r})",
        passwords="open('/etc/passwd').read()",
        parser="len(open(i('trafilatura').__file__).read()) > 0",
    )
    assert found.pop("parser") == "True"
    assert all(one.startswith("refused") for one in found.values()), found
    assert not (tmp_path / "new").exists()


async def test_a_worker_cannot_start_or_signal_processes(workers: ExtractionWorkers) -> None:
    parent = os.getpid()
    found = await attempts(
        workers,
        signal=f"os.kill({parent}, 0)",
        program="os.execv('/bin/true', ['true'])",
        child="os.fork()",
        shell="i('subprocess').run(['/bin/true'])",
        limits=f"i('resource').prlimit({parent}, i('resource').RLIMIT_NOFILE, (9, 9))",
        thread="[i('threading').Thread(target=int).start()] and 1 / 0",
    )
    assert found.pop("thread") == "refused: ZeroDivisionError", "threads are no processes"
    assert all(one.startswith("refused") for one in found.values()), found


@pytest.mark.parametrize(
    "answer",
    [
        "{'text': 7}",
        "{'text': 'a' * 300_000}",
        "{'text': 'nul \\0'}",
        "{'text': 'half \\ud800'}",
        "{'reason': 'anything'}",
        "{}",
        "[]",
    ],
)
async def test_an_answer_of_another_kind_is_rejected(answer: str) -> None:
    script = f"import app.articles.worker as w; w._extracted = lambda page: {answer}; w.main()"
    workers = ExtractionWorkers(1, command=(sys.executable, "-c", script))
    try:
        with pytest.raises(PageUnreadableError) as failure:
            await workers.extract(Page("https://a.example/", "text/html", b"x"))
    finally:
        await workers.close()
    assert failure.value.reason is Reason.EXTRACTION_FAILED


async def test_missing_sandbox_support_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import sys, app.articles.worker as w; sys.modules['py_landlock'] = None; w.main()"
    workers = ExtractionWorkers(2, command=(sys.executable, "-c", script))
    page = Page("https://a.example/", "text/html", article().encode())
    try:
        articles = await asyncio.gather(*(workers.extract(page) for _ in range(4)))
    finally:
        await workers.close()
    assert all("bridge" in article.text for article in articles)
    told = [record.getMessage() for record in caplog.records if "is incomplete" in record.message]
    assert len(told) == 1
    assert "Landlock" in told[0]
    assert "seccomp" not in told[0]
