"""Hacker News: its lists, stories and comments, collected into PostgreSQL."""
