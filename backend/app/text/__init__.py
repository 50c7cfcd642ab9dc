"""Text utilities: words, sentences, phrases, HTML from Hacker News and HTML for Telegram."""
