"""Readers: their settings, interests, opinions, and the schedules of their digests."""
