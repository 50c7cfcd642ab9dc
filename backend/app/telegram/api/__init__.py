"""The Bot API over HTTP: its calls and their outcomes."""
