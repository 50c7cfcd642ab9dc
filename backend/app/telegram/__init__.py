"""Everything said to and by readers: polling, inbox, handlers, outbox, sender, wording."""
