"""The picture that a page declares for previews (https://ogp.me), if Telegram can load it.

Nothing is fetched here: Telegram loads the address when a reader who wants pictures gets the story.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

MAX_ADDRESS = 500
# Limits of photos: https://core.telegram.org/bots/api#sendphoto
MAX_SIDES = 10_000  # width and height together
MAX_RATIO = 20
# Smaller ones are icons.
MIN_SIDE = 200
_NO_PHOTO = (".svg", ".gif", ".ico")
_LOCAL = (".local", ".internal", ".lan", ".home", ".localhost", ".onion")


def picture_of(declared: Mapping[str, str], page_url: str) -> str:
    """The https address of a page's picture; empty if there is none or it is no photo.

    Args:
        declared: the page's properties `og:image` and `og:image:*` or `twitter:image`.
    """
    sides = [_pixels(declared.get(f"og:image:{name}", "")) for name in ("width", "height")]
    if not _fits(sides):
        return ""
    names = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image")
    addresses = (_usable(declared.get(name, ""), page_url) for name in names)
    return next(filter(None, addresses), "")


def _pixels(words: str) -> int:
    words = words.strip().removesuffix("px")
    return int(words) if words.isdecimal() and words.isascii() and len(words) <= 6 else 0


def _fits(sides: list[int]) -> bool:
    known = [side for side in sides if side]
    if any(side < MIN_SIDE for side in known) or sum(known) > MAX_SIDES:
        return False
    return len(known) < 2 or max(known) <= MAX_RATIO * min(known)


def _usable(declared: str, page_url: str) -> str:
    try:
        address = urljoin(page_url, declared.strip()) if declared.strip() else ""
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or parts.username is not None or port not in (None, 443):
        return ""
    if not address.isascii() or not address.isprintable() or " " in address:
        return ""
    if len(address) > MAX_ADDRESS or parts.path.lower().endswith(_NO_PHOTO):
        return ""
    return address if _is_public(host) else ""


def _is_public(host: str) -> bool:
    """Whether the host is a name on the public internet, going by the name alone."""
    if "." not in host.strip(".") or host.rstrip(".").endswith(_LOCAL):
        return False
    try:
        ip_address(host)
    except ValueError:
        # Such as 127.1 and 0x7f.1, which resolvers take for addresses.
        return not host.rstrip(".").rpartition(".")[2][:1].isdigit()
    return False
