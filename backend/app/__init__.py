"""HN Pal: a Telegram bot that sends personal digests of Hacker News."""

# The only place of the version; `scripts/release.py` changes it.
__version__ = "0.1.0"
