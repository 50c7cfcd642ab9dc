"""Questions about a story, answered from its page and its discussion only."""
