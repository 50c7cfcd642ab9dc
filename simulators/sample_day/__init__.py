"""A sample day of Hacker News, written for this project: all sites, people and facts are invented.

Each file of `stories/` is one story with its page and its discussion; see README.md.
"""
