"""HN Pal: reads Hacker News for people and sends each of them a digest worth reading."""
