"""Article texts in RocksDB: compressed, bounded, worth no more than the time to fetch them again.

One process at a time can have the store open. Whatever goes wrong with it, the bot works on
without: a text that is not here is fetched again.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from rocksdict import Options, Rdict

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

REOPEN_SECONDS = 60.0
FILES_OF_A_STORE = 16  # the oldest of them is dropped when the store is full
LARGEST_BUFFER_BYTES = 4 * 1024**2
BLOCK_CACHE_BYTES = 2 * 1024**2
BLOOM_BITS = 10
# While earlier texts are written out, the next one waits; on a full disk they never are.
STALLS_TOLERATED = 40
STALL_SECONDS = 0.05
# Not the store's fault, so setting it aside would not help.
_SURROUNDINGS = (
    "lock file",
    "lock hold by",
    "no space left",
    "permission denied",
    "read-only file system",
    "too many open files",
    "write stall",
)


class ArticleCache:
    """Texts by story id.

    Everything is done one after the other in one thread of its own, so that neither a slow disk
    holds the event loop up, nor two callers open, rebuild or close the store at the same time.

    Args:
        path: a directory for the store alone.
        max_bytes: on disk; the texts written first are dropped first.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="article store")
        self._store: Rdict | None = None
        self._open_at = 0.0

    async def get(self, story_id: int) -> str | None:
        """The text of a story's page; None when it has to be fetched again."""
        return await self._in_thread(self._get, story_id)

    async def put(self, story_id: int, text: str) -> None:
        """Keep a text, if that is possible now."""
        await self._in_thread(self._put, story_id, text)

    async def close(self) -> None:
        """Close the store, after what was begun. It is not to be used any more."""
        await self._in_thread(self._close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        work = self._thread.submit(function, *args, **kwargs)
        return await asyncio.wrap_future(work)

    def _get(self, story_id: int) -> str | None:
        store = self._opened()
        if store is None:
            return None
        try:
            value: bytes | None = store.get(_key(story_id))
        except Exception as error:  # rocksdict raises nothing narrower
            self._failed(error)
            return None
        return None if value is None else value.decode("utf-8", "replace")

    def _put(self, story_id: int, text: str) -> None:
        store = self._opened()
        if store is None:
            return
        try:
            _write(store, _key(story_id), text.encode("utf-8", "replace"))
        except Exception as error:
            self._failed(error)

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is None:
            return
        try:
            store.close()
        except Exception as error:  # what was not written yet is lost, on a full disk for instance
            log.warning("The article store did not close well: %s", error)

    def _opened(self) -> Rdict | None:
        if self._store is None and time.monotonic() >= self._open_at:
            try:
                self._store = self._open()
            except Exception as error:
                self._failed(error)
        return self._store

    def _open(self) -> Rdict:
        from rocksdict import Rdict  # noqa: PLC0415 - not needed for the first answer

        self._path.mkdir(parents=True, exist_ok=True)
        return Rdict(str(self._path), _options(self._max_bytes))

    def _failed(self, error: Exception) -> None:
        self._close()
        if any(words in str(error).lower() for words in _SURROUNDINGS):
            log.warning("No article store for now, pages are fetched anew: %s", error)
            self._open_at = time.monotonic() + REOPEN_SECONDS
            return
        aside = self._path.with_name(f"{self._path.name}.damaged")
        log.error("The article store is damaged; set aside as %s: %s", aside.name, error)
        try:
            shutil.rmtree(aside, ignore_errors=True)
            self._path.rename(aside)
            self._store = self._open()
        except Exception as second_error:
            log.warning("No article store for now, pages are fetched anew: %s", second_error)
            self._open_at = time.monotonic() + REOPEN_SECONDS


def _write(store: Rdict, key: bytes, value: bytes) -> None:
    """Write without waiting for long: a full disk would hold a write up for ever."""
    from rocksdict import WriteOptions  # noqa: PLC0415 - not needed for the first answer

    at_once = WriteOptions()
    at_once.no_slowdown = True
    for _ in range(STALLS_TOLERATED):
        try:
            store.put(key, value, at_once)
        except Exception as error:
            if "Write stall" not in str(error):
                raise
            time.sleep(STALL_SECONDS)
        else:
            return
    store.put(key, value, at_once)


def _key(story_id: int) -> bytes:
    return story_id.to_bytes(8)


def _options(max_bytes: int) -> Options:
    from rocksdict import (  # noqa: PLC0415
        BlockBasedOptions,
        Cache,
        DBCompactionStyle,
        DBCompressionType,
        FifoCompactOptions,
        Options,
    )

    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_compression_type(DBCompressionType.zstd())
    # Files are never merged, and the oldest is dropped when their sum is too large: a cache.
    options.set_compaction_style(DBCompactionStyle.fifo())
    fifo = FifoCompactOptions()
    buffer_bytes = min(LARGEST_BUFFER_BYTES, max_bytes // FILES_OF_A_STORE)
    fifo.max_table_files_size = max_bytes - 2 * buffer_bytes
    options.set_fifo_compaction_options(fifo)
    options.set_write_buffer_size(buffer_bytes)
    options.set_max_write_buffer_number(2)
    options.set_max_background_jobs(1)
    options.set_max_open_files(-1)  # as FIFO demands; there are at most some dozens
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(256 * 1024)
    table = BlockBasedOptions()
    table.set_bloom_filter(BLOOM_BITS, False)
    table.set_block_cache(Cache(BLOCK_CACHE_BYTES))
    options.set_block_based_table_factory(table)
    return options
