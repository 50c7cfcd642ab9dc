"""A store of article texts in RocksDB: compressed, bounded, and disposable.

One process at a time can open the store. The bot also works without it: a missing text is fetched
again.
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
FILES_OF_A_STORE = 16  # the oldest one is dropped when the store is full
MAX_BUFFER_BYTES = 4 * 1024**2
BLOCK_CACHE_BYTES = 2 * 1024**2
BLOOM_BITS = 10
# Writes wait while earlier texts are flushed, on a full disk for ever.
STALLS_TOLERATED = 40
STALL_SECONDS = 0.05
# Errors outside the store, for which moving it aside would not help.
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

    All operations run one after the other in a single separate thread, so that a slow disk does not
    block the event loop, and the store is not opened, rebuilt or closed twice at the same time.

    Args:
        path: a directory used only by the store.
        max_bytes: on disk; the oldest texts are dropped first.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="article store")
        self._store: Rdict | None = None
        self._open_at = 0.0

    async def get(self, story_id: int) -> str | None:
        """The text of a story's page; None if it must be fetched again."""
        return await self._in_thread(self._get, story_id)

    async def put(self, story_id: int, text: str) -> None:
        """Store a text, if possible now."""
        await self._in_thread(self._put, story_id, text)

    async def close(self) -> None:
        """Close the store after pending operations. It cannot be used afterwards."""
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
        except Exception as error:  # rocksdict raises no specific errors
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
        except Exception as error:  # unflushed data is lost, for example on a full disk
            log.warning("The article store could not be closed properly: %s", error)

    def _opened(self) -> Rdict | None:
        if self._store is None and time.monotonic() >= self._open_at:
            try:
                self._store = self._open()
            except Exception as error:
                self._failed(error)
        return self._store

    def _open(self) -> Rdict:
        from rocksdict import Rdict

        self._path.mkdir(parents=True, exist_ok=True)
        return Rdict(str(self._path), _options(self._max_bytes))

    def _failed(self, error: Exception) -> None:
        self._close()
        if any(words in str(error).lower() for words in _SURROUNDINGS):
            log.warning("The article store is unavailable, pages are refetched: %s", error)
            self._open_at = time.monotonic() + REOPEN_SECONDS
            return
        aside = self._path.with_name(f"{self._path.name}.damaged")
        log.error("The article store is damaged and was moved to %s: %s", aside.name, error)
        try:
            shutil.rmtree(aside, ignore_errors=True)
            self._path.rename(aside)
            self._store = self._open()
        except Exception as second_error:
            log.warning("The article store is unavailable, pages are refetched: %s", second_error)
            self._open_at = time.monotonic() + REOPEN_SECONDS


def _write(store: Rdict, key: bytes, value: bytes) -> None:
    """Write with a time limit: a full disk would block the write for ever."""
    from rocksdict import WriteOptions

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
    from rocksdict import (
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
    # As in a cache, files are never merged, and the oldest is dropped when the limit is exceeded.
    options.set_compaction_style(DBCompactionStyle.fifo())
    fifo = FifoCompactOptions()
    buffer_bytes = min(MAX_BUFFER_BYTES, max_bytes // FILES_OF_A_STORE)
    fifo.max_table_files_size = max_bytes - 2 * buffer_bytes
    options.set_fifo_compaction_options(fifo)
    options.set_write_buffer_size(buffer_bytes)
    options.set_max_write_buffer_number(2)
    options.set_max_background_jobs(1)
    options.set_max_open_files(-1)  # required by FIFO; there are at most a few dozen
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(256 * 1024)
    table = BlockBasedOptions()
    table.set_bloom_filter(BLOOM_BITS, False)
    table.set_block_cache(Cache(BLOCK_CACHE_BYTES))
    options.set_block_based_table_factory(table)
    return options
