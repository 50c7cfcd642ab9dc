"""Messages: stored in the outbox, claimed, and sent within Telegram's rate limits."""
