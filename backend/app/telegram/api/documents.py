"""Documents of outgoing messages: the outbox stores a file's name, the upload needs its content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import telegram

# An upload may take this much longer than other calls, to allow for a slow line.
MIN_BYTES_PER_SECOND = 250_000


@contextmanager
def with_document(
    parameters: Mapping[str, Any], folder: Path | None
) -> Iterator[tuple[dict[str, Any], float]]:
    """The parameters for the library, and the seconds that an upload adds to the call.

    A document is `{"filename", "file"}`, the name of a file in `folder`, or, from releases before
    1.1, `{"filename", "text"}`. A file is open during the block, and read while it is sent.

    Raises:
        FileNotFoundError: the file does not exist any more.
    """
    document = parameters.get("document")
    if not isinstance(document, dict):
        yield dict(parameters), 0.0
        return
    filename = document["filename"]
    if "text" in document:
        content = telegram.InputFile(document["text"].encode(), filename=filename)
        yield {**parameters, "document": content}, 0.0
        return
    if folder is None:
        raise FileNotFoundError(document["file"])
    path = folder / Path(document["file"]).name
    with path.open("rb") as file:
        content = telegram.InputFile(file, filename=filename, read_file_handle=False)
        yield {**parameters, "document": content}, path.stat().st_size / MIN_BYTES_PER_SECOND
