"""Chooses stories for a reader and composes the messages."""
