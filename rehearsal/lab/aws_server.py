"""moto's server, extended to delete a delete marker of a versioned bucket.

moto 5.2 calls the marker's method that disposes of contents, which a marker does not have.
"""

from __future__ import annotations

import sys

from moto.s3.models import FakeDeleteMarker
from moto.server import main


def _nothing_to_dispose_of(_: FakeDeleteMarker) -> None:
    pass


if __name__ == "__main__":
    setattr(FakeDeleteMarker, "dispose", _nothing_to_dispose_of)  # noqa: B010 - not yet there
    main(sys.argv[1:])
