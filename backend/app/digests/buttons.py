"""The buttons of digests."""

from __future__ import annotations

# A button: its label and its callback data, at most 64 bytes. The data is
# `story:<id>`, `save:<id>`, `save:<id>:card`, `like:<id>`, `dislike:<id>`, `ask:<id>` or
# `why:<id>`; an id has at most 16 digits.
Button = tuple[str, str]
