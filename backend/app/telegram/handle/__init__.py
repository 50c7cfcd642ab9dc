"""Handles updates: routing, the handler context, and the commands."""
