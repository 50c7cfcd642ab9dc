"""The bot on Telegram: polling, inbox, handlers, outbox and sender."""
