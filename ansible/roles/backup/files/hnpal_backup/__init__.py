"""Verified dumps of HN Pal's database. Runs on the host's own Python."""
