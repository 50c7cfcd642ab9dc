"""The outside world, simulated over real HTTP on loopback: Telegram, Hacker News and a language
model.
"""
