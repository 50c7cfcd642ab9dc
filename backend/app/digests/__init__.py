"""Choosing stories for a reader and putting them into messages."""
