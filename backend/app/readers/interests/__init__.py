"""Interests: what readers name, what it means, and which stories are about it."""
