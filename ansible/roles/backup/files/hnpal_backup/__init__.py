"""Dumps of HN Pal's database that are known to restore. Runs on the host, on its own Python."""
