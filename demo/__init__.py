"""The demo: all of HN Pal on this machine, with a chat page instead of Telegram."""
