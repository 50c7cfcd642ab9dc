"""The article store: bounded in size, owned by one process, and expendable."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from app.articles.cache import ArticleCache

LIMIT = 1024**2


@pytest.fixture
def path(data_dir: Path) -> Path:
    return data_dir / "articles"


def incompressible(size: int) -> str:
    return random.Random(size).randbytes(size // 2).hex()


def bytes_on_disk(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir())


def files(path: Path, pattern: str) -> list[Path]:
    return sorted(path.glob(pattern))


async def test_keeps_texts_across_restarts(path: Path) -> None:
    cache = ArticleCache(path, LIMIT)
    await cache.put(1, "naïve 🌉 text")
    await cache.put(1, "newer")
    await cache.put(2**52, "an id as large as they get")
    await cache.close()
    cache = ArticleCache(path, LIMIT)
    assert await cache.get(1) == "newer"
    assert await cache.get(2**52) == "an id as large as they get"
    assert await cache.get(3) is None
    await cache.close()


async def test_texts_are_compressed(path: Path) -> None:
    cache = ArticleCache(path, 64 * LIMIT)
    for story_id in range(40):
        await cache.put(story_id, "the same words again and again " * 10_000)
    await cache.close()
    await ArticleCache(path, 64 * LIMIT).close()
    assert bytes_on_disk(path) < 2 * LIMIT


async def test_the_oldest_texts_are_evicted(path: Path) -> None:
    cache = ArticleCache(path, LIMIT)
    for story_id in range(1, 400):
        await cache.put(story_id, incompressible(20_000))
    kept = [story_id for story_id in range(1, 400) if await cache.get(story_id)]
    assert 0 < len(kept) < 200
    assert kept == list(range(kept[0], 400))
    await cache.close()
    assert bytes_on_disk(path) < 1.5 * LIMIT


OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from app.articles.cache import ArticleCache

async def hold():
    cache = ArticleCache(Path(sys.argv[1]), int(sys.argv[2]))
    await cache.put(1, "theirs")
    print("open", flush=True)
    sys.stdin.read()
    await cache.close()

asyncio.run(hold())
"""


def start_other(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OTHER_PROCESS, path, str(LIMIT)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_a_store_locked_by_another_process_is_not_used(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = start_other(path)
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "open\n"

    cache = ArticleCache(path, LIMIT)
    await cache.put(2, "ours")
    assert await cache.get(2) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not path.with_name("articles.damaged").exists()

    other.stdin.close()
    assert other.wait(20) == 0
    cache = ArticleCache(path, LIMIT)
    assert await cache.get(1) == "theirs"
    await cache.close()


@pytest.mark.parametrize("victim", ["CURRENT", "MANIFEST-*", "*.sst"])
@pytest.mark.parametrize("damage", [b"", b"\x00" * 4096, None])
async def test_a_damaged_store_is_set_aside_and_rebuilt(
    path: Path, victim: str, damage: bytes | None
) -> None:
    cache = ArticleCache(path, LIMIT)
    for story_id in range(40):
        await cache.put(story_id, incompressible(20_000))
    await cache.close()
    damaged = files(path, victim)
    assert damaged
    for file in damaged:
        file.unlink() if damage is None else file.write_bytes(damage)

    cache = ArticleCache(path, LIMIT)
    for story_id in range(40):
        await cache.get(story_id)
    await cache.put(7, "fetched again")
    assert await cache.get(7) == "fetched again"
    await cache.close()
    assert path.with_name("articles.damaged").is_dir()


async def test_damage_found_while_reading_counts_as_a_miss(path: Path) -> None:
    cache = ArticleCache(path, LIMIT)
    for story_id in range(40):
        await cache.put(story_id, incompressible(20_000))
    await cache.close()
    for file in files(path, "*.sst"):
        content = bytearray(file.read_bytes())
        content[100:2000] = bytes(1900)  # the data; what is read on opening stays whole
        file.write_bytes(content)
    cache = ArticleCache(path, LIMIT)
    assert [await cache.get(story_id) for story_id in range(40)].count(None) > 0
    await cache.put(1, "fetched again")
    assert await cache.get(1) == "fetched again"
    await cache.close()


async def test_a_second_damaged_store_replaces_the_first(path: Path) -> None:
    for _ in range(2):
        cache = ArticleCache(path, LIMIT)
        await cache.put(1, "text")
        await cache.close()
        (path / "CURRENT").write_bytes(b"nonsense")
    cache = ArticleCache(path, LIMIT)
    assert await cache.get(1) is None
    await cache.close()
    assert len(list(path.parent.iterdir())) == 2


async def test_an_unwritable_folder_disables_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    cache = ArticleCache(tmp_path / "file" / "articles", LIMIT)
    await cache.put(1, "text")
    assert await cache.get(1) is None
    await cache.close()


FULL_DISK = """
import asyncio, os, sys, time
from pathlib import Path
from app.articles.cache import ArticleCache

turns = 0

async def turn():
    global turns
    while True:
        await asyncio.sleep(0.01)
        turns += 1

async def fill():
    turning = asyncio.create_task(turn())
    cache = ArticleCache(Path(sys.argv[1]) / "articles", 64 * 1024**2)
    meanwhile = []
    for story_id in range(200):
        before, began = turns, time.monotonic()
        await cache.put(story_id, os.urandom(60_000).hex())
        if time.monotonic() - began > 0.5:
            meanwhile.append(turns - before)
    assert await cache.get(199) is None, "the disk is not full"
    assert all(count > 10 for count in meanwhile), "a full disk holds the event loop up"
    await cache.close()
    turning.cancel()

asyncio.run(fill())
assert os.listdir(sys.argv[1]) == ["articles"], "a full disk is no damage"
"""


def test_a_full_disk_disables_writes(tmp_path: Path) -> None:
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"']
    if subprocess.run([*mount, tmp_path, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no mounts of one's own (unshare -rm)")
    subprocess.run(
        [*mount, tmp_path, sys.executable, "-c", FULL_DISK, tmp_path], check=True, timeout=60
    )
