"""Simulated Telegram, Hacker News and language model, served over real HTTP on loopback."""
