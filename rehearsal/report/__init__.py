"""The reports of a rehearsal: a table for the terminal, JSON, and an HTML page."""
