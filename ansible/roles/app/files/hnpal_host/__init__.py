"""Keeps the app running on a host. Runs on the host's own Python."""
