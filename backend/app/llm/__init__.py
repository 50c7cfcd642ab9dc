"""The one way to a language model: what it may cost, how it is asked, and what can go wrong."""
